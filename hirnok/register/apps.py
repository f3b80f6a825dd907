"""Django's registration of the package."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "hirnok.register"
    label = "register"
