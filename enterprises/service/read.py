"""The fact door: a company's facts are read under a legal basis, and the use is recorded in the same transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import store
from enterprises.contracts import Facts, FactValue, RunBasis
from enterprises.rules import SIZE_INPUTS, derive_size, order_values
from enterprises.service.record import as_value
from enterprises.snapshot import FactSnapshot
from enterprises.vocabulary import VOCABULARY
from kernel import data_use, scope
from kernel.act import Act
from kernel.data_use import PURPOSES, UseBasis
from kernel.problems import BadInput, FieldProblem, NotFound, Problem, Refusal
from kernel.texts import gettext as _

Series = dict[str, tuple[FactValue, ...]]


async def read_facts(
    db: AsyncSession, act: Act, basis: UseBasis, names: Iterable[str] | None = None, as_of: datetime | None = None
) -> Facts:
    """Return facts of the basis's subject as they were known at a moment (now, if not given).

    Without names: everything the basis covers. The data_use row is written in the caller's transaction; a company's
    look at itself leaves none. Raises Refusal (recorded on both sides) when the basis is not the actor's, has
    expired or does not cover a name; BadInput for a name the vocabulary lacks.
    """
    wanted = _names(basis, names)
    _check_holder(act, basis, wanted)
    if basis.kind == "contract" and not await _has_contract(db, act, basis.subject_id):
        raise data_use.refuse(act, basis.subject_id, basis.purpose, wanted, "no contract", basis=basis)
    data_use.record(db, act, basis, wanted)
    moment = min(as_of, act.now) if as_of is not None else act.now
    series = await _series(db, act, [basis.subject_id], wanted, moment)
    return Facts(basis.subject_id, moment, wanted, series[basis.subject_id])


async def read_facts_of_many(
    db: AsyncSession, act: Act, bases: Sequence[UseBasis], names: Iterable[str], as_of: datetime | None = None
) -> dict[UUID, Facts]:
    """Return the same facts of several companies, each under its own basis; every use is recorded as in read_facts."""
    wanted = _known(names)
    for basis in bases:
        _check_holder(act, basis, wanted)
        data_use.record(db, act, basis, wanted)
    moment = min(as_of, act.now) if as_of is not None else act.now
    subjects = [basis.subject_id for basis in bases]
    series = await _series(db, act, subjects, wanted, moment)
    return {subject: Facts(subject, moment, wanted, series[subject]) for subject in subjects}


async def snapshot_facts(
    db: AsyncSession,
    act: Act,
    run: RunBasis,
    enterprise_ids: Sequence[UUID],
    names: Iterable[str],
    as_of: datetime | None = None,
) -> FactSnapshot:
    """Return the facts of many companies at once, with provenance, and record the run with its population.

    A batch acts under a law (the system or an office) or under a park's contracts with its tenants; consents and
    agreements are read one by one. Raises Refusal otherwise.
    """
    wanted = _known(names)
    ids = list(dict.fromkeys(enterprise_ids))
    if act.actor.kind != "system" and not (run.kind == "statutory" and act.actor.has("officer")):
        if run.kind != "contract" or act.actor.organisation_kind != "park":
            raise data_use.refuse(act, None, run.purpose, wanted, "no basis for a batch")
        for subject_id in ids:
            if not await _has_contract(db, act, subject_id):
                raise data_use.refuse(act, subject_id, run.purpose, wanted, "no contract")
    run_id = data_use.record_run(db, act, run.purpose, run.kind, run.reference, wanted, ids)
    moment = min(as_of, act.now) if as_of is not None else act.now
    return FactSnapshot(run_id, moment, ids, wanted, await _series(db, act, ids, wanted, moment))


async def refuse_foreign_read(
    db: AsyncSession, act: Act, enterprise_id: UUID, names: Iterable[str], problem: Problem | None = None
) -> Refusal:
    """Return the recorded refusal of a read of another company's facts that brought no basis.

    To the asker a foreign company and none at all look the same.
    """
    subject = enterprise_id if await store.exists(db, act, enterprise_id) else None
    return data_use.refuse(act, subject, "own_view", names, "no basis", problem=problem or NotFound())


def _check_holder(act: Act, basis: UseBasis, names: Sequence[str]) -> None:
    """Refuse a basis that somebody else holds, or one whose purpose nobody knows."""
    if act.actor.kind == "system":
        return
    foreign = basis.recipient_id is None or basis.recipient_id != act.actor.organisation_id
    unfounded = basis.kind == "own" and basis.subject_id != act.actor.organisation_id
    if foreign or unfounded or basis.purpose not in PURPOSES:
        raise data_use.refuse(act, basis.subject_id, basis.purpose, names, "not the holder's basis", basis=basis)


async def _has_contract(db: AsyncSession, act: Act, subject_id: UUID) -> bool:
    """Tell whether a park's contract stands: a tenant that has left is not read any more; others prove theirs before."""
    holder = act.actor.organisation_id
    if act.actor.kind == "system" or act.actor.organisation_kind != "park":
        return True
    return holder is not None and await scope.is_linked(db, holder, subject_id, "tenant")


def _names(basis: UseBasis, names: Iterable[str] | None) -> list[str]:
    if names is not None:
        return _known(names)
    if "*" in basis.scope:
        return list(VOCABULARY)
    return [name for name in VOCABULARY if name in basis.scope]


def _known(names: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(names))
    unknown = [name for name in wanted if name not in VOCABULARY]
    if unknown:
        raise BadInput(
            fields=[FieldProblem("names", _("There is no fact called %(name)s.", name=name[:60])) for name in unknown]
        )
    return wanted


async def _series(
    db: AsyncSession, act: Act, ids: Sequence[UUID], names: Sequence[str], moment: datetime
) -> Mapping[UUID, Series]:
    """Return, for each company, the values of each name in the order in which they count."""
    derives_size = "size_class" in names
    fetched = list(dict.fromkeys((*names, *SIZE_INPUTS))) if derives_size else list(names)
    found: dict[UUID, dict[str, list[FactValue]]] = defaultdict(lambda: defaultdict(list))
    for row in await store.known_facts(db, act, ids, fetched, moment):
        found[row.enterprise_id][row.name].append(as_value(row))
    ordered: dict[UUID, Series] = {}
    for subject_id in ids:
        series = {name: order_values(values) for name, values in found[subject_id].items()}
        if derives_size and not series.get("size_class"):
            size = derive_size(series)
            series["size_class"] = (size,) if size is not None else ()
        ordered[subject_id] = {name: series.get(name, ()) for name in names}
    return ordered
