"""Addresses of what comes back: settings, what waits for people, and the providers' way in."""

from django.urls import URLPattern, path

from hirnok.returns.views import forwarding, incoming, roads, waiting

app_name = "returns"
_back = "<slug:tenant>/settings/returns/"
urlpatterns: list[URLPattern] = [
    path("e/<str:token>", incoming.provider_events, name="provider_events"),
    path(_back, roads.roads_back, name="roads_back"),
    path(f"{_back}mails/", waiting.returned_mails, name="returned_mails"),
    path(f"{_back}mails/<int:pk>/", waiting.returned_mail, name="returned_mail"),
    path(f"{_back}rules/", roads.dead_address_rules, name="dead_address_rules"),
    path(f"{_back}forwarding/", forwarding.forward_returned, name="forward_returned"),
    path(f"{_back}mailboxes/new/", roads.mailbox_new, name="mailbox_new"),
    path(f"{_back}mailboxes/<int:pk>/", roads.mailbox, name="mailbox"),
    path(f"{_back}mailboxes/<int:pk>/test/", roads.mailbox_test, name="mailbox_test"),
    path(f"{_back}mailboxes/<int:pk>/remove/", roads.mailbox_remove, name="mailbox_remove"),
    path(f"{_back}webhooks/new/", roads.webhook_new, name="webhook_new"),
    path(f"{_back}webhooks/<int:pk>/", roads.webhook, name="webhook"),
    path(f"{_back}webhooks/<int:pk>/remove/", roads.webhook_remove, name="webhook_remove"),
]
