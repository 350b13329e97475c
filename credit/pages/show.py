"""How scores, values and steps are written for people, in their language."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from credit.features import ALLOWED
from credit.models import ScoreRow
from credit.rules import show_points
from credit.scorecard import Scorer
from credit.scorecard.artefact import UNIT, Characteristic
from credit.scorecard.scoring import UNKNOWN_STEP, thousandths
from credit.service.scoring import HistoryPoint
from kernel.texts import N_, cny, day, local, number, percent
from kernel.texts import gettext as _

GRADES = {"A": N_("A: pulled from the provider"), "B": N_("B: matched to e-invoices"), "C": N_("C: uploaded")}
PURPOSES = {
    "loan_application": N_("Loan application"), "credit_review": N_("Review of a limit"),
    "loan_monitoring": N_("Watching a loan"),
}  # fmt: skip
OUTCOMES = {"scored": N_("Scored"), "no_data": N_("No bills"), "refused": N_("Refused")}
SEVERITIES = {"error": N_("Error"), "defect": N_("Defect"), "note": N_("Note")}
VERDICTS = {
    "conformant": N_("Meets FOCUS"), "usable": N_("Counted, with findings"), "refused": N_("Refused"), "": N_("Not read yet"),
}  # fmt: skip
# The embedded default of the setting, so that the demo speaks both languages; a deployment names its own.
DEMO_LEGAL_BASIS = N_("demo: own-model mode on data the company authorised")
BAND_TONES = ("bad", "warn", "accent", "info", "ok")


def feature_name(name: str) -> str:
    """Return what a figure is called in the reader's language."""
    return local(ALLOWED[name], "name")


def show_value(name: str, value: str | None) -> str:
    """Write the value of a figure with its unit."""
    if value is None:
        return _("unknown")
    unit, exact = ALLOWED[name].unit, Decimal(value)
    if unit == "CNY/month":
        return _("%(amount)s a month", amount=cny(exact))
    if unit == "ratio":
        return percent(exact)
    if unit == "ratio/month":
        return _("%(share)s a month", share=percent(exact))
    if unit == "months":
        return _("%(number)s months", number=number(exact))
    if unit == "days":
        return _("%(number)s days", number=number(exact))
    return number(exact)


def show_step(scorer: Scorer, name: str, step: int) -> str:
    """Write the bounds of the step a value fell into."""
    if step == UNKNOWN_STEP:
        return _("unknown")
    above, up_to = scorer.step_label(name, step)
    low = show_value(name, f"{Decimal(above)}") if above else ""
    high = show_value(name, f"{Decimal(up_to)}") if up_to else ""
    if not low:
        return _("up to %(bound)s", bound=high)
    return _("above %(bound)s", bound=low) if not high else _("%(low)s to %(high)s", low=low, high=high)


def score_view(row: ScoreRow, scorer: Scorer) -> dict[str, Any]:
    """Return what a page shows of a score: figures, contributions, reasons, all in the reader's language."""
    return {
        "score": show_points(row.points), "base": show_points(row.base), "grade": row.grade,
        "probability": percent(row.default_probability, 2), "as_of": row.as_of, "data_until": row.data_until,
        "data_age": row.data_age_days, "source_grade": row.source_grade, "currency": row.currency,
        "model_title": local(scorer.artefact.title), "model_version": row.model_version, "model_sha256": row.model_sha256,
        "declaration": local(scorer.artefact.declaration), "tone": band_tone(scorer, row.grade),
        "lowest": show_points(thousandths(scorer.artefact.lowest())),
        "highest": show_points(thousandths(scorer.artefact.highest())),
        "contributions": [
            {
                "label": feature_name(each["name"]), "value": show_value(each["name"], each["value"]),
                "step": show_step(scorer, each["name"], each["step"]), "known": each["value"] is not None,
                "points": signed(each["points"]), "best": signed(each["best"]), "gains": each["points"] >= 0,
            }
            for each in row.contributions
        ],
        "reasons": [
            {
                "text": local(each), "label": feature_name(each["name"]),
                "value": show_value(each["name"], each["value"]), "lost": show_points(each["lost"]),
            }
            for each in row.reasons
        ],
    }  # fmt: skip


def signed(thousandth_points: int) -> str:
    """Write points with their sign."""
    return ("+" if thousandth_points > 0 else "") + show_points(thousandth_points).replace("-", "−")


def band_tone(scorer: Scorer, grade: str) -> str:
    """Return the tone of a band: the best is ok, the last bad."""
    names = [each.name for each in scorer.artefact.grades]
    return BAND_TONES[-1 - names.index(grade)] if grade in names and len(names) == len(BAND_TONES) else "neutral"


def gauge(row: ScoreRow, scorer: Scorer) -> dict[str, Any]:
    """Return the gauge of a score for the chart driver."""
    floors = sorted(float(each.at_least) for each in scorer.artefact.grades)
    top = float(scorer.artefact.highest())
    bands = [{"to": bound, "tone": tone} for bound, tone in zip([*floors[1:], top], BAND_TONES, strict=False)]
    return {"kind": "gauge", "value": row.points / UNIT, "min": 0, "max": top, "unit": _("points"), "bands": bands}


def waterfall(row: ScoreRow) -> dict[str, Any]:
    """Return the contributions of a score for the chart driver; those that change nothing are left out."""
    steps = [
        {"name": feature_name(each["name"]), "value": each["points"] / UNIT}
        for each in row.contributions
        if each["points"] != 0
    ]
    return {
        "kind": "waterfall", "unit": _("points"), "start": {"name": _("Base"), "value": row.base / UNIT},
        "steps": steps, "end": {"name": _("Score"), "value": row.points / UNIT},
    }  # fmt: skip


def waterfall_table(view: dict[str, Any]) -> dict[str, Any]:
    """Return the same contributions as a table."""
    rows = [[_("Base"), "", view["base"]]]
    rows += [[each["label"], each["value"], each["points"]] for each in view["contributions"]]
    return {"head": [_("Characteristic"), _("Value"), _("Points")], "rows": [*rows, [_("Score"), "", view["score"]]]}


def history_line(points: Sequence[HistoryPoint]) -> dict[str, Any]:
    """Return past scores for the chart driver."""
    return {
        "kind": "line", "unit": _("points"), "x": [day(point.as_of) for point in points],
        "series": [{"name": _("Score"), "values": [point.points / UNIT for point in points], "style": "area"}],
    }  # fmt: skip


def history_table(points: Sequence[HistoryPoint]) -> dict[str, Any]:
    """Return past scores as a table."""
    rows = [[day(point.as_of), show_points(point.points), point.grade] for point in points]
    return {"head": [_("Day"), _("Score"), _("Band")], "rows": rows}


def exact_text(amount: Decimal) -> str:
    """Write an amount with every digit it has, grouped."""
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def card_rows(each: Characteristic, scorer: Scorer) -> list[dict[str, Any]]:
    """Return the steps of a characteristic for the model card."""
    steps = [
        {"step": show_step(scorer, each.name, index), "points": signed(thousandths(points))}
        for index, points in enumerate(each.points)
    ]
    return [*steps, {"step": _("unknown"), "points": signed(thousandths(each.unknown))}]
