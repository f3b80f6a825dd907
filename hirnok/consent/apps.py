"""Django's registration of the package."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "hirnok.consent"
    label = "consent"
