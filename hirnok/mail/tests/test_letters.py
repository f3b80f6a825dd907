import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header

from hirnok.mail.letters import Letter, as_bytes, build

LETTER = Letter(
    from_name="Kis Könyvesbolt, Kft.",
    from_address="bolt@konyvesbolt.example",
    to_name="Kiss Őrsné\r\nBcc: x@y.example",
    to_address="anna@olvaso.example",
    subject="Új jelszó\r\nBcc: x@y.example",
    text="Kattintson ide:\n.\nhttps://a.example/\n",
    message_id="l1@konyvesbolt.example",
)
AT = datetime(2026, 11, 3, 8, tzinfo=UTC)


def test_it_writes_a_letter() -> None:
    data = as_bytes(build(LETTER, at=AT, headers={"In-Reply-To": "<x@y.example>"}))
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert message["bcc"] is None
    assert message["subject"] == "Új jelszó Bcc: x@y.example"
    assert message["to"].addresses[0].addr_spec == "anna@olvaso.example"
    assert message["from"].addresses[0].display_name == "Kis Könyvesbolt, Kft."
    assert message["auto-submitted"] == "auto-generated"
    assert message["message-id"] == "<l1@konyvesbolt.example>"
    assert message["date"].datetime == AT
    assert message["in-reply-to"] == "<x@y.example>"
    assert message.get_content().replace("\r\n", "\n") == LETTER.text


def test_it_adds_html_and_an_address_for_answers() -> None:
    letter = replace(
        LETTER, html="<p>á</p>", reply_to="ugyfel@konyvesbolt.example", auto_submitted=""
    )
    message = email.message_from_bytes(as_bytes(build(letter, at=AT)), policy=email.policy.default)
    assert message["auto-submitted"] is None
    assert message["reply-to"] == "ugyfel@konyvesbolt.example"
    html = message.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == "<p>á</p>"


def test_it_keeps_every_blank_of_a_long_subject_and_name() -> None:
    words = "Üdvözöljük a hírlevelünk olvasói között: Őrségi Gyümölcsös és Faiskola Kft."
    for cut in range(20, len(words)):  # wherever a line is folded
        letter = replace(LETTER, subject=words[:cut].strip(), from_name=words[cut // 2 :])
        data = as_bytes(build(letter, at=AT))
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        assert str(make_header(decode_header(message["subject"]))) == letter.subject
        sender = str(make_header(decode_header(message["from"])))
        assert sender.rsplit(" <", 1)[0].strip('"') == letter.from_name.strip()
