"""The order of names."""

import pytest

from hirnok.mail.person_names import full_name


@pytest.mark.parametrize(
    ("parts", "languages", "whole"),
    [
        (("Anna", "Kiss"), (), "Anna Kiss"),
        (("Anna", "Kiss"), ("hu",), "Kiss Anna"),
        (("Anna", "Kiss"), ("hu-HU",), "Kiss Anna"),
        (("Ana", "Pop"), ("ro", "hu"), "Ana Pop"),
        (("Anna", "Kiss"), ("", "hu"), "Kiss Anna"),
        (("Anna", ""), ("hu",), "Anna"),
        (("", "Kiss"), ("en",), "Kiss"),
        (("", ""), ("hu",), ""),
    ],
)
def test_it_orders_the_parts(
    parts: tuple[str, str], languages: tuple[str, ...], whole: str
) -> None:
    assert full_name(*parts, *languages) == whole
