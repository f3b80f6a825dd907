"""Only the package that owns a table writes it."""

import ast
from pathlib import Path

from django.apps import apps

from tests.invariants.layers import PACKAGE, sources

WRITES = frozenset(
    [
        "create",
        "update",
        "delete",
        "bulk_create",
        "bulk_update",
        "get_or_create",
        "update_or_create",
        "_raw_delete",
    ]
)
# Named exceptions: {file: models}, each with its reason.
ALLOWED: dict[str, set[str]] = {
    # founding a tenant is founding its register; tenants must not know it
    "hirnok/register/founding.py": {"Tenant"},
    # a launch writes the message that it has compiled, whose queue is then the outbox's
    "hirnok/campaigns/launch.py": {"Message", "Link"},
    # the baseline that the tracker is compared with, on a database that is thrown away: a view as others write it
    "hirnok/bench/naive_tracker.py": {"Hit"},
    "hirnok/bench/launching.py": {"Delivery"},
}


def _owners() -> dict[str, str]:
    """Return model name -> owning package."""
    return {
        model.__name__: model.__module__.split(".")[1]
        for model in apps.get_models()
        if model.__module__.startswith("hirnok.")
    }


def _written(tree: ast.AST, models: dict[str, str]) -> set[str]:
    """The models on whose manager a writing method is called, or that are made and saved by name."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in WRITES and (root := _root(node.func.value)) in models:
            found.add(root)
        if node.func.attr == "save" and isinstance(node.func.value, ast.Call):
            maker = node.func.value.func
            if isinstance(maker, ast.Name) and maker.id in models:
                found.add(maker.id)
    return found


def _root(node: ast.AST) -> str:
    """`Contact.objects.of(t).filter(…)` -> Contact; "" unless it goes through `.objects`."""
    through_objects = False
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            through_objects |= node.attr in {"objects", "_default_manager"}
            node = node.value
        elif isinstance(node, ast.Name):
            return node.id if through_objects else ""
        else:
            return ""


def _foreign_writes(path: Path, models: dict[str, str]) -> set[str]:
    package = path.relative_to(PACKAGE).parts[0]
    name = path.relative_to(PACKAGE.parent).as_posix()
    written = _written(ast.parse(path.read_text()), models)
    return {m for m in written if models[m] != package} - ALLOWED.get(name, set())


def test_only_the_owning_package_writes_a_table() -> None:
    models = _owners()
    found = {
        path.relative_to(PACKAGE.parent).as_posix(): foreign
        for path in sources()
        if (foreign := _foreign_writes(path, models))
    }
    assert found == {}


def test_it_would_see_a_write_of_somebody_elses_table() -> None:
    code = "Contact.objects.of(tenant).filter(pk=1).update(email='')\nContact(email='').save()"
    assert _written(ast.parse(code), {"Contact": "contacts"}) == {"Contact"}
    assert _written(ast.parse("{}.update(a=Contact.objects.all())"), {"Contact": "x"}) == set()
