"""Django's registration of the package."""

from django.apps import AppConfig


class ProcessingConfig(AppConfig):
    name = "hirnok.processing"
    label = "processing"
