from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from hirnok.ui.paging import Page


def show(source: str, address: str = "/contacts/", **context: Any) -> str:
    request = RequestFactory().get(address)
    return Template("{% load ui %}" + source).render(Context({"request": request, **context}))


def test_it_sorts_up_then_down_and_begins_at_the_first_page() -> None:
    tag = '{% sort_th "email" "E-mail" default="email" %}'
    first = show(tag, "/contacts/?q=ko&page=token")
    assert 'aria-sort="ascending"' in first
    assert 'href="?q=ko&amp;sort=-email"' in first
    assert 'href="?sort=email"' in show(tag, "/contacts/?sort=-email")
    assert "aria-sort" not in show('{% sort_th "name" "Name" default="email" %}')


def test_it_filters_by_links_that_keep_the_search() -> None:
    page = show(
        '{% filters "state" choices label="State" %}',
        "/contacts/?q=ko&state=bounced&page=x",
        choices=[("bounced", "bounced", 1204), ("sent", "sent")],
    )
    assert 'href="?q=ko"' in page
    assert 'href="?q=ko&amp;state=bounced" aria-current="true"' in page
    assert "1,204" in page


def test_it_searches_with_the_other_parameters_kept() -> None:
    page = show('{% search placeholder="Find" %}', '/contacts/?q="><b>&state=sent&page=x')
    assert 'value="&quot;&gt;&lt;b&gt;"' in page
    assert '<input type="hidden" name="state" value="sent">' in page
    assert 'name="page"' not in page


def test_it_pages_both_ways() -> None:
    page: Page[Any] = Page([], next="abc", previous=None)
    shown = show("{% paging page %}", "/contacts/?state=sent&page=old", page=page)
    assert 'href="?state=sent&amp;page=abc"' in shown
    assert 'rel="prev"' not in shown
    assert show("{% paging page %}", page=Page([])).strip() == ""


def test_it_exports_what_is_shown() -> None:
    shown = show('{% export_link "/contacts/export/" %}', "/contacts/?q=ko&page=x")
    assert 'href="/contacts/export/?q=ko"' in shown


@pytest.mark.parametrize(
    ("kind", "value", "word", "tone"),
    [
        ("campaign", "sent", "sent", "green"),
        ("delivery", 2, "deferred", "amber"),
        ("delivery", 0, "queued", "grey"),
        ("delivery", 99, "99", "grey"),
        ("import", "running", "running", "blue"),
        ("import", "<odd>", "&lt;odd&gt;", "grey"),
    ],
)
def test_it_shows_states_in_the_words_of_the_glossary(
    kind: str, value: Any, word: str, tone: str
) -> None:
    shown = show("{% badge kind value %}", kind=kind, value=value)
    assert f">{word}</span>" in shown
    assert f"tone-{tone}" in shown


def test_it_marks_the_tab_of_the_page() -> None:
    shown = show(
        '{% tabs "Contact" %}{% tab "/contacts/" "All" count=3 %}{% tab "/x/" "X" %}{% endtabs %}'
    )
    assert shown.count('aria-current="page"') == 1
    assert '<a href="/contacts/" aria-current="page">All' in shown


def test_it_escapes_titles_and_leaves_out_empty_actions() -> None:
    shown = show("{% page_head title %}{% endpage_head %}", title="<script>")
    assert "<h1>&lt;script&gt;</h1>" in shown
    assert "head-actions" not in shown


def test_it_writes_figures_by_the_language_and_explains_them() -> None:
    shown = show('{% stat "Sent" 1962 help="Accepted by servers." %}')
    assert "1,962" in shown
    assert "Accepted by servers." in shown


def test_it_gives_the_accent_as_variables_with_a_nonce() -> None:
    request: Any = RequestFactory().get("/")
    request.tenant = SimpleNamespace(accent="#2f9e44")
    request.csp_nonce = "abc"
    shown = Template("{% load ui %}{% accent_style %}").render(Context({"request": request}))
    assert shown.startswith('<style nonce="abc">:root{--accent-light:#')
    assert show('{% accent_style "javascript:" %}') == ""


def test_it_keeps_parameters_in_forms() -> None:
    shown = show('{% keep "q" "state" %}', "/contacts/?q=a%22b&page=x")
    assert shown == '<input type="hidden" name="q" value="a&quot;b">'


def test_it_knows_whether_a_list_is_narrowed() -> None:
    tag = "{% narrowed as yes %}{{ yes }}"
    assert show(tag, "/contacts/?sort=email&page=x&q=") == "False"
    assert show(tag, "/contacts/?q=a") == "True"
