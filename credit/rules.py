"""Pure decisions of the room: what may become of an import, what a question may end in, how points are shown."""

from decimal import Decimal

POINT = Decimal(1000)
PURPOSES = ("loan_application", "credit_review", "loan_monitoring")
OUTCOMES = ("scored", "no_data", "refused")
SCORE_SCOPE = frozenset({"cloud_score"})
CONSENT_PURPOSE = "credit_scoring"
IMPORT_STEPS: dict[str, frozenset[str]] = {
    "waiting": frozenset({"loaded", "refused", "withdrawn"}),
    "loaded": frozenset({"withdrawn"}),
    "refused": frozenset(),
    "withdrawn": frozenset(),
}


def may_become(state: str, wanted: str) -> bool:
    """Tell whether an import in one state may go to another."""
    return wanted in IMPORT_STEPS[state]


def show_points(thousandths: int) -> str:
    """Write thousandths of a point exactly, without needless zeros: 760000 -> "760", -2500 -> "-2.5"."""
    text = format(Decimal(thousandths) / POINT, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
