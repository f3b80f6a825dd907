"""`campaign`, `campaign_rtt20` and both to relays without BDAT: from the launch to the last recipient accounted, database included."""

from itertools import islice
from typing import Any

from hirnok.bench import naive, sending
from hirnok.bench.place import Place
from hirnok.bench.results import Row, ratio
from hirnok.bench.sending import Sent, Sink
from hirnok.campaigns import composing
from hirnok.campaigns.models import Campaign
from hirnok.lib import clock
from hirnok.mail.compile import date_of
from hirnok.outbox.models import Delivery
from hirnok.tenants.models import Brand

RECIPIENTS = 200_000
NAIVE = 1_000
CONNECTIONS = 16
DISTANT_RECIPIENTS, DISTANT_CONNECTIONS, ROUND_TRIP = 50_000, 100, 0.020
DISTANT_NAIVE = 3_000


def campaign(place: Place) -> Row:
    """Send to 200,000 over a near relay; the baseline is the naive loop, with a smaller number."""
    return _near(place, "campaign")


def campaign_data(place: Place) -> Row:
    """The same to a relay that takes no chunks (BDAT)."""
    return _near(place, "campaign_data", "--no-chunking")


def campaign_rtt20(place: Place) -> Row:
    """Send over 100 connections to a relay 20 ms away; the baseline is aiosmtplib with ready-made messages."""
    return _distant(place, "campaign_rtt20")


def campaign_rtt20_data(place: Place) -> Row:
    """The same to a relay that takes no chunks (BDAT)."""
    return _distant(place, "campaign_rtt20_data", "--no-chunking")


def _near(place: Place, name: str, *options: str) -> Row:
    recipients = place.rows(RECIPIENTS)
    with sending.sink(place, *options) as sink:
        made, _ = sending.cast_with_relay(place, "campaign", recipients, sink, CONNECTIONS)
        with sending.engine(place) as engine:
            sent = sending.send(place, made, recipients, engine, sink)
        place.say(f"  {sent.parts}; the naive loop …")
        baseline = _naive(place, made.brand, sink, place.rows(NAIVE))
    return _row(name, sent, baseline)


def _distant(place: Place, name: str, *options: str) -> Row:
    recipients = place.rows(DISTANT_RECIPIENTS)
    with sending.sink(place, "--delay", str(ROUND_TRIP), *options) as sink:
        made, _ = sending.cast_with_relay(place, "distant", recipients, sink, DISTANT_CONNECTIONS)
        with sending.engine(place) as engine:
            sent = sending.send(place, made, recipients, engine, sink)
        place.say(f"  {sent.parts}; aiosmtplib …")
        baseline = _ready(made.brand, sink, place.rows(DISTANT_NAIVE))
    return _row(name, sent, baseline)


def _row(name: str, sent: Sent, baseline: float) -> Row:
    return Row(
        name,
        sent.rate,
        "messages/s",
        baseline=baseline,
        ratio=ratio(sent.rate, baseline),
        cpu_us=sent.cpu_us,
        rss_mb=sent.rss_mb,
        rows=sent.recipients,
    )


def _naive(place: Place, brand: Brand, sink: Sink, count: int) -> float:
    made = _composed(brand)
    return naive.newsletter(place, sink.port, made.prepared, _recipients(brand, count), CONNECTIONS)


def _ready(brand: Brand, sink: Sink, count: int) -> float:
    message = composing.compiled(_composed(brand), name="naive")
    date = date_of(clock.now())
    messages = (
        (
            str(recipient["email"]),
            message.render(recipient, track="", leave="x", delivery_id=recipient["id"], date=date),
        )
        for recipient in _recipients(brand, count)
    )
    return naive.ready(sink.port, messages, DISTANT_CONNECTIONS)


def _composed(brand: Brand) -> composing.Composed:
    return composing.compose_campaign(Campaign.objects.get(tenant_id=brand.tenant_id))


def _recipients(brand: Brand, count: int) -> list[dict[str, Any]]:
    """Return some of those whom the campaign went to."""
    deliveries = Delivery.objects.filter(tenant_id=brand.tenant_id).select_related("contact")
    return [
        {**composing.values_of(delivery.contact), "id": delivery.pk}
        for delivery in islice(deliveries.order_by("pk").iterator(), count)
        if delivery.contact is not None
    ]
