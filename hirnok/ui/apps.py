"""The Django app `ui`: templates, static files, template tags."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "hirnok.ui"
    label = "ui"
