"""Addresses of the pages of relays, queues and pace."""

from django.urls import URLPattern, path

from hirnok.outbox.views import pace, queue, relays

app_name = "outbox"
_relays = "<slug:tenant>/settings/relays/"
_queue = "<slug:tenant>/queue/"
_pace = "<slug:tenant>/settings/pace/"
urlpatterns: list[URLPattern] = [
    path(_relays, relays.relays, name="relays"),
    path(f"{_relays}new/", relays.relay_new, name="relay_new"),
    path(f"{_relays}<int:relay_id>/", relays.relay, name="relay"),
    path(f"{_relays}<int:relay_id>/test/", relays.relay_test, name="relay_test"),
    path(f"{_relays}<int:relay_id>/remove/", relays.relay_remove, name="relay_remove"),
    path(f"{_relays}<int:relay_id>/hold/", queue.relay_hold, name="relay_hold"),
    path(f"{_relays}<int:relay_id>/release/", queue.relay_release, name="relay_release"),
    path(_queue, queue.queue, name="queue"),
    path(f"{_queue}<int:relay_id>/suspend/", queue.queue_suspend, name="queue_suspend"),
    path(f"{_queue}<int:relay_id>/resume/", queue.queue_resume, name="queue_resume"),
    path(f"{_queue}<int:relay_id>/try/", queue.queue_try, name="queue_try"),
    path(_pace, pace.pace, name="pace"),
    path(f"{_pace}limits/new/", pace.limit_new, name="limit_new"),
    path(f"{_pace}limits/<int:limit_id>/", pace.limit, name="limit"),
    path(f"{_pace}limits/<int:limit_id>/remove/", pace.limit_remove, name="limit_remove"),
    path(f"{_pace}rules/new/", pace.rule_new, name="rule_new"),
    path(f"{_pace}rules/<int:rule_id>/remove/", pace.rule_remove, name="rule_remove"),
    path(f"{_pace}routes/new/", pace.route_new, name="route_new"),
    path(f"{_pace}routes/<int:route_id>/remove/", pace.route_remove, name="route_remove"),
]
