"""What a message says of itself."""

from email.message import EmailMessage

import pytest

from hirnok.doctor import content
from hirnok.doctor.findings import Finding

HTML = (
    "<html><head><title>T</title><style>p{}</style></head><body><p>"
    + "one two three four five six seven eight nine ten " * 3
    + '<a href="https://alma.hu/akcio">Akció</a> <img src="https://alma.hu/a.png" alt="Alma">'
    '<img src="https://t.alma.hu/o/x" width="1" height="1"></p></body></html>'
)


def page(more: str) -> str:
    return HTML.replace("</p>", f"{more}</p>")


def message(html: str = HTML, text: str = "one two three " * 12, **headers: str) -> bytes:
    made = EmailMessage()
    made["Subject"] = headers.pop("subject", "Friss alma a piacról")
    made["List-Unsubscribe"] = headers.pop("leave", "<mailto:l@alma.hu>, <https://alma.hu/u/abc>")
    post = headers.pop("post", "List-Unsubscribe=One-Click")
    if post:
        made["List-Unsubscribe-Post"] = post
    if text:
        made.set_content(text)
        made.add_alternative(html, subtype="html")
    else:
        made.set_content(html, subtype="html")
    return made.as_bytes()


def looked(data: bytes) -> dict[str, Finding]:
    return {one.check: one for one in content.examine(content.read(data))}


def test_all_is_right() -> None:
    found = looked(message())
    assert {one.state for one in found.values()} == {"passed"}, found
    assert content.one_click_address(content.read(message()).message) == "https://alma.hu/u/abc"


@pytest.mark.parametrize(
    ("data", "check", "expected"),
    [
        (message(text=""), "text", "failed text_missing"),
        (
            message(text="See the page.", html=page("one two three " * 20)),
            "text",
            "warning text_short",
        ),
        (message(html=HTML + "x" * 103_000), "size", "failed size_clipped"),
        (message(html=HTML + "x" * 95_000), "size", "warning size_near"),
        (
            message(html=HTML.replace(' alt="Alma"', "")),
            "alternatives",
            "warning alternatives_missing",
        ),
        (message(html=HTML.replace("Alma", "")), "alternatives", "passed alternatives_there"),
        (
            message(html='<img src="https://a.hu/1.png" alt="">Hi', text="Hi"),
            "balance",
            "warning balance_only_pictures",
        ),
        (message(subject="a" * 91), "subject", "warning subject_long"),
        (message(subject="HATALMAS AKCIÓ MA"), "subject", "warning subject_shouts"),
        (message(subject="Re: az ajánlat"), "subject", "warning subject_pretends"),
        (message(subject="Vá: az ajánlat"), "subject", "warning subject_pretends"),
        (message(leave="<mailto:l@alma.hu>"), "one_click_headers", "failed one_click_missing"),
        (message(post=""), "one_click_headers", "failed one_click_post_missing"),
        (message(post="One-Click"), "one_click_headers", "failed one_click_post_missing"),
        (message(leave="<http://alma.hu/u/a>"), "one_click_headers", "warning one_click_not_https"),
        (
            message(html=page('<a href="https://bit.ly/x">x</a>')),
            "link_texts",
            "warning links_shortened",
        ),
        (
            message(html=page('<a href="https://evil.ro/">www.otpbank.hu/belepes</a>')),
            "link_texts",
            "warning links_pretend",
        ),
        (
            message(html=page('<a href="https://shop.alma.hu/">alma.hu</a>')),
            "link_texts",
            "passed links_honest",
        ),
    ],
)
def test_each_thing(data: bytes, check: str, expected: str) -> None:
    found = looked(data)[check]
    assert f"{found.state} {found.code}" == expected


def scope(**fields: object) -> dict[str, object]:
    return {"contact": fields, "brand": {"name": "Alma"}, "campaign": {}, "unsubscribe_url": ""}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hi {{ contact.first_name }}!", "fields_empty"),
        ("Hi {{ contact.first_name|default('you') }}!", "fields_filled"),
        ("{% if contact.first_name %}Hi {{ contact.first_name }}{% endif %}", "fields_filled"),
        ("{{ brand.name }} {% raw %}{{ contact.first_name }}{% endraw %}", "fields_filled"),
        ("{{ contact.email }}", "fields_filled"),
        ("{{ contact.email.x.y.z() }}", "fields_break"),
    ],
)
def test_fields_that_stay_empty(source: str, expected: str) -> None:
    readers = [
        scope(email="a@b.hu", first_name="Anna"),
        scope(email="c@d.hu"),
        scope(email="e@f.hu"),
    ]
    found, number = content.empty_fields([source, ""], readers)
    assert (found.code, number) == (expected, 3)
    if expected == "fields_empty":
        assert (found.details["worst"], found.details["readers"]) == ("contact.first_name", 2)
