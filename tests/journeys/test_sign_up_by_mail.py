"""Signing up with every process real: the form over HTTP, the letters over SMTP, the own page from the welcome mail."""

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from hirnok.process.tests.places import eventually
from tests.journeys.installation import Installation, installation
from tests.journeys.test_import_to_goodbye import a_workplace_is_prepared, arrived, signed_in
from tests.journeys.visitor import Page, Visitor

LIZA = "liza@level.example"


def test_a_reader_signs_up_confirms_and_leaves(tmp_path: Path, database_url: Any) -> None:
    with installation(tmp_path) as running:
        owner = signed_in(running)
        a_workplace_is_prepared(owner, running)
        form = a_form_is_made(owner)
        visitor = Visitor(running.base)

        it_is_filled(visitor, form)
        assert contacts(running) == []
        landing = visitor.get(link_in_the_mail(running, "k"))
        assert contacts(running) == []
        assert visitor.submit(landing).status == 200
        assert contacts(running) == [(LIZA, "Liza")]

        own = visitor.get(link_in_the_mail(running, "p"))
        assert "Őri" not in own.text and "l•••@level.example" in own.text
        visitor.submit(own, last_name="Őri", button=("do", "save"))
        assert running.query("SELECT last_name FROM contacts_contact") == [("Őri",)]
        visitor.post(own.url, b"do=leave")
        assert contacts(running) == []
        assert running.query("SELECT count(*) FROM register_suppression") == [(1,)]
        assert visitor.get(own.url).status == 410


def a_form_is_made(owner: Visitor) -> str:
    page = owner.submit(
        owner.get("/operator/forms/new/"),
        name="Honlap",
        ask_first_name="optional",
        languages=["hu", "ro"],
    )
    found = re.search(
        r'action="[^"]*?(/f/[\w-]+/)\?language=hu"', page.body.decode().replace("&quot;", '"')
    )
    assert found, page.text
    return found[1]


def it_is_filled(visitor: Visitor, form: str) -> None:
    """Sent again until a person could have filled it: at first it comes back too soon."""
    page = visitor.get(f"{form}?language=hu")

    def sent() -> Page | None:
        answer = visitor.submit(page, email=LIZA, first_name="Liza", consent="on")
        assert answer.status == 200
        return arrived(answer, "/thanks/")

    eventually(sent)


def link_in_the_mail(running: Installation, kind: str) -> str:
    """The link of this kind in a letter that has arrived."""
    return str(
        eventually(lambda: next(filter(None, (link_in(one, kind) for one in mails(running))), None))
    )


def mails(running: Installation) -> list[EmailMessage]:
    found = []
    for mail in running.mails():
        message = email.message_from_bytes(mail, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        if message["To"].addresses[0].addr_spec != LIZA:
            continue  # the owner is told of signing in and of the new password
        assert message["From"].addresses[0].addr_spec == "hirlevel@alma.example"
        assert message["Auto-Submitted"] == "auto-generated"
        found.append(message)
    return found


def link_in(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(("plain",))
    assert part is not None
    found = re.search(rf"https?://\S+/{kind}/\S+/", part.get_content())
    return found[0] if found else None


def contacts(running: Installation) -> list[tuple[Any, ...]]:
    return running.query("SELECT email, first_name FROM contacts_contact")
