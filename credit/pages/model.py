"""The model card: what a model rests on, every step of every characteristic, and what it must not be taken for."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from credit import service
from credit.features import ALLOWED, FEATURES
from credit.pages.show import card_rows, feature_name
from credit.rules import show_points
from credit.scorecard.scoring import thousandths
from kernel.texts import N_, local, percent
from kernel.web import ActDep, ReadDb, StrictRequest, page

KINDS = {
    "expert card": N_("Expert card"), "woe logistic": N_("WOE and logistic regression"),
    "additive boosting": N_("Additive boosting"),
}  # fmt: skip
DIRECTIONS = {"up": N_("more is better"), "down": N_("less is better"), "none": N_("no direction")}


@get("/credit/models/{sha256:str}", opt={"policy": "credit.model"}, include_in_schema=False)
async def show_model(request: StrictRequest, read_db: ReadDb, act: ActDep, sha256: FromPath[str]) -> Response[Any]:
    """Show the card of a model by its hash, or of the one that scores today ("current")."""
    scorer = service.champion() if sha256 == "current" else await service.find_scorer(read_db, sha256)
    artefact = scorer.artefact
    context = {
        "artefact": artefact, "kinds": KINDS, "back": "/lender" if act.actor.has("lender") else "/credit",
        "lowest": show_points(thousandths(artefact.lowest())), "highest": show_points(thousandths(artefact.highest())),
        "bands": [
            {
                "name": grade.name, "from": show_points(thousandths(grade.at_least)),
                "probability": percent(scorer.probability(thousandths(grade.at_least)), 2),
            }
            for grade in artefact.grades
        ],
        "characteristics": [
            {
                "label": feature_name(each.name), "definition": local(ALLOWED[each.name], "definition"),
                "purpose": local(ALLOWED[each.name], "purpose"), "direction": DIRECTIONS[each.direction],
                "steps": card_rows(each, scorer),
            }
            for each in artefact.characteristics
        ],
        "others": [
            {"label": local(each, "name"), "definition": local(each, "definition"), "purpose": local(each, "purpose")}
            for each in FEATURES
            if each.name not in {one.name for one in artefact.characteristics}
        ],
    }  # fmt: skip
    return page(request, "credit/model.html", context)


MODEL_PAGES = (show_model,)
