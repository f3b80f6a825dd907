"""The tracker's baseline: Django views that insert the hit and answer."""

import base64

from django.http import HttpRequest, HttpResponse
from django.urls import path

from hirnok.lib import clock, keys, tokens
from hirnok.outbox.models import Delivery, Hit, Link
from hirnok.tracker.classify import classify

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_KEY = keys.derive("track")


def opened(request: HttpRequest, token: str) -> HttpResponse:
    """Note an open, answer with the pixel."""
    _record(request, token, 1, None)
    return HttpResponse(_PIXEL, content_type="image/gif")


def clicked(request: HttpRequest, number: int, token: str) -> HttpResponse:
    """Note a click, send the reader on."""
    link = Link.objects.get(pk=number)
    _record(request, token, 2, link)
    return HttpResponse(status=302, headers={"Location": link.url})


def _record(request: HttpRequest, token: str, kind: int, link: Link | None) -> None:
    delivery = Delivery.objects.get(pk=tokens.read_recipient(_KEY, token))
    Hit.objects.create(
        tenant_id=delivery.tenant_id,
        message_id=delivery.message_id,
        delivery=delivery,
        kind=kind,
        klass=int(classify(request.headers.get("User-Agent", ""))),
        link=link,
        at=clock.now(),
    )


urlpatterns = [
    path("o/<str:token>.gif", opened),
    path("c/<int:number>/<str:token>", clicked),
]
