"""The file of rejected rows: each with its number, its reason in the user's language, and its cells."""

from collections.abc import Iterator

from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.contacts import export, imports, wording
from hirnok.contacts.models import Import
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.downloads import csv_pieces


def streamed_csv(tenant: Tenant, run: Import, language: str) -> Iterator[bytes]:
    """Yield the bytes of the file, in a transaction of their own; formulas are escaped."""
    with acting_for(tenant), translation.override(language):
        for piece in csv_pieces(rows(run), language):
            yield piece.encode()


def rows(run: Import) -> Iterator[list[export.Cell]]:
    """Yield the header and a row for each that was not taken."""
    yield [_("Row"), _("Reason"), *run.settings.get("header", ())]
    for one in imports.rejected_rows(run):
        yield [one.row, wording.rejection(one.reason, one.details), *one.cells]
