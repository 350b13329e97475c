"""The code tables: golden cases, and python-stdnum as an oracle made by others."""

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import uscc as standard

from enterprises.codes import (
    check_division,
    check_industry,
    check_uscc,
    complete_uscc,
    current_division,
    division_name,
    division_path,
    find_divisions,
    find_industries,
    industry_name,
    industry_section,
)
from enterprises.codes.tables import rows
from enterprises.codes.uscc import ALPHABET, organisation_check_digit

# Published on the companies' own pages and in the national publicity system.
REAL_CODES = ("91110000600037341L", "914403001922038216", "91330100799655058B", "91440300708461136T")

counties = st.sampled_from([row[0] for row in rows("divisions.tsv") if not row[0].endswith("00")])
heads = st.builds(
    lambda kind, county, serial: f"9{kind}{county}{serial}",
    st.sampled_from("123"),
    counties,
    st.text(ALPHABET, min_size=8, max_size=8),
)


@pytest.mark.parametrize("code", REAL_CODES)
def test_real_credit_codes_are_right(code):
    assert check_uscc(code).ok
    assert check_uscc(f" {code[:2]}-{code[2:8].lower()} {code[8:].lower()} ").code == code


@given(heads)
def test_completed_codes_are_right_here_and_for_the_standard_library(head):
    code = complete_uscc(head)
    assert check_uscc(code).ok
    assert standard.is_valid(code)


@given(heads, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found_and_its_right_code_is_among_the_suggestions(head, place, character):
    code = complete_uscc(head)
    assume(code[place] != character)
    wrong = code[:place] + character + code[place + 1 :]
    check = check_uscc(wrong)
    assert not check.ok
    assert not standard.is_valid(wrong)
    assert check.zh.startswith("统一社会信用代码有误") and check.en.startswith(
        "The unified social credit code is wrong"
    )
    assert check.position is not None
    if check.suggestions:
        assert all(check_uscc(one).ok for one in check.suggestions)
        assert code in check.suggestions


@given(heads, st.integers(0, 16))
def test_swapped_neighbours_are_found(head, place):
    code = complete_uscc(head)
    assume(code[place] != code[place + 1])
    assert not check_uscc(code[:place] + code[place + 1] + code[place] + code[place + 2 :]).ok


@pytest.mark.parametrize(
    ("code", "position", "zh", "en"),
    [
        ("91110000600037341", None, "应为 18 位，现为 17 位", "this one has 17"),
        ("", None, "现为 0 位", "this one has 0"),
        ("9111000060003734IL", 17, "第 17 位“I”不是代码字符", "did you mean '1'?"),
        ("91110000600O37341L", 12, "第 12 位“O”不是代码字符", "did you mean '0'?"),
        ("G1110000600037341L", 1, "不是登记管理部门代码", "not a registering department"),
        ("9111A000600037341L", 5, "第 5 位“A”应为数字", "position 5: 'A' must be a digit"),
        ("91110000600037341M", 18, "第 18 位“M”应为“L”", "position 18 should be 'L' instead of 'M'"),
        ("91110000600037431L", 15, "第 15、16 位颠倒", "positions 15 and 16 are swapped"),
        ("91110000600037351L", 17, "第 16 位“5”应为“4”", "position 16 should be '4' instead of '5'"),
        ("911100006000373＃1L", 16, "应为数字或大写英文字母", "neither a digit nor a capital letter"),
    ],
)
def test_a_wrong_credit_code_names_the_place(code, position, zh, en):
    check = check_uscc(code)
    assert not check.ok
    assert check.position == position
    assert zh in check.zh and en in check.en


def test_organisation_check_digits_of_the_standard():
    # GB 11714-1997 annex: D2143569-X; and 600037341 of a real code.
    assert organisation_check_digit("D2143569") == "X"
    assert organisation_check_digit("60003734") == "1"


def test_the_industry_table_has_the_numbers_of_the_standard():
    sizes = [len(row[0]) for row in rows("industries.tsv") if row[0].isdigit()]
    assert (sizes.count(2), sizes.count(3), sizes.count(4)) == (97, 473, 1382)
    assert sum(row[0].isalpha() for row in rows("industries.tsv")) == 20
    assert all(name for _code, name in rows("industries.tsv"))


def test_industries_of_the_shared_transcription_are_all_there(shared_data: Path):
    told = json.loads((shared_data / "cn_gbt4754_2017.json").read_text(encoding="utf-8"))["codes"]
    for code, entry in told.items():
        if entry["name"]:
            assert industry_name(code) == entry["name"].replace("（3D)", "（3D）"), code


@pytest.mark.parametrize(
    ("code", "name", "section"),
    [
        ("6513", "应用软件开发", "I"),
        ("0179", "其他中药材种植", "A"),
        ("970", "国际组织", "T"),
        ("C", "制造业", "C"),
        ("3963", "智能无人飞行器制造", "C"),
        ("84", "卫生", "Q"),
        ("85", "社会工作", "Q"),
    ],
)
def test_industries(code, name, section):
    assert check_industry(code).ok
    assert industry_name(code) == name
    assert industry_section(code) == section


@pytest.mark.parametrize(
    ("code", "position", "suggested"),
    [
        ("6515", 4, "6513"),
        ("6581", 3, None),
        ("98", 2, "89"),
        ("I65", None, None),
        ("６５１３", None, None),
        ("", None, None),
    ],
)
def test_an_unknown_industry_is_named_and_near_ones_suggested(code, position, suggested):
    check = check_industry(code)
    assert not check.ok
    assert check.position == position
    assert code.strip() in check.zh and code.strip() in check.en
    if suggested:
        assert suggested in check.suggestions


def test_the_division_table_has_the_numbers_of_its_source():
    codes = [row[0] for row in rows("divisions.tsv")]
    provinces = [code for code in codes if code.endswith("0000")]
    prefectures = [code for code in codes if code.endswith("00") and not code.endswith("0000")]
    assert (len(provinces), len(prefectures), len(codes) - len(provinces) - len(prefectures)) == (34, 333, 2847)


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("330106", ("浙江省", "杭州市", "西湖区")),
        ("110108", ("北京市", "海淀区")),
        ("441900", ("广东省", "东莞市")),
        ("429004", ("湖北省", "仙桃市")),
        ("310115", ("上海市", "浦东新区")),
    ],
)
def test_divisions(code, path):
    assert check_division(code).ok
    assert division_path(code) == path
    assert division_name(code) == path[-1]


@pytest.mark.parametrize(
    ("code", "zh", "suggested"),
    [
        ("330104", "已于 2021 年停用，现为 330102 上城区", "330102"),
        ("330100", "不是县级", "330102"),
        ("330000", "不是县级", "330102"),
        ("330199", "不在 GB/T 2260 中", None),
        ("999999", "不在 GB/T 2260 中", None),
        ("33010", "应为 6 位数字", None),
        ("33O106", "应为 6 位数字", None),
    ],
)
def test_a_wrong_division_is_named(code, zh, suggested):
    check = check_division(code)
    assert not check.ok
    assert code in check.zh and code in check.en and zh in check.zh
    if suggested:
        assert suggested in check.suggestions


def test_retired_divisions_lead_to_the_present_ones():
    assert division_name("330104") == "江干区"
    assert current_division("330104") == "330102"
    assert division_path("330104") == ("浙江省", "杭州市", "上城区")
    assert current_division("999999") is None
    known = {row[0] for row in rows("divisions.tsv")}
    for code, _name, _year, successor in rows("divisions_former.tsv"):
        assert code not in known
        assert successor in known or successor == ""


def test_codes_are_found_by_name_and_by_first_digits():
    assert ("330106", "浙江省杭州市西湖区") in find_divisions("西湖")
    assert find_divisions("33010") and all(code.startswith("33010") for code, _name in find_divisions("33010"))
    assert ("6513", "应用软件开发") in find_industries("应用软件")
    assert find_industries("没有这个行业") == []
