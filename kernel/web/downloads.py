"""Lists as files to keep: what `?export=csv|xlsx` answers on every list page."""

from collections.abc import Sequence
from typing import Any

from litestar import Response

from kernel.export import MEDIA_TYPES, export_rows
from kernel.paging import Listing
from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _


def download(listing: Listing, rows: Sequence[Any], form: str, name: str) -> Response[bytes]:
    """Return rows as a file; raises BadInput for a form we do not write."""
    if form not in MEDIA_TYPES:
        raise BadInput(fields=[FieldProblem("export", _("Exports are csv or xlsx."))])
    return Response(
        content=export_rows(listing, rows, "csv" if form == "csv" else "xlsx"),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )
