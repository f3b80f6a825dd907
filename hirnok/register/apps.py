"""Django's registration of the package."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import connections, transaction
from django.db.models.signals import post_migrate


class RegisterConfig(AppConfig):
    name = "hirnok.register"
    label = "register"

    def ready(self) -> None:
        """Let nothing start while a column is not classified."""
        from hirnok.register.checks import (  # noqa: PLC0415 - models are not ready before
            check_declarations,
            check_tables,
        )

        checks.register(check_declarations)
        checks.register(check_tables, checks.Tags.database)
        post_migrate.connect(_complete, sender=self)


def _complete(using: str, **_told: Any) -> None:
    """After a migrate, and after a test has emptied the tables, law and registers are complete."""
    from hirnok.register import founding, law  # noqa: PLC0415 - models are not ready before
    from hirnok.register.models import LegalRule  # noqa: PLC0415
    from hirnok.tenants.acting import acting_for  # noqa: PLC0415
    from hirnok.tenants.models import Tenant  # noqa: PLC0415

    if LegalRule._meta.db_table not in connections[using].introspection.table_names():
        return  # migrated to an earlier state
    law.sync()
    for tenant in Tenant.objects.all():
        with transaction.atomic(), acting_for(tenant):
            founding.complete(tenant, at=tenant.created_at)
