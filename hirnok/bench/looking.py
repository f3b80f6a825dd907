"""`report_page` and `contacts_page`: how long a page takes at the server when there is much behind it.

The pages are asked for as a signed-in member, in a process with the web role (`pages`). The baselines are the same
questions put the plain way: counts of all hits and deliveries; LIKE over all contacts.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from django.db import connection, transaction
from django.db.models import Count, Q

from hirnok.accounts import people
from hirnok.accounts.models import Role
from hirnok.bench import cast, sending
from hirnok.bench.cast import ACTOR, Cast
from hirnok.bench.place import Place, free_port
from hirnok.bench.results import Row, ratio
from hirnok.campaigns import launch
from hirnok.campaigns.models import Campaign
from hirnok.contacts.models import Contact
from hirnok.lib import clock
from hirnok.outbox import tallies
from hirnok.outbox.models import Delivery, Hit
from hirnok.register import founding
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

RECIPIENTS, HITS_EACH, CONTACTS = 1_000_000, 3, 1_000_000
TIMES = 9
# Part of an address that few have, of one that nobody has, of a name that many have; one letter, two letters.
WORDS = ("so0012", "qzxqzx", "Szűcs", "ő", "qz")
_HITS = """
INSERT INTO outbox_hit (tenant_id, message_id, delivery_id, kind, class, link_id, country, at)
SELECT %(tenant)s, %(message)s, %(first)s + (g::bigint * 7919) %% %(recipients)s, 1 + (g %% 3 = 2)::int, (g %% 7 = 0)::int,
       CASE WHEN g %% 3 = 2 THEN %(link)s + g %% 20 END, (ARRAY['HU', 'RO', 'AT', ''])[1 + g %% 4],
       %(at)s + g %% 200 * interval '17 minutes'
FROM generate_series(%(from)s, %(to)s) g
"""


def report_page(place: Place) -> Row:
    """Show the report of a campaign to a million with three million hits, while more come."""
    recipients = place.rows(RECIPIENTS)
    at = clock.now()
    made = cast.make("report", at)
    cast.relay(made, free_port(), 1, at)
    cast.fill(made, recipients, at)
    campaign: Campaign = sending.draft(made, at)
    campaign = launch.launch(made.tenant, campaign.pk, actor=ACTOR, at=at)
    hits = recipients * HITS_EACH
    _hits(campaign, recipients, 0, hits)
    place.say(f"  {hits:,} hits; counting …")
    began = time.perf_counter()
    tallies.roll()
    place.say(f"  counted in {time.perf_counter() - began:.1f} s")
    _hits(campaign, recipients, hits, max(20, recipients // 1000))  # which no tally has yet
    place.rest()
    url = f"/report/reports/{campaign.pk}/"
    times = _asked(place, made, [url])[url]
    baseline = _timed(lambda: _counted(campaign))
    return _row("report_page", times, baseline, hits)


def contacts_page(place: Place) -> Row:
    """Show the list of a million contacts, its tenth page too, and search it by parts of addresses and names."""
    contacts = place.rows(CONTACTS)
    made = cast.crowd(place, contacts)
    page = f"/{made.tenant.slug}/contacts/"
    urls = [page, f"{page}?sort=-since", *(f"{page}?q={word}" for word in WORDS)]
    found = _asked(place, made, urls)
    for url, times in found.items():
        place.say(f"  {statistics.median(times):,.0f} ms {url}")
    worst = max(found.values(), key=statistics.median)
    baseline = max(_timed(lambda word=word: _like(made, word), 1) for word in WORDS)  # type: ignore[misc]
    return _row("contacts_page", worst, baseline, contacts)


def _row(name: str, times: list[float], baseline: float, rows: int) -> Row:
    value = statistics.median(times)
    return Row(
        name,
        value,
        "ms",
        baseline=baseline,
        ratio=ratio(value, baseline, is_time=True),
        rows=rows,
        p99_ms=max(times),
    )


def _hits(campaign: Campaign, recipients: int, start: int, count: int) -> None:
    deliveries = Delivery.objects.filter(message=campaign.message).order_by("pk")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id) FROM outbox_link WHERE message_id = %s", [campaign.message_id]
        )
        (link,) = cursor.fetchone() or (0,)
        given = {
            "tenant": campaign.tenant_id,
            "message": campaign.message_id,
            "first": deliveries.values_list("pk", flat=True)[0],
            "recipients": recipients,
            "link": link,
            "at": campaign.launched_at,
        }
        for begin in range(start, start + count, 250_000):
            upto = min(start + count, begin + 250_000) - 1
            cursor.execute(_HITS, given | {"from": begin, "to": upto})


def _asked(place: Place, made: Cast, urls: list[str]) -> dict[str, list[float]]:
    """Ask for pages as a marketer of the tenant."""
    if not Tenant.objects.filter(is_operator=True).exists():
        founding.found(
            slug="operator",
            name="Operator",
            language="hu",
            actor=ACTOR,
            at=clock.now(),
            is_operator=True,
        )
    with transaction.atomic(), acting_for(made.tenant):
        user = people.create_user(
            email="bench@alma.example", name="Bench", password=None, actor=ACTOR, at=clock.now()
        )
        people.join(made.tenant, user, Role.MARKETER, actor=ACTOR, at=clock.now())
    asked = {"user": user.pk, "times": TIMES, "urls": urls}
    own = {"HIRNOK_ROLE": "web", "HIRNOK_HOSTS": "localhost", "HIRNOK_SECOND_FACTOR": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "hirnok.bench.pages"],
        input=json.dumps(asked),
        env=os.environ | place.environment | own,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


def _timed(act: Callable[[], object], times: int = 3) -> float:
    """Return the median of some, in ms."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append(1000 * (time.perf_counter() - began))
    return statistics.median(found)


def _counted(campaign: Campaign) -> None:
    """Count everything the page shows."""
    hits = Hit.objects.filter(tenant_id=campaign.tenant_id, message=campaign.message)
    readers = Count("delivery_id", distinct=True)
    human = Count("delivery_id", distinct=True, filter=Q(klass=0))
    list(hits.values_list("kind").annotate(Count("id"), readers, human=human).order_by())
    list(hits.filter(kind=2).values_list("link_id").annotate(Count("id"), human=human).order_by())
    list(hits.filter(klass__in=(0, 1)).values_list("country", "kind").annotate(Count("id")))
    list(hits.filter(klass=0).values_list("at__date", "at__hour", "kind").annotate(Count("id")))
    deliveries = Delivery.objects.filter(tenant_id=campaign.tenant_id, message=campaign.message)
    list(deliveries.values_list("state").annotate(Count("id")).order_by())


def _like(made: Cast, word: str) -> None:
    """Look through all contacts."""
    rows = Contact.objects.of(made.tenant).filter(
        Q(email__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
    )
    list(rows.order_by("email", "pk")[:51])
