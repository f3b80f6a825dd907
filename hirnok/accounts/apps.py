"""Django's registration of the package."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hirnok.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Put our recovery codes in the place of allauth's."""
        from hirnok.accounts import recovery_codes  # noqa: PLC0415 (models are there only now)

        recovery_codes.install()
