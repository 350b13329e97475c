"""The statements of the shell over the ground's own tables."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Actor
from kernel.identity import Person
from kernel.problems import NotFound


async def find_person(db: AsyncSession, actor: Actor) -> Person:
    """Return the actor's own person; NotFound for machines."""
    person = await db.get(Person, actor.id) if actor.kind != "client" and actor.id else None
    if person is None:
        raise NotFound
    return person


async def find_login(db: AsyncSession, actor: Actor) -> str:
    """Return the login name of the person behind a session."""
    login = await db.scalar(select(Person.login).where(Person.id == actor.id))
    if login is None:
        raise NotFound
    return login


async def rename_person(db: AsyncSession, actor: Actor, name: str, locale: str) -> None:
    """Change the actor's own name and language."""
    await db.execute(update(Person).where(Person.id == actor.id).values(name=name, locale=locale))
