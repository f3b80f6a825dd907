"""`launch`: recipients written, foreign keys on, from the confirmed launch to the campaign that an engine may send.

The baseline writes the same rows as a program does that loops over its contacts: objects, a thousand an INSERT.
"""

import time
from itertools import islice

from django.db import transaction

from hirnok.bench import cast, sending
from hirnok.bench.cast import ACTOR, Cast
from hirnok.bench.place import Place, free_port
from hirnok.bench.results import Row, ratio
from hirnok.campaigns import audience, launch
from hirnok.campaigns.models import Campaign
from hirnok.lib import clock
from hirnok.outbox.models import Delivery, Message

RECIPIENTS, NAIVE = 1_000_000, 50_000
AT_ONCE = 1_000


class Miscounted(Exception):
    """Not every recipient has a delivery: the figure would be worth nothing."""


def launching(place: Place) -> Row:
    """Launch a campaign to a million, with its count of the audience and its batches, as the worker does."""
    recipients = place.rows(RECIPIENTS)
    at = clock.now()
    made = cast.make("launch", at)
    cast.relay(made, free_port(), 1, at)
    cast.fill(made, recipients, at)
    place.rest()
    campaign: Campaign = sending.draft(made, at)
    naive: Campaign = sending.draft(made, at)
    before = place.database_used.cpu
    began = time.perf_counter()
    launch.launch(made.tenant, campaign.pk, actor=ACTOR, at=at)
    seconds = time.perf_counter() - began
    spent = place.database_used.cpu - before
    if Delivery.objects.of(made.tenant).count() != recipients:
        raise Miscounted
    place.say(f"  {recipients / seconds:,.0f}/s; in a loop …")
    baseline = _in_a_loop(made, naive, min(recipients, place.rows(NAIVE)))
    return Row(
        "launch",
        recipients / seconds,
        "recipients/s",
        baseline=baseline,
        ratio=ratio(recipients / seconds, baseline),
        cpu_us=1e6 * spent / recipients,
        rows=recipients,
    )


def _in_a_loop(made: Cast, campaign: Campaign, count: int) -> float:
    """Write deliveries to the same people from objects; returns recipients a second."""
    template = Message.objects.of(made.tenant).get()
    template.pk = None
    template.save()
    first = (Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    began = time.perf_counter()
    people = iter(audience.recipients(campaign).values_list("pk", flat=True)[:count].iterator())
    with transaction.atomic():
        while some := list(islice(people, AT_ONCE)):
            Delivery.objects.bulk_create(
                Delivery(pk=first + at, tenant=made.tenant, contact_id=pk, message=template)
                for at, pk in enumerate(some)
            )
            first += len(some)
    return count / (time.perf_counter() - began)
