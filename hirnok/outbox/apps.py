"""Django's registration of the package."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "hirnok.outbox"
    label = "outbox"
