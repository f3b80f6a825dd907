"""Proof of consent for any address: all of it on one page and in one PDF, found without storing the address anywhere."""

import io
import logging
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from hirnok.consent import leaving
from hirnok.consent.leaving import Told
from hirnok.consent.models import ConsentText, Proof, Withdrawal
from hirnok.consent.tests.forms import LIZA, form_of, sign_up
from hirnok.consent.tests.test_renewing import subscriber
from hirnok.contacts.models import Contact, Import
from hirnok.register import expiring
from hirnok.register.models import Source
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

URL = "/alma/privacy/evidence/"
LATER = NOON + timedelta(days=40)


def told(client: Client, address: str = LIZA) -> str:
    answer = client.post(URL, {"address": address})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def by_phone(contact: Contact, **more: object) -> leaving.Left:
    words = Told(way="phone", received_at=NOON, note="Felhívott, nem kéri.", **more)  # type: ignore[arg-type]
    return leaving.leave_at_the_persons_word(
        contact.pk, words, tenant=contact.tenant_id, actor="user:1", at=LATER
    )


def test_it_says_how_when_and_by_which_words(world: World) -> None:
    form = form_of(world.alma_list)
    subscriber(form)
    page = told(world.client(world.anna))
    text = ConsentText.objects.get(form=form, language="hu")
    assert "Agreed and confirmed" in page
    assert text.hash in page
    assert "belong together" in page
    assert "sign-up form, confirmed by the link in a mail" in page
    assert "Given by the person" in page
    assert "Kert" in page


def test_it_says_which_import_and_who_declared_what(world: World) -> None:
    source = Source.objects.create(
        tenant=world.alma,
        kind="customer",
        description="Törzsvásárlók 2024",
        legal_basis="consent",
        declared_by=f"user:{world.mark.pk}",
        declared_at=NOON,
    )
    world.dora.holding.source = source
    world.dora.holding.save(update_fields=["source"])
    Import.objects.create(
        tenant=world.alma,
        brand=world.alma_brand,
        source=source,
        file_name="vevok.csv",
        file_size=1,
        created_by="user:1",
        created_at=NOON,
        expires_at=LATER,
    )
    page = told(world.client(world.anna), "DORA@example.hu")
    assert "Törzsvásárlók 2024" in page
    assert "vevok.csv" in page
    assert "Mark" in page


def test_who_has_left_is_found_by_the_hash_alone(world: World) -> None:
    subscriber(form_of(world.alma_list))
    contact = Contact.objects.get(email=LIZA)
    with time_machine.travel(LATER, tick=False):
        leaving.leave_all(contact.pk, tenant=contact.tenant_id, at=LATER)
        page = told(world.client(world.anna))
    assert "only this proof is left, without an address" in page
    assert ConsentText.objects.get(language="hu").text[:40] in page
    assert "12 Dec 2031" in page
    assert "Legitimate interest" in page
    assert "unsubscribed" in page


def test_when_the_period_is_over_nothing_is_found(world: World) -> None:
    subscriber(form_of(world.alma_list))
    contact = Contact.objects.get(email=LIZA)
    leaving.leave_all(contact.pk, tenant=contact.tenant_id, at=LATER)
    kept = Proof.objects.get().holding.expires_at
    assert kept.date().isoformat() == "2031-12-12"
    expiring.expire(kept - timedelta(seconds=1))
    assert Proof.objects.count() == 1
    expiring.expire(kept)
    assert Proof.objects.count() == 0
    assert "only this proof is left" not in told(world.client(world.anna))


def test_altered_words_show(world: World) -> None:
    subscriber(form_of(world.alma_list))
    ConsentText.objects.filter(language="hu").update(text="Valami más.")
    assert "the words were altered" in told(world.client(world.anna))


def test_a_sign_up_that_waits_is_no_consent(world: World) -> None:
    sign_up(form_of(world.alma_list))
    assert "not confirmed: no consent yet" in told(world.client(world.anna))


def test_somebody_unknown_is_unknown(world: World) -> None:
    assert "Nothing is known of this address" in told(world.client(world.anna), "senki@example.hu")


def test_the_other_tenants_people_are_not_found(world: World) -> None:
    subscriber(form_of(world.alma_list))
    answer = world.client(world.bela).post("/barack/privacy/evidence/", {"address": LIZA})
    assert "Nothing is known of this address" in answer.content.decode()


def test_the_pdf_says_the_same(world: World) -> None:
    form = form_of(world.alma_list)
    subscriber(form)
    answer = world.client(world.anna).post(URL, {"address": LIZA, "as": "pdf"})
    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" in answer["Content-Disposition"]
    assert LIZA not in answer["Content-Disposition"]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    bare = "".join(text.split())
    assert ConsentText.objects.get(form=form, language="hu").hash in bare
    assert "Agreedandconfirmed" in bare


@pytest.mark.parametrize("address", ["", "nobody", "a b@example.hu", "x" * 400, "ő@", "\x00@a.hu"])
def test_bad_input_is_refused(world: World, address: str) -> None:
    answer = world.client(world.anna).post(URL, {"address": address})
    assert answer.status_code == 200
    assert "address" in answer.context["form"].errors
    assert not AuditEntry.objects.of(world.alma).filter(action="consent.evidence").exists()


def test_a_look_is_audited_and_the_address_is_nowhere(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    subscriber(form_of(world.alma_list))
    with caplog.at_level(logging.INFO):
        told(world.client(world.anna))
    entry = AuditEntry.objects.of(world.alma).get(action="consent.evidence")
    assert entry.details["pdf"] is False
    assert LIZA not in str(entry.details)
    assert LIZA not in caplog.text


def test_an_address_in_the_url_asks_nothing(world: World) -> None:
    subscriber(form_of(world.alma_list))
    answer = world.client(world.anna).get(f"{URL}?address={LIZA}")
    assert "Agreed and confirmed" not in answer.content.decode()
    assert not AuditEntry.objects.of(world.alma).filter(action="consent.evidence").exists()


def test_only_officers_and_owners_see_it(world: World) -> None:
    for user in (world.mark, world.vera):
        assert world.client(user).get(URL).status_code == 403
        assert world.client(user).post(URL, {"address": LIZA}).status_code == 403
    assert world.client(world.bela).get(URL).status_code == 404


def test_staff_take_down_what_the_person_said(world: World) -> None:
    subscriber(form_of(world.alma_list))
    contact = Contact.objects.get(email=LIZA)
    url = f"/alma/contacts/{contact.pk}/consent/withdraw/"
    letter = SimpleUploadedFile("level.pdf", b"%PDF-1.4 kerem toroljenek", "application/pdf")
    with time_machine.travel(LATER, tick=False):
        client = world.client(world.mark)
        assert client.get(url).status_code == 200
        answer = client.post(
            url, {"way": "letter", "received_at": "2026-12-11T10:00", "document": letter}
        )
    assert answer.status_code == 302
    assert not Contact.objects.filter(email=LIZA).exists()
    kept = Withdrawal.objects.get()
    assert bytes(kept.document or b"").startswith(b"%PDF")
    assert kept.taken_by == f"user:{world.mark.pk}"
    assert kept.holding.expires_at is not None
    page = told(world.client(world.anna))
    assert "Withdrawn at the person" in page
    assert "By letter" in page
    assert "level.pdf, SHA-256" in page
    assert "told to a colleague" in page


@pytest.mark.parametrize(
    "change",
    [
        {"note": ""},
        {"way": "smoke"},
        {"received_at": "2099-01-01T00:00"},
        {"received_at": "tomorrow"},
    ],
)
def test_a_withdrawal_without_evidence_is_refused(world: World, change: dict[str, str]) -> None:
    told_ = {"way": "phone", "received_at": "2026-11-01T10:00", "note": "Felhívott."} | change
    url = f"/alma/contacts/{world.dora.pk}/consent/withdraw/"
    with time_machine.travel(LATER, tick=False):
        answer = world.client(world.mark).post(url, told_)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert Contact.objects.filter(pk=world.dora.pk).exists()


def test_a_withdrawal_goes_with_its_period(world: World) -> None:
    by_phone(world.dora)
    assert Withdrawal.objects.get().note == "Felhívott, nem kéri."
    assert by_phone(world.dora).already
    expiring.expire(LATER + timedelta(days=366 * 5 + 1))
    assert not Withdrawal.objects.exists()
