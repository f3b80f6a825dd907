"""Addresses of the relay pages."""

from django.urls import URLPattern, path

from hirnok.outbox import views

app_name = "outbox"
_relays = "<slug:tenant>/settings/relays/"
urlpatterns: list[URLPattern] = [
    path(_relays, views.relays, name="relays"),
    path(f"{_relays}new/", views.relay_new, name="relay_new"),
    path(f"{_relays}<int:relay_id>/", views.relay, name="relay"),
    path(f"{_relays}<int:relay_id>/test/", views.relay_test, name="relay_test"),
    path(f"{_relays}<int:relay_id>/remove/", views.relay_remove, name="relay_remove"),
]
