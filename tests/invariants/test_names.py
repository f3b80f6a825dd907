"""One word in every place: the URL's name is the view's name; templates lie with the package that shows them."""

import ast
import re
from pathlib import Path

from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

from tests.invariants.layers import PACKAGE, heights, sources

SHARED = "ui/"


def _patterns(resolver: URLResolver) -> list[URLPattern]:
    found: list[URLPattern] = []
    for entry in resolver.url_patterns:
        found += _patterns(entry) if isinstance(entry, URLResolver) else [entry]
    return found


def _shown(path: Path) -> set[str]:
    """The templates that a module names, without the partial behind #."""
    return {
        node.value.split("#")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[\w/]+\.html(#\w+)?", node.value)
    }


def _shown_by_pattern(path: Path) -> list[str]:
    """Templates that a module names by an f-string, as regular expressions."""
    return [
        "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
            for part in node.values
        ).split("\\#")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr)
        and any(isinstance(p, ast.Constant) and ".html" in str(p.value) for p in node.values)
    ]


def test_the_name_of_an_address_is_the_name_of_its_view() -> None:
    other = {
        pattern.name: pattern.callback.__name__
        for pattern in _patterns(get_resolver())
        if pattern.callback.__module__.startswith("hirnok.")
        and pattern.name != pattern.callback.__name__
    }
    # the list and its parts are one view; `list` is Python's own word
    assert other == {"gallery_page": "gallery", "list": "list_page"}


def test_every_template_that_is_shown_exists_and_lies_in_its_package_or_in_ui() -> None:
    for path in sources():
        package = path.relative_to(PACKAGE).parts[0]
        for name in _shown(path):
            get_template(name)
            assert name.startswith((f"{package}/", SHARED, "account/")), f"{path}: {name}"


def test_no_template_is_left_that_nobody_shows() -> None:
    ours = {
        path.relative_to(folder).as_posix()
        for package in heights()
        if (folder := PACKAGE / package / "templates").is_dir()
        for path in folder.rglob("*.html")
    }
    used = {name for path in sources() for name in _shown(path)}
    for path in PACKAGE.rglob("templates/**/*.html"):
        used |= set(re.findall(r"""(?:extends|include)\s+["']([\w/]+\.html)""", path.read_text()))
    called_by_others = {
        name for name in ours if name.startswith(("account/", "mfa/", "ui/", "allauth/"))
    }
    patterns = [pattern for path in sources() for pattern in _shown_by_pattern(path)]
    used |= {name for name in ours if any(re.fullmatch(pattern, name) for pattern in patterns)}
    assert ours - used - called_by_others == set()
