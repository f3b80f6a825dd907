"""In whatever order somebody signs up, confirms, leaves and waits: there is a contact exactly while it is meant."""

import itertools
from datetime import datetime, timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hirnok.consent import leaving, signing_up
from hirnok.consent.models import Form, PendingSignUp
from hirnok.consent.signing_up import NothingToConfirm, Outcome
from hirnok.consent.tests.forms import form_of, sign_up
from hirnok.contacts.models import Contact
from hirnok.register import expiring
from tests.world import NOON, World

MAILS = 3
STEPS = st.lists(
    st.sampled_from(["sign up", "confirm", "leave", "wait", "wait long"]), min_size=1, max_size=14
)
_numbers = itertools.count(1)


class Reader:
    """One address, and beside it what should be true of it."""

    def __init__(self, form: Form) -> None:
        self.form, self.at = form, NOON
        self.address = f"olvaso{next(_numbers)}@example.hu"
        self.is_contact, self.asked = False, list[datetime]()

    def step(self, what: str) -> None:
        getattr(self, what.replace(" ", "_"))()
        self.at += timedelta(minutes=1)

    def sign_up(self) -> None:
        outcome = sign_up(self.form, self.address, at=self.at)
        assert (outcome == Outcome.SUBSCRIBED) == self.is_contact
        if outcome == Outcome.ASKED:
            self.asked.append(self.at)

    def confirm(self) -> None:
        pending = PendingSignUp.objects.filter(email=self.address).first()
        try:
            tenant = self.form.tenant_id
            signing_up.confirm(pending.pk if pending else 0, tenant=tenant, at=self.at)
        except NothingToConfirm:
            assert pending is None or pending.holding.expires_at <= self.at
            return
        self.is_contact, self.asked = True, []

    def leave(self) -> None:
        contact = Contact.objects.filter(email=self.address).first()
        leaving.leave_all(contact.pk if contact else 0, tenant=self.form.tenant_id, at=self.at)
        self.asked = [] if contact else self.asked
        self.is_contact = False

    def wait(self) -> None:
        self.at += timedelta(hours=9)

    def wait_long(self) -> None:
        self.at += timedelta(days=3)
        expiring.expire(self.at)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
@example(["sign up", "wait long"] * 4)
def test_there_is_a_contact_exactly_while_the_person_means_it(
    world: World, steps: list[str]
) -> None:
    form = Form.objects.first() or form_of(world.alma_list)
    reader = Reader(form)

    for step in steps:
        reader.step(step)
        held = Contact.objects.filter(tenant=world.alma, email=reader.address).count()
        assert held == reader.is_contact
        assert len(reader.asked) <= MAILS
        assert all(b - a >= timedelta(days=1) for a, b in itertools.pairwise(reader.asked))
