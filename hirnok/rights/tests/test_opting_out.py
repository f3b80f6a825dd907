"""Opting out of everything (A7): the scan, the check list, and an effect on every tenant, now and later."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from hirnok.contacts import editing
from hirnok.mail.addresses import Address, normalise
from hirnok.register import expiring, founding, holdings, suppression
from hirnok.register.models import LegalBasis, Suppression
from hirnok.rights import opting_out, scans
from hirnok.rights.models import OptOut
from hirnok.rights.opting_out import Letter, Seen
from hirnok.rights.tests.asked import DORA, PDF
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from tests.world import NOON, World, brand_with_list

pytestmark = pytest.mark.django_db
BY: Any = {"actor": "user:1", "at": NOON}


def picture(kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("L", (40, 60), 255).save(made, kind)
    return made.getvalue()


def taken(world: World, who: str = "individual", scan: bytes = PDF, *addresses: str) -> OptOut:
    with acting_for(world.operator):
        letter = Letter(who, "Őri Dóra", addresses or (" Dora@Example.hu ",), date(2026, 11, 1))
        return opting_out.take(world.operator, letter, scan, **BY)


@pytest.mark.parametrize("scan", [PDF, picture(), picture("JPEG")])
def test_it_takes_a_scan_by_its_content(world: World, scan: bytes) -> None:
    assert taken(world, scan=scan).digest == scans.digest(scan)


@pytest.mark.parametrize(
    "scan",
    [
        b"",
        b"MZ\x90 a program",
        b"<html>%PDF-</html>",
        b"%PDF-1.7 cut off",
        PDF.replace(b"<<>>", b"<</OpenAction <</S /JavaScript /JS (app.alert(1))>>>>"),
        PDF.replace(b"<<>>", b"<</Names <</EmbeddedFiles 1 0 R>>>>"),
        picture()[:40],
        picture("GIF"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_it_refuses_what_is_no_scan(world: World, scan: bytes) -> None:
    with pytest.raises(scans.NotAScan):
        taken(world, scan=scan)
    assert not OptOut.objects.exists()


def test_it_refuses_what_is_too_large(world: World) -> None:
    with pytest.raises(scans.TooLarge):
        taken(world, scan=PDF + b" " * scans.LARGEST)


@pytest.mark.parametrize(
    ("who", "seen", "missing"),
    [
        ("company", Seen(letterhead=True, signature=True, stamp=True), set()),
        ("company", Seen(letterhead=True, signature=True), {"stamp"}),
        ("company", Seen(), {"letterhead", "signature", "stamp"}),
        ("individual", Seen(signature=True), set()),
        ("individual", Seen(letterhead=True, stamp=True), {"signature"}),
    ],
)
def test_it_grants_what_the_check_list_allows(
    world: World, who: str, seen: Seen, missing: set[str]
) -> None:
    opt_out = taken(world, who)
    with acting_for(world.operator):
        if missing:
            with pytest.raises(opting_out.NotComplete) as fact:
                opting_out.grant(opt_out, seen, **BY)
            assert set(fact.value.args) == missing
            assert suppression.opted_out([DORA]) == set()
        else:
            assert opting_out.grant(opt_out, seen, **BY) == 1
            with pytest.raises(opting_out.AlreadyDecided):
                opting_out.refuse(opt_out, seen, "Mégsem", **BY)


def test_it_holds_for_every_tenant_those_to_come_and_addresses_added_later(world: World) -> None:
    opt_out = taken(world)
    with acting_for(world.operator):
        opting_out.grant(opt_out, Seen(signature=True), **BY)
    with acting_for(world.operator):
        later = founding.found(slug="cekla", name="Cékla Bt.", language="hu", **BY)
        brand, readers = brand_with_list(later, "Cékla")

    for tenant, its_brand, its_list in (
        (world.barack, world.barack_brand, world.barack_list),
        (later, brand, readers),
    ):
        with acting_for(tenant):
            assert suppression.opted_out([DORA]) == {DORA}
            index = holdings.index_of(tenant.pk, DORA)
            assert suppression.barred(tenant, its_brand, index, DORA, list_id=its_list.pk)
    with acting_for(later), pytest.raises(editing.IsSuppressed):
        _add(later, brand, readers)


def test_it_outlasts_its_scan(world: World) -> None:
    opt_out = taken(world)
    with acting_for(world.operator):
        opting_out.grant(opt_out, Seen(signature=True), **BY)

    expiring.expire(NOON + timedelta(days=6 * 366))
    assert not OptOut.objects.exists()
    with acting_for(world.alma):
        assert suppression.opted_out([DORA]) == {DORA}
    assert Suppression.objects.filter(scope="installation").count() == 1


def test_only_the_operator_takes_it(world: World) -> None:
    with acting_for(world.alma), pytest.raises(opting_out.OnlyTheOperator):
        opting_out.take(
            world.alma, Letter("individual", "Dóra", [DORA], date(2026, 11, 1)), PDF, **BY
        )


def test_it_needs_addresses(world: World) -> None:
    for addresses in (["  "], ["no address"], [DORA, "no address"]):
        with pytest.raises(opting_out.NoAddresses):
            taken(world, "individual", PDF, *addresses)


def test_staff_of_the_operator_take_check_and_grant(world: World) -> None:
    client = world.client(world.olga)
    page = client.post(
        "/hirnok/privacy/opt-outs/new/",
        {
            "who": "company",
            "name": "Dóra Kft.",
            "addresses": f"{DORA}\niroda@dora.example",
            "received_on": "2026-11-01",
            "scan": SimpleUploadedFile("level.png", picture()),
        },
    )
    assert page.status_code == 302, page.context["form"].errors
    url = page["Location"]
    assert client.get(f"{url}scan/")["Content-Type"] == "image/png"
    answer = client.post(url, {"do": "grant", "letterhead": "on", "signature": "on"})
    assert "stamp" in answer.context["form"].errors
    assert client.post(url, {"do": "refuse"}).context["form"].errors["reasons"]
    ticked = {"letterhead": "on", "signature": "on", "stamp": "on"}
    assert client.post(url, {"do": "grant", **ticked}).status_code == 302
    assert suppression.opted_out([DORA, "iroda@dora.example"]) == {DORA, "iroda@dora.example"}
    assert client.get("/hirnok/privacy/opt-outs/").status_code == 200
    assert world.client(world.anna).get("/alma/privacy/opt-outs/").status_code == 403


def _add(tenant: Tenant, brand: Any, readers: Any) -> None:
    address = normalise(DORA)
    assert isinstance(address, Address)
    declared = editing.Declared(LegalBasis.CONSENT, "Telefonon kérte")
    editing.add(
        tenant,
        brand,
        address,
        editing.Values("Dóra", "Őri", "hu", {}, lists=(readers,)),
        declared,
        **BY,
    )
