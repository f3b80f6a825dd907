"""`migrate`, and then what the models declare beside their columns: keys, policies, grants (`tenants.rows`)."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from hirnok.tenants import rows


class Command(migrate.Command):
    """Django's own command, followed by `rows.settle`."""

    def handle(self, *arguments: Any, **options: Any) -> None:
        super().handle(*arguments, **options)
        if (
            not options.get("app_label")
            and not options.get("plan")
            and not options.get("check_unapplied")
        ):
            rows.settle(connections[options["database"]])
