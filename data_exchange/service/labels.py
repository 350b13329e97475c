"""The names of purposes, scopes, grades and states, in both languages, for pages, texts and errors."""

from enterprises import VOCABULARY
from kernel.data_use import PURPOSES
from kernel.texts import N_, Text

CONSENT_PURPOSES = {
    name: PURPOSES[name] for name in ("credit_scoring", "data_product", "policy_matching", "park_watch")
}
EXTRA_SCOPES = {
    "cloud_bills": Text("云资源账单", "Cloud bills"),
    "cloud_score": Text("云量评估分", "Cloud usage assessment"),
}
OFFER_PURPOSES = {
    "industry_analysis": N_("Industry analysis"),
    "risk_control": N_("Risk control"),
    "research": N_("Research"),
    "public_service": N_("Public service"),
}
LEVELS = {
    "general_1": N_("General data, grade 1"),
    "general_2": N_("General data, grade 2"),
    "general_3": N_("General data, grade 3"),
    "general_4": N_("General data, grade 4"),
    "important": N_("Important data"),
    "core": N_("Core data"),
}
MASKINGS = {
    "plain": N_("As it is"),
    "band": N_("Band of numbers"),
    "prefix": N_("First two signs of the code"),
    "year": N_("Year only"),
    "hash": N_("Keyed hash"),
}
IDENTITIES = {"named": N_("Company names shown"), "pseudonym": N_("Companies under pseudonyms")}
CONSENT_STATES = {
    "pending": N_("Not live yet"),
    "active": N_("Live"),
    "withdrawn": N_("Withdrawn"),
    "expired": N_("Expired"),
    "ended": N_("Ended by a change of control"),
}
AGREEMENT_STATES = {
    "requested": N_("Requested"),
    "agreed": N_("Agreed"),
    "declined": N_("Declined"),
    "signed_by_owner": N_("Signed by the owner"),
    "active": N_("Agreement in force"),
    "exhausted": N_("All uses taken"),
    "expired": N_("Expired"),
    "revoked": N_("Revoked"),
}
NAMED = 4


def scope_text(names: "list[str] | tuple[str, ...] | frozenset[str]") -> Text:
    """Return the scope of a permission in words; long ones are cut with their number."""
    found = [name_of_scope(name) for name in sorted(names)]
    zh, en = "、".join(one.zh for one in found[:NAMED]), ", ".join(one.en for one in found[:NAMED])
    if len(found) > NAMED:
        return Text(f"{zh}等 {len(found)} 项", f"{en} and {len(found) - NAMED} more")
    return Text(zh, en)


def name_of_scope(name: str) -> Text:
    """Return the name of one item of a scope."""
    if name in EXTRA_SCOPES:
        return EXTRA_SCOPES[name]
    definition = VOCABULARY.get(name)
    return Text(definition.zh, definition.en) if definition else Text(name, name)


def scope_topics() -> dict[str, list[str]]:
    """Return the items a consent can cover, by topic; "cloud" holds what is no fact of the vocabulary."""
    topics: dict[str, list[str]] = {}
    for definition in VOCABULARY.values():
        topics.setdefault(definition.topic, []).append(definition.name)
    return topics
