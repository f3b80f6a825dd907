import pytest

from hirnok.mail import links
from hirnok.mail.links import Link
from hirnok.mail.merge import CannotRender
from hirnok.mail.tests.samples import ANNA, prepared


def test_it_counts_every_occurrence() -> None:
    ready = prepared(
        '<p><a href="https://a.example/">egy <b>kettő</b></a> <a href="https://a.example/"><img src="https://a.example/i.png" alt="kép"></a>'
        '<map><area href="HTTPS://a.example/t" alt=""></map></p>'
        '<!--[if mso]><v:rect href="https://a.example/gomb?a=1&amp;b=2"></v:rect><![endif]-->'
    )
    assert ready.links == (
        Link(0, "https://a.example/", False, "https://a.example/", "egy kettő"),
        Link(1, "https://a.example/", False, "https://a.example/", "kép"),
        Link(2, "HTTPS://a.example/t", False, "HTTPS://a.example/t", ""),
        Link(3, "https://a.example/gomb?a=1&b=2", False, "https://a.example/gomb?a=1&b=2", ""),
    )


def test_it_gives_the_text_part_the_numbers_of_the_html() -> None:
    ready = prepared('<a href="https://a.example/">a</a> <a href="https://a.example/">b</a>')
    assert len(ready.links) == 2
    assert [part.number for part in ready.text if part.kind == "link"] == [0, 1]


def test_it_counts_links_of_an_own_text_part() -> None:
    ready = prepared(
        '<a href="https://a.example/">a</a>',
        text="lásd https://a.example/ és (https://b.example/x_(y)), https://c.example/.",
    )
    assert [(link.position, link.url, link.part) for link in ready.links] == [
        (0, "https://a.example/", "html"),
        (1, "https://b.example/x_(y)", "text"),
        (2, "https://c.example/", "text"),
    ]


@pytest.mark.parametrize(
    "href",
    [
        "mailto:a@b.example",
        "tel:+3612345678",
        "#top",
        "{{ unsubscribe_url }}",
        "{{ unsubscribe_url }}?x=1",
        "sms:1",
    ],
)
def test_it_never_measures_these(href: str) -> None:
    ready = prepared(f'<a href="{href}">a</a>')
    assert ready.problems == ()
    assert ready.links == ()


def test_it_keeps_templates_of_addresses() -> None:
    ready = prepared(
        '<a href="https://a.example/?u={{ contact.email|urlencode }}&amp;b={{ brand.name|urlencode }}&amp;c={% raw %}{{x}}{% endraw %}">{{ contact.town }}</a>'
    )
    (link,) = ready.links
    assert link.is_template
    assert link.prefix == "https://a.example/?u="
    assert link.text == "{{ contact.town }}"
    assert links.fill(link.url, ANNA) == (
        "https://a.example/?u=anna.kiss%2Bhirek%40olvaso.example&b=Kis%20K%C3%B6nyvesbolt&c={{x}}"
    )


def test_it_fills_nothing_that_ends_the_address() -> None:
    url = links.fill("https://a.example/{{ contact.town }}", {"town": "a\r\nb <c>"})
    assert url == "https://a.example/a%0D%0Ab%20%3Cc%3E"
    assert links.fill("https://a.example/{{ contact.town }}", {}) == "https://a.example/"


def test_it_tells_when_an_address_cannot_be_filled() -> None:
    with pytest.raises(CannotRender):
        links.fill("https://a.example/{{ contact.town + 1 }}", ANNA)
