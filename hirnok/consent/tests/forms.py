"""A sign-up form, and what comes to it, for the tests of signing up."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy

from hirnok.consent import forming, signing_up, stamps, wording
from hirnok.consent.forming import Asked
from hirnok.consent.models import Form
from hirnok.consent.signing_up import Admission, Arrival, Given, Outcome
from hirnok.contacts.models import List
from hirnok.lib import keys, tokens
from hirnok.mail.addresses import Address, normalise
from hirnok.outbox.models import Letter
from hirnok.tenants.models import Tenant
from tests.world import NOON

LIZA = "liza@example.hu"
SHORTLY = timedelta(seconds=30)


def form_of(list: List, *, name: str = "Kert", **fields: bool) -> Form:
    """Make a form in Hungarian and Romanian."""
    tenant = Tenant.objects.get(pk=list.tenant_id)
    asked = Asked(name, fields)
    return forming.create(tenant, list, asked, languages=("hu", "ro"), actor="user:1", at=NOON)


def stamp_of(form: Form, at: datetime = NOON, language: str = "hu") -> str:
    """Return the stamp of the form as it is shown at an instant."""
    text = wording.consent_text(form, language)
    assert text is not None
    return stamps.stamp(keys.derive("sign-up-form"), form.token, stamps.Shown(text.pk, at))


def arrival(form: Form, at: datetime = NOON, **other: str) -> Arrival:
    """Return how a submission of a form comes that was shown at an instant."""
    return Arrival(**{"stamp": stamp_of(form, at), "trap": "", "network": "192.0.2.7", **other})


def sign_up(
    form: Form,
    address: str = LIZA,
    *,
    at: datetime = NOON,
    language: str = "hu",
    **given: str,
) -> Outcome:
    """Fill and send the form."""
    found = normalise(address)
    assert isinstance(found, Address)
    text = wording.consent_text(form, language)
    assert text is not None
    admitted = Admission(text, signing_up.activities(form))
    return signing_up.submit(form, Given(found, **given), admitted, at=at)


def letters_to(address: str = LIZA) -> list[str]:
    """Return the texts of the letters to an address, the oldest first."""
    rows = Letter.objects.filter(recipient=address).order_by("pk")
    return [_text(bytes(letter.data)) for letter in rows]


def sign_up_in(text: str) -> int:
    """Return the sign-up to which the link of a letter leads."""
    found = re.search(r"/k/([\w-]+)/", text)
    assert found, text
    return tokens.read_recipient(keys.derive("confirm"), found[1])


def _text(data: bytes) -> str:
    message = message_from_bytes(data, policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return f"{message['Subject']}\n{part.get_content()}"
