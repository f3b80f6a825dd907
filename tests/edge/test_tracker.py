"""The tracker's application against the migrated database, as the role edge."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from hirnok.consent import preferring
from hirnok.lib import clock, keys, tokens
from hirnok.outbox.models import Batch, Delivery, Hit, Link, Message, Relay
from hirnok.tenants.models import Brand
from hirnok.tracker import app as tracker_app
from hirnok.tracker.app import Tracker
from tests.world import NOON, World, build

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def sent(transactional_db: None) -> "Sent":
    return Sent(build())


class Sent:
    """A message of Alma with two deliveries and two links, and one of Barack."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.message = self._message(world.alma_brand)
        self.other = self._message(world.barack_brand)
        self.static = self._link(self.message, 0, "https://alma.example/tavasz?a=1")
        self.filled = self._link(
            self.message, 1, "https://alma.example/for?mail={{ contact.email|urlencode }}"
        )
        self.foreign = self._link(self.other, 0, "https://barack.example/")
        self.dora = self._delivery(self.message, 101, world.dora.pk)
        self.emil = self._delivery(self.message, 102, world.emil.pk)
        self.barack_dora = self._delivery(self.other, 201, world.barack_dora.pk)
        for message, first, last in ((self.message, 101, 102), (self.other, 201, 201)):
            Batch.objects.create(
                tenant_id=message.tenant_id,
                message=message,
                first_delivery_id=first,
                last_delivery_id=last,
                first_contact_id=1,
                last_contact_id=10,
            )

    def _message(self, brand: Brand) -> Message:
        relay = Relay.objects.create(tenant_id=brand.tenant_id, name="r", host="localhost")
        return Message.objects.create(
            tenant_id=brand.tenant_id,
            brand=brand,
            relay=relay,
            return_path="r@alma.example",
            compiled=b"",
            measurement="individual",
            created_at=NOON,
        )

    def _link(self, message: Message, position: int, url: str) -> Link:
        return Link.objects.create(
            tenant_id=message.tenant_id, message=message, position=position, url=url
        )

    def _delivery(self, message: Message, number: int, contact: int) -> Delivery:
        return Delivery.objects.create(
            id=number, tenant_id=message.tenant_id, message=message, contact_id=contact, state=1
        )


def token(delivery: Delivery) -> str:
    return tokens.recipient(keys.derive("track"), delivery.pk)


def ask(
    monkeypatch: pytest.MonkeyPatch,
    url: Callable[[str], str],
    *paths: str,
    agent: str = FIREFOX,
    method: str = "GET",
    client: str = "8.8.8.8",
    before: Callable[[Tracker], Awaitable[None]] | None = None,
) -> list[Answer]:
    """Start the application, send the requests at the same time, stop it; return the answers."""
    monkeypatch.setenv("DATABASE_URL", url("owner"))

    async def run() -> list[Answer]:
        tracker = Tracker()
        tracker.store.start()
        if before:
            await before(tracker)
        try:
            return list(
                await asyncio.gather(
                    *(
                        one(tracker, path, agent=agent, method=method, client=client)
                        for path in paths
                    )
                )
            )
        finally:
            await tracker.store.stop()

    return asyncio.run(run())


async def one(tracker: Tracker, path: str, *, agent: str, method: str, client: str) -> Answer:
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    async def receive() -> Any:
        raise AssertionError("no body is read")

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"user-agent", agent.encode())],
        "client": (client, 1),
    }
    await tracker(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


def test_it_stores_an_open_before_it_answers(
    sent: Sent, database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [(status, headers, body)] = ask(monkeypatch, database_url, f"/o/{token(sent.dora)}.gif")
    assert (status, headers["content-type"], body[:6]) == (200, "image/gif", b"GIF89a")
    hit = Hit.objects.get()
    assert (hit.tenant_id, hit.delivery_id, hit.kind, hit.klass) == (sent.world.alma.pk, 101, 1, 0)
    assert hit.country == "US"
    assert clock.now() - hit.at < timedelta(minutes=10)


def test_it_records_nothing_of_a_reader_who_refused_to_be_measured(
    sent: Sent, database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    preferring.set_measured(sent.world.dora, measured=False, at=NOON)

    answers = ask(
        monkeypatch,
        database_url,
        f"/o/{token(sent.dora)}.gif",
        f"/c/{sent.static.pk}/{token(sent.dora)}",
        f"/o/{token(sent.emil)}.gif",
    )

    assert [status for status, _, _ in answers] == [200, 302, 200]
    assert Hit.objects.get().delivery_id == 102


def test_it_redirects_a_click_and_stores_it(
    sent: Sent, database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ask(
        monkeypatch,
        database_url,
        f"/c/{sent.static.pk}/{token(sent.dora)}",
        f"/c/{sent.filled.pk}/{token(sent.emil)}",
    )
    assert [(status, headers["location"]) for status, headers, _ in answers] == [
        (302, "https://alma.example/tavasz?a=1"),
        (302, "https://alma.example/for?mail=emil%40example.ro"),
    ]
    assert set(Hit.objects.values_list("delivery_id", "link_id", "kind")) == {
        (101, sent.static.pk, 2),
        (102, sent.filled.pk, 2),
    }


def test_it_is_no_open_redirect(
    sent: Sent, database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = token(sent.dora)
    forged = good[:-1] + ("A" if good[-1] != "A" else "B")
    answers = ask(
        monkeypatch,
        database_url,
        f"/c/{sent.foreign.pk}/{good}",  # another tenant's link with our token
        f"/c/{sent.static.pk}/{forged}",
        f"/c/999999/{good}",
        f"/c/1e3/{good}",
        f"/c/{sent.static.pk}/",
        f"/o/{forged}.gif",
        "/c/https://evil.example/",
        "/other",
    )
    assert [status for status, _, _ in answers] == [404] * 8
    assert not any("location" in headers for _, headers, _ in answers)
    assert not Hit.objects.exists()


def test_it_keeps_no_person_where_the_brand_measures_in_aggregate(
    sent: Sent, database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Message.objects.filter(pk=sent.message.pk).update(measurement="aggregate")
    Message.objects.filter(pk=sent.other.pk).update(measurement="off")
    answers = ask(
        monkeypatch,
        database_url,
        f"/o/{token(sent.dora)}.gif",
        f"/o/{token(sent.barack_dora)}.gif",
    )
    assert [status for status, _, _ in answers] == [200, 200]
    assert list(Hit.objects.values_list("message_id", "delivery_id")) == [(sent.message.pk, None)]


def test_it_takes_no_country_from_machines(
    sent: Sent, database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(monkeypatch, database_url, f"/o/{token(sent.dora)}.gif", agent="Mozilla/5.0")
    ask(monkeypatch, database_url, f"/c/{sent.static.pk}/{token(sent.dora)}", method="HEAD")
    assert set(Hit.objects.values_list("klass", "country")) == {(1, ""), (2, "")}


def test_it_sends_on_an_erased_contact_to_the_static_part(
    sent: Sent, database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Delivery.objects.filter(pk=101).update(contact_id=None)
    [(status, headers, _)] = ask(
        monkeypatch, database_url, f"/c/{sent.filled.pk}/{token(sent.dora)}"
    )
    assert (status, headers["location"]) == (302, "https://alma.example/for?mail=")
    assert Hit.objects.count() == 1


def test_it_sends_on_a_reader_for_whom_the_target_cannot_be_filled(
    sent: Sent, database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://alma.example/kor?k={{ contact.first_name + 1 }}"
    Link.objects.filter(pk=sent.filled.pk).update(url=url)
    [(status, headers, _)] = ask(
        monkeypatch, database_url, f"/c/{sent.filled.pk}/{token(sent.dora)}"
    )
    assert (status, headers["location"]) == (302, "https://alma.example/kor?k=")
    assert Hit.objects.count() == 1


def test_it_answers_when_the_database_is_away(
    sent: Sent, database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker_app, "OPEN_WAIT", 0.2)
    nowhere = database_url("owner").split("?")[0].rsplit("/", 1)[0] + "/nowhere"
    static = sent.static.pk

    async def know_the_link(tracker: Tracker) -> None:
        tracker.links[static] = tracker_app.Target("https://alma.example/x", 1, 101, 102)

    [opened, clicked, unknown] = ask(
        monkeypatch,
        lambda _: nowhere,
        f"/o/{token(sent.dora)}.gif",
        f"/c/{static}/{token(sent.dora)}",
        f"/c/{sent.filled.pk}/{token(sent.dora)}",
        before=know_the_link,
    )
    assert opened[0] == 503
    assert (clicked[0], clicked[1]["location"]) == (302, "https://alma.example/x")
    assert unknown[0] == 503
