"""Django's registration of the package."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "hirnok.site"
    label = "site"
