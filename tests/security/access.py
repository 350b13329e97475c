"""The table of access: who may use which address. Checked in, so that a change of rights shows in a review.

Written anew by `.venv/bin/python -m tests.security.access`; read what changed before you commit it.
"""

import csv
import io
import tempfile
from pathlib import Path

from litestar import Litestar

from kernel.auth.policies import PUBLIC
from tests.security.addresses import addresses_of

TABLE = Path(__file__).with_name("access.tsv")
HEADER = ["method", "path", "policy", "machines", "roles"]


def table_of(app: Litestar) -> str:
    """The table as text, one address a line."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(HEADER)
    for address in addresses_of(app):
        if address.policy == PUBLIC:
            writer.writerow([address.method, address.path, PUBLIC, "", ""])
            continue
        policy = app.state.policies.get(address.policy)
        machines = "machines" if policy.machines else ""
        writer.writerow([address.method, address.path, policy.name, machines, " ".join(sorted(policy.roles))])
    return text.getvalue()


def main() -> None:
    from kernel.ground import open_ground
    from kernel.settings import load_settings
    from portal.app import create_app
    from portal.rooms import ROOMS

    with tempfile.TemporaryDirectory() as folder:
        ground = open_ground(load_settings({"PARKLINK_DATA_DIR": folder}), rooms=ROOMS)
        TABLE.write_text(table_of(create_app(ground)), "utf-8")
    print(f"{TABLE.name}: {len(TABLE.read_text('utf-8').splitlines()) - 1} addresses")


if __name__ == "__main__":
    main()
