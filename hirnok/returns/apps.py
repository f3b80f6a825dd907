"""Django's registration of the package."""

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "hirnok.returns"
    label = "returns"
