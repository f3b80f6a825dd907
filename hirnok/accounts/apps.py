"""Django's registration of the package."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hirnok.accounts"
    label = "accounts"
