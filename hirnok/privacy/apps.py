"""Django's registration of the package."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "hirnok.privacy"
    label = "privacy"
