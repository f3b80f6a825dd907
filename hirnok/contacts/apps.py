"""Django's registration of the package."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "hirnok.contacts"
    label = "contacts"
