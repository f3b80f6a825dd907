"""Django's registration of the package."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "hirnok.rights"
    label = "rights"
