"""`dkim`: messages that we sign ourselves (RSA-2048), made, signed and sent, for each second of a processor.

All processors sign, so a rate would say how many there are. The baseline is dkimpy with the same key and messages.
"""

import time

from hirnok.bench import sending
from hirnok.bench.cast import ACTOR
from hirnok.bench.place import Place
from hirnok.bench.results import Row, ratio
from hirnok.campaigns import composing
from hirnok.campaigns.models import Campaign
from hirnok.lib import clock, keys
from hirnok.mail.compile import date_of
from hirnok.tenants import signing
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand

RECIPIENTS = 20_000
NAIVE = 300
CONNECTIONS = 16


def dkim(place: Place) -> Row:
    """Send a campaign of a brand that signs."""
    recipients = place.rows(RECIPIENTS)
    with sending.sink(place) as sink:
        made, _ = sending.cast_with_relay(place, "signing", recipients, sink, CONNECTIONS)
        with acting_for(made.tenant):
            signing.make_key(made.brand, actor=ACTOR, at=clock.now())
            signing.start(made.brand, actor=ACTOR, at=clock.now())
        with sending.engine(place) as engine:
            sent = sending.send(place, made, recipients, engine, sink)
    place.say(f"  {sent.parts}; dkimpy …")
    baseline = _dkimpy(made.brand, place.rows(NAIVE))
    value = recipients / sent.engine
    return Row(
        "dkim",
        value,
        "messages/s per core",
        baseline=baseline,
        ratio=ratio(value, baseline),
        cpu_us=sent.cpu_us,
        rss_mb=sent.rss_mb,
        rows=recipients,
    )


def _dkimpy(brand: Brand, count: int) -> float | None:
    """Return how many messages dkimpy signs for each second of a processor; None where it is not installed."""
    try:
        import dkim as other
    except ImportError:
        return None
    campaign = Campaign.objects.get(tenant_id=brand.tenant_id)
    message = composing.compiled(composing.compose_campaign(campaign), name="naive")
    date, key = date_of(clock.now()), keys.unseal(brand.dkim_key).encode()
    messages = [
        message.render({"email": "a@b.example"}, track="", leave="x", delivery_id=number, date=date)
        for number in range(count)
    ]
    started = time.process_time()
    for one in messages:
        other.sign(one, brand.dkim_selector.encode(), brand.dkim_domain.encode(), key)
    return count / (time.process_time() - started)
