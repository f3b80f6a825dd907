"""Django's registration of the package."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "hirnok.campaigns"
    label = "campaigns"
