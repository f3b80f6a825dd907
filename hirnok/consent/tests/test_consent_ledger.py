"""The ledger: shown to who has to demonstrate consent, and only ever added to."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from hirnok.consent import signing_up
from hirnok.consent.models import ConsentEntry
from hirnok.consent.tests.forms import form_of, letters_to, sign_up, sign_up_in
from hirnok.contacts.models import Contact
from hirnok.lib import sql
from tests.world import NOON, World


@pytest.fixture
def liza(world: World) -> Contact:
    sign_up(form_of(world.alma_list))
    pending = sign_up_in(letters_to()[0])
    contact, _ = signing_up.confirm(pending, tenant=world.alma.pk, at=NOON + timedelta(hours=1))
    return contact


def test_it_shows_the_exact_words_and_their_hash(world: World, liza: Contact) -> None:
    page = world.client(world.mark).get(f"/alma/contacts/{liza.pk}/consent/").content.decode()

    text = ConsentEntry.objects.get().text
    assert text.text in page and text.hash in page
    assert "Olvasók" in page


def test_it_says_where_there_is_none(world: World) -> None:
    page = world.client(world.mark).get(f"/alma/contacts/{world.dora.pk}/consent/")

    assert "Nothing by a form" in page.content.decode()


def test_viewers_see_no_people(world: World, liza: Contact) -> None:
    assert world.client(world.vera).get(f"/alma/contacts/{liza.pk}/consent/").status_code == 403


@pytest.mark.parametrize("role", ["web", "edge"])
@pytest.mark.parametrize("table", ["consent_consententry", "consent_consenttext"])
def test_nobody_rewrites_it(world: World, liza: Contact, role: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        name = sql.role_name(cursor.fetchone()[0], role)
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET language = 'en'"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(f'SET LOCAL ROLE "{name}"')
                cursor.execute(statement)
