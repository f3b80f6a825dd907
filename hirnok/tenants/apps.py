"""Django's registration of the package."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "hirnok.tenants"
    label = "tenants"
