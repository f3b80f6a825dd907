import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hirnok.lib import tokens
from hirnok.mail import merge
from hirnok.mail.compile import Compiled, HasErrors, compile_message, date_of
from hirnok.mail.compose import Prepared
from hirnok.mail.merge import CannotRender
from hirnok.mail.parts import Part, as_source
from hirnok.mail.quoted import escape, one_line, show
from hirnok.mail.tests.samples import (
    ANNA,
    BRAND,
    CONTACTS,
    ENVELOPE,
    LEAVE,
    TRACK,
    bounded,
    compiled,
    prepared,
    rendered,
)
from hirnok.mail.tests.strict import parts_of

UNSUBSCRIBE = f"https://konyvesbolt.example/u/{LEAVE}"


def parsed(message: bytes) -> EmailMessage:
    found = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def body(message: bytes, kind: str) -> str:
    part = parsed(message).get_body((kind,))
    assert part is not None
    return str(part.get_content())


def plainly(
    parts: tuple[Part, ...], ready: Prepared, contact: Any, encode: Callable[[str], str]
) -> str:
    """The parts rendered by plain MiniJinja, with the author's addresses."""
    whole: list[Part] = []
    for part in parts:
        if part.kind == "link":
            targets = ready.targets[part.number]
            whole += [replace(t, text=encode(t.text)) if t.kind == "static" else t for t in targets]
        else:
            whole.append(part)
    engine = merge.environment(finalizer=lambda value: encode(show(value)))
    plain = merge.environment(finalizer=show)
    subject = plain.render_str(
        as_source(ready.subject), **merge.scope(contact, BRAND.values, "", "")
    )
    # static text goes in raw, as it is encoded already
    texts = {
        f"static{number}": part.text for number, part in enumerate(whole) if part.kind == "static"
    }
    source = "".join(
        f"[static{number}]" if part.kind == "static" else as_source([part])
        for number, part in enumerate(whole)
    )
    scope = merge.scope(contact, BRAND.values, subject, UNSUBSCRIBE)
    result = engine.render_str(source, **scope)
    result = re.sub(r"\[(static\d+)\]", lambda match: texts[match[1]], result)
    return re.sub(r"\r\n|\r", "\n", result)


# What stands between tags must not hold `[static…]`, which the plain rendering uses.
STATIC = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="<>&{}[]"), max_size=30),
    st.sampled_from([" ", ".", "\n.", ".\n..\n", "=", "\n", "<b>x</b>", "<br>", "&amp;", "a" * 90, "é" * 40, "} }", "{ { "]),
    st.sampled_from(
        ['<a href="https://a.example/?a=1&amp;b=2">x</a>', '<a href="https://a.example/{{ contact.town|urlencode }}">{{ contact.town }}</a>']
    ),
)  # fmt: skip
EXPRESSIONS = st.sampled_from(
    [
        "contact.first_name", "contact.last_name|default('Olvasó')", "contact.town|upper", "contact.tags",
        "contact.first_name ~ '=' ~ contact.town", "contact.points", "contact.vip", "brand.name", "campaign.subject",
        "unsubscribe_url", "contact.tags|split(',')|join('.')", "'.' if contact.vip else '&'", "contact.tags[:3]",
        "contact.born|date('%Y')", "contact.town|title|default(\"é\")", "contact.tags|length", "contact.first_name|urlencode",
    ]
)  # fmt: skip


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    conditions = st.sampled_from(
        ["contact.vip", "not contact.town", "contact.points > 3", "contact.first_name == ''"]
    )
    dash = st.sampled_from(["", "-"])
    return st.one_of(
        st.builds("{{%{1} if {0} %}}{2}{{% endif {1}%}}".format, conditions, dash, inner),
        st.builds("{{% if {0} %}}{1}{{% elif contact.last_name %}}.{{%- else %}}{2}{{% endif %}}".format, conditions, inner, inner),
        st.builds("{{% for x in 'a,.b,=é'|split(',') %}}{0}{{{{ x }}}}{{{{ loop.index }}}}{1}{{% endfor %}}".format, inner, STATIC),
    )  # fmt: skip


NODES = st.recursive(
    st.one_of(
        STATIC,
        EXPRESSIONS.map("{{{{ {} }}}}".format),
        EXPRESSIONS.map("{{{{- {} -}}}}".format),
        st.just("{# a comment {{ x }} #}"),
        st.just("{% raw %}{{ raw }} {% if %}{% endraw %}"),
    ),
    lambda inner: blocks(st.lists(inner, max_size=4).map("".join)),
    max_leaves=12,
)
TEMPLATES = st.lists(NODES, max_size=6).map("".join)
SETS = st.sampled_from(["", "", "{% set y = contact.first_name %}{{ y|upper }}{{ y }}"])


@bounded
@given(TEMPLATES, SETS, CONTACTS)
def test_it_sends_what_plain_rendering_gives(
    template: str, sets: str, contact: dict[str, Any]
) -> None:
    subject = (
        "Ő {{ contact.first_name }} {{ contact.town|upper }}"
        if sets
        else "{{ contact.first_name }}."
    )
    ready = prepared(f"<div>{sets}{template}</div>", subject=subject)
    assert not ready.errors
    message = compile_message(ready, ENVELOPE)
    try:
        data = rendered(message, contact)
    except CannotRender:
        assume(False)
    headers, bodies = parts_of(data)
    assert bodies["text/html"] == plainly(ready.html, ready, contact, escape)
    assert bodies["text/plain"] == plainly(ready.text, ready, contact, str)
    assert headers["subject"] == one_line(message.subject_for(contact))
    assert rendered(Compiled.load(message.dump()), contact) == data


@bounded
@given(TEMPLATES, CONTACTS)
def test_it_sends_the_text_the_author_wrote(template: str, contact: dict[str, Any]) -> None:
    ready = prepared("<p>x</p>", text=template)
    assert not ready.errors
    try:
        data = rendered(compile_message(ready, ENVELOPE), contact)
    except CannotRender:
        assume(False)
    assert parts_of(data)[1]["text/plain"] == plainly(ready.text, ready, contact, str)


@bounded
@given(CONTACTS)
def test_it_lets_no_value_into_the_headers(contact: dict[str, Any]) -> None:
    message = compiled(
        "<p>{{ contact.first_name }}</p>", subject="{{ contact.first_name }} {{ contact.town }}"
    )
    headers, _ = parts_of(rendered(message, contact))
    assert list(headers) == [
        "from", "to", "subject", "date", "message-id", "list-id", "list-unsubscribe", "list-unsubscribe-post",
        "feedback-id", "precedence", "x-auto-response-suppress", "mime-version", "content-type",
    ]  # fmt: skip
    names = [show(contact.get("first_name")), show(contact.get("last_name"))]
    to = parsed(rendered(message, contact))["to"].addresses
    assert [address.addr_spec for address in to] == ["anna@olvaso.example"]
    assert all(re.fullmatch(r"[^\r\n]*", name) for name in names) or "\n" not in str(headers["to"])


@pytest.mark.parametrize(
    "address",
    [
        None,
        3,
        "",
        "x",
        "a@b.example\r\nBcc: c@d.example",
        "á@b.example",
        "a b@c.example",
        "<a@b.example>",
    ],
)
def test_it_refuses_addresses_that_are_none(address: object) -> None:
    with pytest.raises(CannotRender):
        rendered(compiled("<p>x</p>"), {"email": address})


def test_it_says_what_a_newsletter_must_say() -> None:
    message = parsed(
        rendered(compiled("<p>Szia</p>", subject="Őszi könyvek {{ contact.first_name }}"))
    )
    assert str(message["from"]) == "Kovács Őrs <hirek@konyvesbolt.example>"
    assert str(message["to"]) == "Kiss Anna <anna.kiss+hirek@olvaso.example>"
    assert message["subject"] == "Őszi könyvek Anna"
    assert message["date"].datetime == datetime(2026, 11, 3, 8, tzinfo=UTC)
    assert message["message-id"] == f"<{TRACK}.c12@konyvesbolt.example>"
    assert message["list-id"] == "Kovács Őrs <hirek.konyvesbolt.example>"
    assert message["list-unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert message["feedback-id"] == "12:3:newsletter:hirnok"
    assert message["auto-submitted"] is None
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_it_offers_leaving_by_mail_too() -> None:
    envelope = replace(
        ENVELOPE,
        unsubscribe_domain="vissza.konyvesbolt.example",
        reply_to="bolt@konyvesbolt.example",
    )
    message = parsed(rendered(compile_message(prepared("<p>x</p>"), envelope)))
    assert message["list-unsubscribe"] == (
        f"<{UNSUBSCRIBE}>, <mailto:u-{tokens.in_address(LEAVE)}@vissza.konyvesbolt.example?subject=unsubscribe>"
    )
    assert message["reply-to"] == "bolt@konyvesbolt.example"


def test_it_writes_the_given_name_first_where_that_is_the_custom() -> None:
    message = parsed(rendered(compiled("<p>x</p>"), {**ANNA, "language": "en"}))
    assert str(message["to"]).startswith("Anna Kiss ")


LINKS = (
    '<p><a href="https://a.example/x?a=1&amp;b=2">egy</a> <a href="https://a.example/{{ contact.town|urlencode }}">két</a>'
    ' <a href="mailto:x@y.example">levél</a> <a href="#le">le</a> <a href="{{ unsubscribe_url }}">ki</a></p>'
)


@pytest.mark.parametrize(
    ("brand", "reader", "name"),
    [
        ("hu", "", "Kiss Anna"),
        ("ro", "", "Anna Kiss"),
        ("hu", "ro", "Anna Kiss"),
        ("ro", "hu", "Kiss Anna"),
        ("", "", "Anna Kiss"),
    ],
)
def test_a_name_follows_the_readers_language_or_else_the_brands(
    brand: str, reader: str, name: str
) -> None:
    made = compile_message(prepared("x"), replace(ENVELOPE, language=brand))
    message = parsed(rendered(Compiled.load(made.dump()), ANNA | {"language": reader}))
    assert message["To"].addresses[0].display_name == name


def test_it_measures_nothing_unless_asked() -> None:
    data = rendered(compiled(LINKS))
    html = body(data, "html")
    assert "t.konyvesbolt.example" not in data.decode()
    assert "<img" not in html
    assert 'href="https://a.example/x?a=1&amp;b=2"' in html
    assert 'href="https://a.example/K%C5%91szeg"' in html


def test_it_measures_links_and_opens() -> None:
    ready = prepared(LINKS)
    message = compile_message(ready, replace(ENVELOPE, pixel=True), {0: 501, 1: 502})
    data = rendered(message)
    html, text = body(data, "html"), body(data, "plain")
    hrefs = re.findall(r'href="([^"]*)"', html)
    tracked = [f"https://t.konyvesbolt.example/c/{number}/{TRACK}" for number in (501, 502)]
    assert hrefs == [*tracked, "mailto:x@y.example", "#le", UNSUBSCRIBE]
    assert (
        f"egy ({tracked[0]}) két ({tracked[1]}) levél (x@y.example) le ki ({UNSUBSCRIBE})" in text
    )
    assert html.count(f'<img src="https://t.konyvesbolt.example/o/{TRACK}.gif"') == 1
    assert html.index(".gif") < html.index("</body>")


def test_it_measures_links_inside_conditions() -> None:
    source = "{% if contact.vip %}<a href='https://a.example/v'>v</a>{% else %}<a href='https://a.example/w'>w</a>{% endif %}"
    message = compiled(f"<div>{source}</div>", measured=True)
    assert f"/c/100/{TRACK}" in body(rendered(message), "html")
    assert f"/c/101/{TRACK}" in body(rendered(message, {**ANNA, "vip": False}), "plain")


def test_it_makes_the_same_message_twice() -> None:
    first, second = compiled("<p>{{ contact.town }}</p>"), compiled("<p>{{ contact.town }}</p>")
    assert first == second
    assert rendered(first) == rendered(Compiled.load(second.dump()))
    assert first.size < len(rendered(first))


def test_it_names_the_delivery_where_nothing_is_tracked() -> None:
    message = compiled("<p>x</p>").render(ANNA, track="", leave=LEAVE, delivery_id=77, date="x")
    assert parsed(message)["message-id"] == "<77.c12@konyvesbolt.example>"


def test_it_knows_the_subject_in_the_body() -> None:
    message = compiled(
        "<p>{{ campaign.subject|upper }} {{ campaign.subject }}</p>",
        subject="Szia {{ contact.first_name|upper }}",
    )
    assert "<p>SZIA ANNA Szia ANNA</p>" in body(rendered(message), "html")
    static = compiled("<p>{{ campaign.subject }}</p>", subject="Szia & {{ brand.name }}")
    assert "<p>Szia &amp; Kis Könyvesbolt</p>" in body(rendered(static), "html")


def test_it_refuses_what_has_errors() -> None:
    with pytest.raises(HasErrors):
        compile_message(prepared("{{ contact.nothing }}"), ENVELOPE)


def test_it_tells_when_a_contact_cannot_be_written_to() -> None:
    message = compiled("<p>{{ contact.town + 1 }}</p>")
    with pytest.raises(CannotRender):
        rendered(message)


def test_it_refuses_dumps_of_other_versions() -> None:
    with pytest.raises(ValueError, match="another version"):
        Compiled.load(compiled("<p>x</p>").dump().replace(b'"version": 1', b'"version": 99'))


def test_it_writes_dates() -> None:
    assert date_of(datetime(2026, 11, 3, 8, tzinfo=UTC)) == "Tue, 03 Nov 2026 08:00:00 +0000"
