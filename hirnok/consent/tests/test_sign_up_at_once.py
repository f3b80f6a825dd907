"""Several at the same time, each with a connection of its own: one waiting sign-up, one mail, one contact."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from hirnok.consent import signing_up
from hirnok.consent.models import ConsentEntry, Form, PendingSignUp
from hirnok.consent.signing_up import NothingToConfirm
from hirnok.consent.tests.forms import LIZA, form_of, letters_to, sign_up, sign_up_in
from hirnok.contacts.models import Contact
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

AT_ONCE = 4
pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(what: Callable[[], str]) -> list[str]:
    def run(_: int) -> str:
        try:
            return what()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(run, range(AT_ONCE)))


def _sign_up(form: Form) -> str:
    with acting_for(form.tenant_id):
        return str(sign_up(form))


def test_many_at_once_ask_once(world: World) -> None:
    form = form_of(world.alma_list)

    assert _at_once(lambda: _sign_up(form)) == ["asked", "quiet", "quiet", "quiet"]

    assert PendingSignUp.objects.count() == len(letters_to()) == 1


def test_many_clicks_at_once_confirm_once(world: World) -> None:
    sign_up(form_of(world.alma_list))
    pending = sign_up_in(letters_to()[0])

    def confirm() -> str:
        try:
            with acting_for(world.alma):
                signing_up.confirm(pending, tenant=world.alma.pk, at=NOON)
        except NothingToConfirm:
            return "nothing"
        return "confirmed"

    assert _at_once(confirm) == ["confirmed", "nothing", "nothing", "nothing"]

    assert Contact.objects.filter(email=LIZA).count() == ConsentEntry.objects.count() == 1
