import re
from dataclasses import replace

import pytest

from hirnok.mail import merge
from hirnok.mail.compile import compile_message
from hirnok.mail.compose import Source, prepare
from hirnok.mail.tests.samples import (
    ANNA,
    BRAND,
    ENVELOPE,
    FOOTER,
    LEAVE,
    codes,
    compiled,
    prepared,
    rendered,
)
from hirnok.mail.tests.strict import parts_of


def html_of(body: str, **changes: str) -> str:
    return parts_of(rendered(compiled(body, **changes)))[1]["text/html"]


def places(body: str) -> list[tuple[str, int, int]]:
    return [(problem.code, problem.line, problem.column) for problem in prepared(body).problems]


@pytest.mark.parametrize(
    "body",
    [
        "<table>{% for x in contact.tags|split(',') %}<tr><td>{{ x }}</td></tr>{% endfor %}</table>",
        "<table><tr><td>a</td></tr>{% if contact.vip %}<tr><td>b</td></tr>{% endif %}</table>",
        "<table>{% if contact.vip %}<tbody><tr><td>b</td></tr></tbody>{% endif %}</table>",
        "<table>{% if contact.vip %}<tr><td>b</td></tr>{% endif %}{% if contact.town %}<tr><td>c</td></tr>{% endif %}</table>",
        "{% if contact.vip %}<p>a</p>{% else %}<p>b</p>{% endif %}",
        "{% set x = contact.town %}<!DOCTYPE html><html><body>{% if x %}{{ x }}{% endif %}</body></html>",
        "<ul>{% for x in contact.tags|split(',') %}<li>{{ x }}</li>{% endfor %}</ul>",
        "<!--[if mso]>{% if contact.vip %}<table><tr><td>{% endif %}<![endif]-->",
        "<p style='color: {{ contact.town }}; margin: 0'>a</p><style>p { color: red }</style>",
        "<p title='{{ contact.town }}' class={{ contact.town }}>a</p>",
        "<a href='mailto:{{ contact.email }}'>a</a>",
        "<img src='https://a.example/{{ contact.town|urlencode }}.png' alt=''>",
    ],
)
def test_it_accepts_holes_and_tags_where_they_can_stand(body: str) -> None:
    assert codes(body) == []
    rendered(compiled(body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>\n<{{ contact.town }}>", ("hole_in_tag", 2, 2)),
        ("<p {{ contact.town }}='a'>x</p>", ("hole_in_tag", 1, 4)),
        ("<p style='{{ contact.town }}'>x</p>", ("hole_in_style", 1, 11)),
        ("<style>p { color: {{ contact.town }} }</style>", ("hole_in_style", 1, 19)),
        ("<style>{% if contact.vip %}p{}{% endif %}</style>", ("block_in_tag", 1, 8)),
        ("<p {% if contact.vip %}class='a'{% endif %}>x</p>", ("block_in_tag", 1, 4)),
        ("<p class='{% if contact.vip %}a{% endif %}'>x</p>", ("block_in_tag", 1, 11)),
        ("<a href='https://a.example/{% if contact.vip %}a{% endif %}'>x</a>", ("block_in_tag", 1, 28)),
        ("{% if contact.vip %}<b>x{% endif %}y</b>", ("block_across_elements", 1, 1)),
        ("<div>{% if contact.vip %}</div><div>{% endif %}</div>", ("block_across_elements", 1, 6)),
        ("<a href='{{ contact.town }}'>x</a>", ("whole_url", 1, 10)),
        ("<a href='{{ brand.name }}/x'>x</a>", ("whole_url", 1, 10)),
        ("<img src='{{ contact.town }}' alt=''>", ("whole_url", 1, 11)),
        ("<a href='https://{{ contact.town }}/'>x</a>", ("hole_in_host", 1, 18)),
        ("<a href='https://a.example{{ contact.town }}'>x</a>", ("hole_in_host", 1, 27)),
        ("<a href='java{{ contact.town }}'>x</a>", ("whole_url", 1, 14)),
        ("<!--[if mso]><a href='{{ contact.town }}'>x</a><![endif]-->", ("whole_url", 1, 23)),
        ("<p style='background: url({{ contact.town }})'>x</p>", ("whole_url", 1, 27)),
        ("{% for x in contact.tags %}<a href='https://a.example/{{ x }}'>x</a>{% endfor %}", ("local_name_in_url", 1, 55)),
        ("<a href='/x'>x</a>", ("relative_url", 0, 0)),
        ("<a href=''>x</a>", ("empty_url", 0, 0)),
        ("<script>a</script>", ("removed", 0, 0)),
    ],
)  # fmt: skip
def test_it_says_where_holes_and_tags_cannot_stand(
    body: str, expected: tuple[str, int, int]
) -> None:
    assert expected in places(body)


def test_it_reports_the_place_in_the_right_source() -> None:
    ready = prepared(
        "<p>x</p>", subject="a {{ contact.nothing }}", preheader="{% foo %}", text="\n{{ x }}"
    )
    assert [(problem.where, problem.line) for problem in ready.problems] == [
        ("subject", 1),
        ("preheader", 1),
        ("text", 2),
    ]


@pytest.mark.parametrize(
    ("body", "gone"),
    [
        ("<p>a</p><script>alert(1)</script>", "script"),
        ("<iframe src='https://a.example'>x</iframe>", "iframe"),
        ("<p onclick='x()'>a</p>", "onclick"),
        ("<a href='javascript:alert(1)'>a</a>", "javascript"),
        ("<a href='java\nscript:alert(1)'>a</a>", "script:"),
        ("<a href='&#106;avascript:alert(1)'>a</a>", "avascript"),
        ("<meta http-equiv='refresh' content='0;url=https://a.example'>", "refresh"),
        ("<form action='https://a.example'><input name='x'></form>", "<form"),
        ("<base href='https://a.example/'>", "<base"),
        ("<svg><script>alert(1)</script></svg>", "alert"),
        ("<object data='x'>a</object>", "object"),
        ("<!--[if mso]><script>alert(1)</script><![endif]-->", "alert"),
        ('<p x"y=\'1\' onclick="alert(1)">a</p>', "alert"),
    ],
)
def test_it_leaves_out_what_has_no_place_in_mail(body: str, gone: str) -> None:
    assert "removed" in codes(body)
    assert gone not in html_of(body)


def test_it_keeps_what_newsletters_are_made_of() -> None:
    html = html_of(
        "<html><head><style>p { color: red } a:hover { color: blue } @media (max-width: 600px) { p { color: green } }"
        "</style></head><body bgcolor='#fff'><!--[if mso]><table><tr><td><![endif]--><p>á &lt; &amp;</p>"
        "<![if !mso]><b>x</b><![endif]><!--[if mso]></td></tr></table><![endif]-->"
        "<table width='600' cellpadding='0'><tr><td valign='top'>x</td></tr></table></body></html>"
    )
    for kept in (
        "a:hover", "@media (max-width: 600px)", '<p style="color: red;">á &lt; &amp;</p>', 'bgcolor="#fff"',
        "<!--[if mso]><table><tr><td><![endif]-->", "<![if !mso]><b>x</b><![endif]>", 'cellpadding="0"', '<meta charset="utf-8">',
    ):  # fmt: skip
        assert kept in html


def test_it_makes_markdown_a_document() -> None:
    html = html_of(
        "# Szia {{ contact.first_name }}\n\n*a* [b](https://a.example/?x=1&y=2)\n\n- c",
        kind="markdown",
    )
    assert html.startswith('<!DOCTYPE html><html lang="hu">')
    assert re.search(r"<h1 style=\"[^\"]*\">Szia Anna</h1>", html)
    assert 'href="https://a.example/?x=1&amp;y=2"' in html
    assert "<li>c</li>" in html


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (
            "{% if contact.vip %}Ön **vip**{% else %}x{% endif %}, *szia*",
            "Ön <strong>vip</strong>, <em>szia</em></p>",
        ),
        ("a\n\n{% if contact.vip %}\nb *c*\n\n{% endif %}\n\nd", ">b <em>c</em></p>"),
        ("`{% if contact.vip %}a{% endif %}`", "<code>a</code>"),
        ("[a]({{ unsubscribe_url }})", ">a</a>"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("a <b>c</b>", "a <b>c</b>"),
    ],
)
def test_it_keeps_markdown_around_tags(markdown: str, expected: str) -> None:
    assert codes(markdown, kind="markdown") == []
    assert expected in html_of(markdown, kind="markdown")


MJML = (
    "<mjml><mj-body>{0}<mj-section><mj-column><mj-text>Szia {{{{ contact.first_name }}}}</mj-text>"
    '<mj-button href="https://a.example/?t={{{{ contact.town|urlencode }}}}">Tovább</mj-button>'
    "</mj-column></mj-section>{1}</mj-body></mjml>"
)


def test_it_composes_mjml() -> None:
    html = html_of(MJML.format("", ""), kind="mjml")
    assert "Szia Anna" in html
    assert 'href="https://a.example/?t=K%C5%91szeg"' in html
    assert 'lang="hu"' in html
    assert "googleapis" not in html


def test_it_lets_conditions_stand_around_sections() -> None:
    body = MJML.format("{% if contact.vip %}", "{% endif %}")
    assert codes(body, kind="mjml") == []
    message = compiled(body, kind="mjml")
    assert "Szia" not in parts_of(rendered(message, {**ANNA, "vip": False}))[1]["text/html"]


def test_it_says_that_mjml_cannot_be_read() -> None:
    assert codes("<mjml><mj-body><mj-section></mj-body></mjml>", kind="mjml") == ["mjml"]
    assert codes(
        '<mjml><mj-body><mj-include path="/etc/passwd" /></mj-body></mjml>', kind="mjml"
    ) == ["mjml"]


def test_it_shows_the_preheader_first_and_not_in_the_text() -> None:
    _, bodies = parts_of(
        rendered(
            compiled(
                "<h1>Cím</h1>", preheader="{% if contact.vip %}Csak & {{ contact.town }}{% endif %}"
            )
        )
    )
    assert "Csak &amp; Kőszeg" in bodies["text/html"].partition("Cím")[0]
    assert bodies["text/plain"].startswith("Cím")


def test_it_adds_address_and_way_out() -> None:
    _, bodies = parts_of(rendered(compiled("<p>x</p>", text="y")))
    for text in bodies.values():
        assert "Kis Könyvesbolt Kft., 1051 Budapest, Fő utca 1." in text
        assert "Azért kapja, mert feliratkozott." in text
        assert text.count("https://konyvesbolt.example/u/") == 1
        assert "Leiratkozás" in text


@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_it_does_not_repeat_what_the_author_placed(kind: str) -> None:
    own = {
        "html": '<p>x {{ brand.postal_address }} <a href="{{ unsubscribe_url }}">ki</a></p>',
        "markdown": "x Kis Könyvesbolt Kft., 1051 Budapest,\nFő utca 1. [ki]({{ unsubscribe_url }})",
    }[kind]
    _, bodies = parts_of(rendered(compiled(own, kind=kind)))
    for text in bodies.values():
        assert len(re.findall(r"Fő\s+utca", text)) == 1
        assert text.count("https://konyvesbolt.example/u/") == 1
        assert "Leiratkozás" not in text


def test_it_adds_the_way_to_the_readers_own_page_where_the_footer_has_a_label_for_it() -> None:
    footer = replace(FOOTER, preferences="Adataim")
    ready = prepare(Source("html", "<p>x</p>", "Szia", text="y"), BRAND, footer)
    _, bodies = parts_of(rendered(compile_message(ready, ENVELOPE, {})))
    for text in bodies.values():
        assert f"https://konyvesbolt.example/p/{LEAVE}/" in text
        assert f"https://konyvesbolt.example/u/{LEAVE}" in text

    own = '<a href="{{ preferences_url }}">az</a>{% if contact.first_name %}{{ preferences_url }}{% endif %}'
    ready = prepare(Source("html", own, "Szia"), BRAND, footer)
    assert not ready.errors and ready.links == ()
    _, bodies = parts_of(rendered(compile_message(ready, ENVELOPE, {})))
    assert "Adataim" not in bodies["text/html"]
    assert bodies["text/html"].count(f"https://konyvesbolt.example/p/{LEAVE}/") == 2


def test_it_does_not_count_an_address_that_an_expression_may_leave_out() -> None:
    own = (
        "<p>x {{ '' if true else brand.postal_address }} {{ '' if true else unsubscribe_url }}</p>"
    )
    _, bodies = parts_of(rendered(compiled(own)))
    for text in bodies.values():
        assert "1051 Budapest" in text
        assert text.count("https://konyvesbolt.example/u/") == 1


@pytest.mark.parametrize(
    "body",
    [
        '{% if contact.vip %}<a href="{{ unsubscribe_url }}">ki</a>{% endif %}',
        '<!-- <a href="{{ unsubscribe_url }}">ki</a> -->',
        '<img src="https://a.example/?{{ unsubscribe_url }}" alt="">',
        """<a href="https://a.example/{{ '' if true else unsubscribe_url }}">ki</a>""",
    ],
)
def test_it_does_not_count_a_way_out_that_not_everyone_sees(body: str) -> None:
    assert "Leiratkozás</a>" in html_of(body)


def test_it_gives_sources_to_edit() -> None:
    ready = prepared(
        "<p>Szia {{ contact.town|upper }}, {% if contact.vip %}vip{% endif %} {% raw %}{{{% endraw %}</p>"
    )
    assert (
        ready.text_source
        == "Szia {{ contact.town|upper }}, {% if contact.vip %}vip{% endif %} {% raw %}{{% endraw %}{% raw %}{{% endraw %}"
    )
    assert merge.check(ready.html_source, {"town", "vip"}) == []
    assert (
        merge.render(ready.text_source, merge.scope(ANNA, BRAND.values, "", ""))
        == "Szia KŐSZEG, vip {{"
    )


def test_it_bounds_what_loops_repeat() -> None:
    body = "<p>{{% for x in contact.tags %}}{}{{% endfor %}}</p>"
    assert codes(body.format("x" * merge.LARGEST_LOOPS)) == []
    assert places(body.format("x" * (merge.LARGEST_LOOPS + 1))) == [("loop_too_large", 1, 4)]


def test_it_survives_words_like_its_own() -> None:
    html = html_of("<p>qzh0x q1zh0x qzb0x QZH1X {{ contact.town }}</p>")
    assert "<p>qzh0x q1zh0x qzb0x QZH1X Kőszeg</p>" in html
