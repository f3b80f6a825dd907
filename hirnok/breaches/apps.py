"""Django's registration of the package."""

from django.apps import AppConfig


class BreachesConfig(AppConfig):
    name = "hirnok.breaches"
    label = "breaches"
