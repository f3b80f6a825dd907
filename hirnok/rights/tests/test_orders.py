"""Data handed to authorities: never without the order, and with a reason where the person is not told (A5, C13)."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hirnok.rights import disclosing, scans
from hirnok.rights.disclosing import Ordered
from hirnok.rights.models import Order
from hirnok.rights.tests.asked import DORA, PDF
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
BY: Any = {"actor": "user:1", "at": NOON}
ORDERED = Ordered(
    address=DORA,
    authority="Budapesti Rendőr-főkapitányság",
    number="01000/123/2026. bü.",
    ordered_on=date(2026, 10, 30),
    legal_basis="2017. évi XC. törvény 261. §",
    handed_out="Az e-mail-cím és a feliratkozás ideje.",
    categories=("e-mail address",),
)
FORM = {
    "email": DORA,
    "authority": ORDERED.authority,
    "number": ORDERED.number,
    "ordered_on": "2026-10-30",
    "legal_basis": ORDERED.legal_basis,
    "categories": ["e-mail address"],
    "handed_out": ORDERED.handed_out,
}


def test_it_is_recorded_with_the_order(world: World) -> None:
    with acting_for(world.alma):
        made = disclosing.record(world.alma, ORDERED, PDF, **BY)
    assert made.digest == scans.digest(PDF)
    assert made.holding.activity.code == "authorities"
    assert made.holding.expires_at == NOON.replace(year=2031)


def test_it_is_not_recorded_without_one(world: World) -> None:
    with acting_for(world.alma), pytest.raises(scans.NotAScan):
        disclosing.record(world.alma, ORDERED, b"", **BY)
    answer = world.client(world.anna).post("/alma/privacy/orders/new/", FORM)
    assert "document" in answer.context["form"].errors
    assert not Order.objects.exists()


def test_secrecy_names_its_law(world: World) -> None:
    client = world.client(world.anna)
    given = {**FORM, "is_secret": "on", "document": SimpleUploadedFile("a.pdf", PDF)}
    answer = client.post("/alma/privacy/orders/new/", given)
    assert "secret_reason" in answer.context["form"].errors
    given = {**given, "document": SimpleUploadedFile("a.pdf", PDF), "secret_reason": "Be. 99. §"}
    assert client.post("/alma/privacy/orders/new/", given).status_code == 302
    order = Order.objects.get()
    assert order.is_secret
    page = client.get("/alma/privacy/orders/")
    assert "Be. 99. §" in page.text
    assert client.get(f"/alma/privacy/orders/{order.pk}/document/").content == PDF


def test_a_marketer_sees_none(world: World) -> None:
    assert world.client(world.mark).get("/alma/privacy/orders/").status_code == 403
