"""Texts: the right language for each reader, numbers and dates as people write them, and no text without its Chinese."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kernel import texts
from kernel.texts import Text, choose_locale, use_locale
from portal.operations.texts import check_texts

HOUSE = Path(__file__).resolve().parents[2]
LATE = datetime(2026, 11, 22, 20, 30, 5, tzinfo=UTC)  # already the 23rd in Shanghai


@pytest.mark.parametrize(
    ("wishes", "header", "expected"),
    [
        (("en", "zh_CN"), "zh", "en"),
        ((None, "en"), "zh", "en"),
        ((None, None), "en-GB,en;q=0.9,zh;q=0.8", "en"),
        ((None, None), "zh;q=0.3,en;q=0.2", "zh_CN"),
        ((None, None), "zh-TW,zh;q=0.9,en;q=0.8", "zh_CN"),
        ((None, None), "en;q=0,zh;q=0.1", "zh_CN"),
        ((None, None), "fr,de;q=0.5", "zh_CN"),
        ((None, None), ",,;q=x,en;q=wide", "zh_CN"),
        (("klingon", ""), "", "zh_CN"),
    ],
)
def test_cookie_goes_before_profile_before_browser_before_chinese(
    wishes: tuple[str | None, ...], header: str, expected: str
) -> None:
    assert choose_locale(*wishes, accept_language=header) == expected


@pytest.mark.parametrize(
    ("shown", "chinese", "english"),
    [
        (lambda: texts.number(1234567.891), "1,234,567.891", "1,234,567.891"),
        (lambda: texts.number(3, 1), "3.0", "3.0"),
        (lambda: texts.yuan(-5), "-¥0.05", "-¥0.05"),
        (lambda: texts.yuan(123456), "¥1,234.56", "¥1,234.56"),
        (lambda: texts.cny(Decimal(1860000)), "¥1,860,000", "¥1,860,000"),
        (lambda: texts.cny(Decimal("0.5")), "¥0.50", "¥0.50"),
        (lambda: texts.cny_short(Decimal(1860000)), "186万元", "¥1.86M"),
        (lambda: texts.cny_short(Decimal(120000000)), "1.2亿元", "¥120M"),
        (lambda: texts.cny_short(Decimal(9999)), "¥9,999", "¥9,999"),
        (lambda: texts.percent(Decimal("-0.125")), "-12.5%", "-12.5%"),
        (lambda: texts.day(LATE), "2026-11-23", "23 Nov 2026"),
        (lambda: texts.day(date(2026, 1, 2), "long"), "2026年1月2日", "2 January 2026"),
        (lambda: texts.moment(LATE), "2026-11-23 04:30", "23 Nov 2026, 04:30"),
        (lambda: texts.moment(LATE, seconds=True), "2026-11-23 04:30:05", "23 Nov 2026, 04:30:05"),
        (lambda: Text("园区", "Park").local(), "园区", "Park"),
        (lambda: texts.local({"name_zh": "甲", "name_en": ""}, "name"), "甲", "甲"),
        (lambda: texts.number(None) + texts.day(None) + texts.yuan(None), "———", "———"),
    ],
)
def test_figures_and_days_are_written_as_each_reader_writes_them(shown: object, chinese: str, english: str) -> None:
    with use_locale("zh"):
        assert shown() == chinese  # type: ignore[operator]
    with use_locale("en"):
        assert shown() == english  # type: ignore[operator]


async def test_two_readers_at_once_keep_their_own_language() -> None:
    async def read(locale: str) -> list[str]:
        seen = []
        with use_locale(locale):
            for _round in range(5):
                seen.append(texts.current_locale())
                await asyncio.sleep(0)
        return seen

    chinese, english = await asyncio.gather(read("zh"), read("en"))
    assert set(chinese) == {"zh_CN"}
    assert set(english) == {"en"}


def test_a_message_is_translated_and_its_places_filled(tmp_path: Path) -> None:
    package = _package(
        tmp_path, '_("%(share)s of 100%%", share=1)', 'msgid "%(share)s of 100%%"\nmsgstr "100%% 中的 %(share)s"\n'
    )
    try:
        texts.load_texts([package])
        with use_locale("zh"):
            assert texts.gettext("%(share)s of 100%%", share="5") == "100% 中的 5"
            assert texts.gettext("Not in any catalogue") == "Not in any catalogue"
            assert texts.gettext("") == ""
        with use_locale("en"):
            assert texts.gettext("%(share)s of 100%%", share="5") == "5 of 100%"
            assert texts.ngettext("%(num)s case", "%(num)s cases", 2) == "2 cases"
    finally:
        texts.load_texts(HOUSE / name for name in _packages())


def _packages() -> tuple[str, ...]:
    return ("kernel", "enterprises", "data_exchange", "park", "policy_matching", "credit", "portal")


def test_every_text_of_the_house_has_its_chinese() -> None:
    faults = [f"{fault.where}: {fault.why}: {fault.message}" for fault in check_texts(HOUSE)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("source", "catalogue", "why"),
    [
        ('_("Hello")', "", "no Chinese translation"),
        ('_("Hello")', '#, fuzzy\nmsgid "Hello"\nmsgstr "你好"\n', "fuzzy"),
        ('_("Hello")', 'msgid "Hello"\nmsgstr ""\n', "empty"),
        ('_("Hello")', 'msgid "Hello"\nmsgstr "你好"\n\nmsgid "Gone"\nmsgstr "没了"\n', "no longer said anywhere"),
        ('_("Hello %(name)s", name=1)', 'msgid "Hello %(name)s"\nmsgstr "你好 %(nom)s"\n', "a placeholder"),
    ],
)
def test_a_planted_fault_in_a_catalogue_is_found(tmp_path: Path, source: str, catalogue: str, why: str) -> None:
    _package(tmp_path, source, catalogue)
    assert [fault for fault in check_texts(tmp_path) if fault.why.startswith(why)]


def test_two_packages_that_translate_one_text_differently_are_told(tmp_path: Path) -> None:
    _package(tmp_path, '_("Open")', 'msgid "Open"\nmsgstr "打开"\n', "park")
    _package(tmp_path, '_("Open")', 'msgid "Open"\nmsgstr "开放申报"\n', "portal")
    assert [fault.message for fault in check_texts(tmp_path) if "differently" in fault.why] == ["Open"]


def _package(root: Path, source: str, catalogue: str, name: str = "portal") -> Path:
    folder = root / name / "locale" / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    (folder / "messages.po").write_text(head + catalogue, "utf-8")
    (root / name / "words.py").write_text(f"{source}\n", "utf-8")
    return root / name
