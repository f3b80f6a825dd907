"""Simple conditions give the bytes that the template engine gives; the rest is left to it."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirnok.mail import branches, merge
from hirnok.mail.quoted import piece

FIELDS = ("a", "b", "c")
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.floats(allow_nan=True), st.sampled_from(["", "0", "x", " "]),
    st.lists(st.integers(), max_size=1), st.dictionaries(st.text(max_size=1), st.none(), max_size=1),
)  # fmt: skip
LEAVES = st.one_of(
    st.sampled_from(["", "x\r\n", "=7B", "É"]).map(
        lambda text: piece(text, in_template=True).decode()
    ),
    st.sampled_from(["{{ _0 }}", "{{_1}}"]),
)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    asked = st.tuples(st.sampled_from(["", "not "]), st.sampled_from(FIELDS)).map(
        lambda found: f"{found[0]}contact.{found[1]}"
    )
    return st.builds(
        lambda first, text, others, last: (
            f"{{% if {first} %}}{text}"
            + "".join(f"{{% elif {name} %}}{other}" for name, other in others)
            + ("" if last is None else f"{{% else %}}{last}")
            + "{% endif %}"
        ),
        asked,
        inner,
        st.lists(st.tuples(asked, inner), max_size=2),
        st.none() | inner,
    )


SOURCES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3).map("".join) | _blocks(inner)
)


def _value(number: int) -> Any:
    return lambda filling: (
        str(filling.contact.get("abc"[number])).encode("ascii", "replace") + b"=\r\n"
    )


@given(source=SOURCES, contact=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES)))
def test_it_chooses_as_the_template_engine_does(source: str, contact: dict[str, Any]) -> None:
    chosen = branches.choice(source, _value)
    assert chosen is not None
    filling = SimpleNamespace(contact=contact)
    given = {f"_{number}": _value(number)(filling).decode() for number in (0, 1)}
    environment = merge.environment()
    environment.add_template("x", source)
    scope = merge.scope(contact, {}, "", "") | given
    assert chosen(filling).decode() == environment.render_template("x", **scope)


@pytest.mark.parametrize(
    "source",
    [
        "{% if contact.a == 1 %}x{% endif %}",
        "{% if contact.a and contact.b %}x{% endif %}",
        "{% if brand.name %}x{% endif %}",
        "{% for x in contact.a %}x{% endfor %}",
        "{% for x in contact.a %}x{% else %}y{% endfor %}",
        "{% set x = 1 %}{% if contact.a %}x{% endif %}",
        "{{ (contact.a|upper)|html_piece }}",
        "{% if contact.a.b %}x{% endif %}",
    ],
)
def test_it_leaves_the_rest_to_the_template_engine(source: str) -> None:
    assert branches.choice(source, _value) is None
