"""Django's registration of the package."""

from django.apps import AppConfig
from django.core import checks


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
