import pytest

from hirnok.mail import merge
from hirnok.mail.merge import CannotRender, Problem, check
from hirnok.mail.tests.samples import ANNA, FIELDS


def found(source: str, where: merge.Where = "body") -> list[tuple[str, int, int]]:
    return [
        (problem.code, problem.line, problem.column) for problem in check(source, FIELDS, where)
    ]


def filled(source: str, contact: dict[str, object] | None = None) -> str:
    scope = merge.scope(
        ANNA if contact is None else contact, {"name": "Bolt"}, "Hírek", "https://x.example/u/1"
    )
    return merge.render(source, scope)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "plain { text } %} }}",
        "{{ contact.first_name|default('Olvasó') }} {{ brand.name }} {{ unsubscribe_url }}",
        "{% if contact.vip and contact.points > 3 %}a{% elif not contact.town %}b{% else %}c{% endif %}",
        "{% for tag in contact.tags|split(',') %}{{ loop.index }}. {{ tag|upper }}{% endfor %}",
        "{% set name = contact.first_name %}{{ name }}{% set other = name ~ '!' %}{{ other }}",
        "{% raw %}{{ anything }} {% foo %}{% endraw %}{# {{ nothing }} #}",
        "{{ {'a': {'b': 1}}.a.b }} {{ '}}' }} {{ contact.points * 2 }} {{ contact.born|date('%Y') }}",
    ],
)
def test_it_accepts_the_language(source: str) -> None:
    assert check(source, FIELDS) == []
    filled(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a\n{{ contact.first_name", ("unclosed", 2, 12)),
        ("{% if contact.vip %}", ("unclosed", 1, 19)),
        ("á\nb {% include 'x' %}", ("forbidden_tag", 2, 3)),
        ("{% macro x() %}{% endmacro %}", ("forbidden_tag", 1, 1)),
        ("{% set x %}a{% endset %}", ("forbidden_tag", 1, 1)),
        ("\n  {{ contact.nickname }}", ("unknown_name", 2, 6)),
        ("{{ brand.secret }}", ("unknown_name", 1, 4)),
        ("{{ contact }}", ("unknown_name", 1, 4)),
        ("{{ contact['em' ~ 'ail'] }}", ("unknown_name", 1, 4)),
        ("{{ contact.email.upper() }}", ("unknown_name", 1, 4)),
        ("{{ range(10) }}", ("unknown_name", 1, 4)),
        ("{% if shoe %}{% endif %}", ("unknown_name", 1, 7)),
        ("{% for x in shoes %}{% endfor %}", ("unknown_name", 1, 13)),
        ("{{ contact.email|safe }}", ("unknown_filter", 1, 18)),
        ("{{ contact.email | text_piece }}", ("unknown_filter", 1, 20)),
        ("{% set x = 'a' %}{{ x.upper() }}", ("method_call", 1, 23)),
        ("{% set contact = 'a' %}", ("reserved_name", 1, 3)),
        ("{% for _x in contact.tags %}{% endfor %}", ("reserved_name", 1, 3)),
        ("{% set a = 'x' %}{% set b = a ~ a %}", ("set_grows", 1, 18)),
        ("{% set a = 'x' * 9 %}", ("set_grows", 1, 1)),
        ("{{ 'x' * 100000 }}", ("multiplication", 1, 3)),
        ("{{ 'x' * 1000 * 1000 }}", ("multiplication", 1, 3)),
        ("{% for x in contact.tags recursive %}{% endfor %}", ("recursive_loop", 1, 1)),
    ],
)
def test_it_says_what_is_wrong_and_where(source: str, expected: tuple[str, int, int]) -> None:
    assert expected in found(source)


def test_it_knows_fewer_names_in_the_subject() -> None:
    assert found("{{ campaign.subject }}", "subject") == [("unknown_name", 1, 4)]
    assert found("{{ unsubscribe_url }}", "subject") == [("unknown_name", 1, 4)]
    assert found("{{ contact.town }}", "subject") == []


def test_it_words_every_problem() -> None:
    problem = Problem("unknown_name", 1, 2, "body", {"name": "contact.x"})
    assert problem.message == "There is no field called “contact.x”."
    assert problem.is_error
    assert not Problem("empty_url").is_error


def test_it_refuses_what_is_too_long() -> None:
    assert found("x" * (merge.LONGEST + 1)) == [("too_long", 1, 1)]


@pytest.mark.parametrize("missing", [{}, {"first_name": None}, {"first_name": ""}])
def test_it_falls_back_for_missing_none_and_empty(missing: dict[str, object]) -> None:
    assert filled("{{ contact.first_name|default('Olvasó') }}", missing) == "Olvasó"
    assert filled("{{ contact.first_name|upper|d('Olvasó') }}", missing) == "Olvasó"
    assert filled("[{{ contact.first_name }}{{ contact.first_name|upper }}]", missing) == "[]"


def test_it_keeps_zero_and_no() -> None:
    assert filled("{{ contact.points|default('x') }}", {"points": 0}) == "0"
    assert filled("{{ contact.vip|default('x') }}", {"vip": False}) == "false"


def test_it_stops_endless_work() -> None:
    loops = "{% for a in x %}" * 6 + "." + "{% endfor %}" * 6
    source = loops.replace("x", "contact.tags")
    assert check(source, FIELDS) == []
    with pytest.raises(CannotRender):
        filled(source, {"tags": "x" * 50})


def test_it_raises_for_values_that_do_not_fit() -> None:
    with pytest.raises(CannotRender):
        filled("{{ contact.town + 1 }}")


def test_it_formats_dates() -> None:
    assert (
        filled("{{ contact.born|date('%d.%m.%Y') }} {{ contact.town|date }}") == "29.02.1980 Kőszeg"
    )


@pytest.mark.parametrize("text", ["{{ x }}", "{", "{%", "{#", "}}", "{{{%", "{% raw %}{", "é{"])
def test_it_writes_templates_for_plain_text(text: str) -> None:
    assert filled(merge.literal(text)) == text
    assert filled(merge.literal(text) + "{{ brand.name }}") == text + "Bolt"
    assert filled(merge.quoted(text)) == text


def test_it_applies_whitespace_control() -> None:
    tokens = list(merge.lex("a  {{- 'b' -}}  c {%- if x +%} d {%- endif %} e {#- x -#} f"))
    assert [token.text for token in tokens] == [
        "a",
        " 'b' ",
        "c",
        " if x ",
        " d",
        " endif ",
        " e",
        "f",
    ]
