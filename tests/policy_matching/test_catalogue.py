"""The catalogue: all national policies are there with their facts, and a broken file says where and loads nothing."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from enterprises import VOCABULARY
from policy_matching.catalogue import (
    NATIONAL,
    PORTAL_ROUTES,
    SAMPLE,
    CatalogueFault,
    decode_item,
    encode_item,
    hash_item,
    load_folder,
    load_text,
)
from policy_matching.commands import check_policies
from policy_matching.engine.tree import criteria_of, facts_of
from tests.policy_matching.books import ITEMS

GOOD = """\
items:
  - id: one
    title: {zh: 一, en: One}
    document: 文〔2026〕1号
    issuer: {zh: 局, en: Office}
    route: here
    kind: subsidy
    valid: [2026-01-01, 2026-12-31]
    checked: 2026-11-23
    complete: true
    benefit: {type: fixed, amount: 1000}
    criteria:
      all:
        - id: staff
          zh: 人数
          en: Staff
          test: {fact: staff, at_most: 300}
"""


def test_the_catalogue_has_every_national_policy_and_a_sample_of_every_portal_route() -> None:
    national = [item for item in ITEMS.values() if not item.sample]
    assert len(national) == 29
    assert all(item.id.startswith("sample-") == item.sample for item in ITEMS.values())
    assert {item.route for item in ITEMS.values() if item.sample} == set(PORTAL_ROUTES)
    assert all(item.title.zh.startswith("【示例】") for item in ITEMS.values() if item.sample)


def test_the_national_policies_say_what_the_recorded_facts_say(shared_data: Path) -> None:
    recorded = yaml.safe_load((shared_data / "policies_cn.yaml").read_text(encoding="utf-8"))
    assert {entry["id"] for entry in recorded} == {name for name, item in ITEMS.items() if not item.sample}
    for entry in recorded:
        item = ITEMS[entry["id"]]
        assert (item.document, item.route, item.kind) == (entry["document"], entry["route"], entry["kind"])
        assert item.complete == entry["complete"]
        assert [item.valid.start, item.valid.end] == entry["valid"]
        assert item.replaces == entry.get("replaces", "")
        assert list(item.exclusive_with) == entry.get("exclusive_with", [])
        assert item.checked == entry["checked"]
        assert ["*" if not item.regions else list(item.regions)] == [entry["region"]]
        windows = [[window.start.isoformat(), window.end and window.end.isoformat()] for window in item.windows]
        assert windows == entry.get("windows", [])


@pytest.mark.parametrize("item_id", sorted(ITEMS))
def test_every_item_survives_its_json_and_asks_only_known_facts(item_id: str) -> None:
    item = ITEMS[item_id]
    assert decode_item(encode_item(item)) == item
    assert len(hash_item(item)) == 64
    assert facts_of(item.rule) <= set(VOCABULARY)
    assert all(criterion.zh and criterion.en and not criterion.quote for criterion in criteria_of(item.rule))


def test_the_hash_changes_with_the_rule() -> None:
    one, other = load_text("a", GOOD)[0], load_text("a", GOOD.replace("300", "301"))[0]
    assert hash_item(one) != hash_item(other)
    assert hash_item(one) == hash_item(load_text("b", GOOD)[0])


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("fact: staff", "fact: stuff", 17, "criteria.all.1.test.fact", "stuff"),
        ("at_most: 300", "at_most: many", 17, "at_most", "many"),
        ("at_most: 300", "atmost: 300", 17, "test", "at_most"),
        ("at_most: 300", "at_most: $limit", 17, "at_most", "limit"),
        ("at_most: 300", "at_most: 300, surprise: 1", 17, "surprise", ""),
        ("route: here", "route: hear", 6, "route", "hear"),
        ("complete: true", "complete: yes", 10, "complete", "yes"),
        ("checked: 2026-11-23", "checked: 2026-11-31", 9, "checked", "2026-11-31"),
        ("[2026-01-01, 2026-12-31]", "[2026-01-01, 2025-12-31]", 8, "valid", ""),
        ("    document: 文〔2026〕1号\n", "", 2, "document", ""),
        ("kind: subsidy", "kind: subsidy\n    kind: subsidy", 8, "kind", ""),
        ("zh: 人数", "zh: ''", 15, "zh", ""),
        ("type: fixed", "type: gift", 11, "type", "gift"),
        ("{fact: staff, at_most: 300}", "{fact: registered_on, at_most: 300}", 17, "age", ""),
        ("{fact: staff, at_most: 300}", "{fact: industry_code, under: [C99]}", 17, "under.1", "C99"),
        ("{fact: staff, at_most: 300}", "{fact: ownership, is: privat}", 17, "is", "privat"),
        ("{fact: staff, at_most: 300}", "{fact: revenue, years: 2, at_most: 1}", 17, "test", ""),
        ("{fact: staff, at_most: 300}", "{fact: staff, years: 2, each: true, at_most: 1}", 17, "years", "staff"),
        ("{fact: staff, at_most: 300}", "&a {fact: staff, at_most: 300}", 17, "", ""),
        ("criteria:", "criteria: [", 14, "", ""),
    ],
)
def test_a_broken_file_names_line_and_field(old: str, new: str, line: int, field: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogueFault) as caught:
        load_text("local.yaml", GOOD.replace(old, new))
    fault = caught.value.faults[0]
    assert (fault.file, fault.line) == ("local.yaml", line), str(fault)
    assert field in fault.field
    assert words in str(fault)


def test_one_broken_file_loads_nothing_and_every_fault_is_told(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(GOOD.replace("one", "two").replace("staff, at", "stuff, at"), encoding="utf-8")
    (tmp_path / "worse.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogueFault) as caught:
        load_folder(tmp_path)
    assert {fault.file for fault in caught.value.faults} == {"bad.yaml", "worse.yaml"}


def test_an_item_that_stands_twice_or_follows_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(GOOD.replace("route: here", "route: here\n    replaces: none"), encoding="utf-8")
    with pytest.raises(CatalogueFault) as caught:
        load_folder(tmp_path)
    assert [fault.field for fault in caught.value.faults] == ["one", "one.replaces"]


def test_the_shipped_folders_load_together() -> None:
    assert len(load_folder(NATIONAL, SAMPLE)) == len(ITEMS)
    assert ITEMS["cn-little-giant-2026"].windows[0].end == date(2026, 5, 25)


def test_the_check_command_tells_every_fault_and_loads_nothing(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(GOOD, encoding="utf-8")
    bad.write_text(GOOD.replace("fact: staff", "fact: stuff"), encoding="utf-8")
    passed = CliRunner().invoke(check_policies, [str(good)])
    assert (passed.exit_code, passed.output[:3]) == (0, "one")
    failed = CliRunner().invoke(check_policies, [str(good), str(bad), "--json"])
    assert failed.exit_code == 1
    told = json.loads(failed.output)
    assert [(fault["file"], fault["line"]) for fault in told["faults"]] == [("bad.yaml", 17)]
