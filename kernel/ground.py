"""What a process stands on: settings, database, clock, keys and files, made once and handed down."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kernel import audit
from kernel.act import Act, Actor
from kernel.clock import Clock, SystemClock
from kernel.db import Database
from kernel.files import FileStore
from kernel.ids import new_id
from kernel.keys import KeyRing
from kernel.settings import Settings

if TYPE_CHECKING:
    from kernel.web.rooms import Room


class Ground(Struct):
    """The ground of one process; `rooms` are the rooms that portal has put together."""

    settings: Settings
    database: Database
    clock: Clock
    keys: KeyRing
    files: FileStore
    rooms: Sequence[Any] = ()
    """Rooms of kernel.web.rooms; not named here, because the web layer inspects these types while it stands above us."""

    def act(self, actor: Actor) -> Act:
        """Return a deed of the actor, now, outside any web request."""
        return Act(actor, self.clock.now(), request_id=str(new_id()))

    async def close(self) -> None:
        """Let go of every connection."""
        await self.database.dispose()


def open_ground(settings: Settings, *, clock: Clock | None = None, rooms: "Sequence[Room]" = ()) -> Ground:
    """Open the ground that the settings describe; makes the data folder and the keys when they are missing."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    keys = KeyRing.open(settings.key_dir)
    audit.conceal_addresses(lambda address: keys.mac(f"address:{address}"))
    return Ground(
        settings=settings,
        database=Database(settings.database_url),
        clock=clock or SystemClock(),
        keys=keys,
        files=FileStore(settings.files_url),
        rooms=rooms,
    )
