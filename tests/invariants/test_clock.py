"""Time is an argument: only `lib.clock` asks the machine, only the edges of the program ask `lib.clock`."""

import ast
import re
from pathlib import Path

from tests.invariants.layers import PACKAGE, sources

ASKS_THE_MACHINE = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("timezone", "now"),
                    ("time", "time")}  # fmt: skip
# Who may ask the clock: views, jobs, commands, and the processes of the edge.
EDGES = re.compile(
    r"hirnok/(?:\w+/(?:\w+_)?(?:views|jobs)\.py|\w+/views/|\w+/management/commands/|(?:bench|engine|tracker|sandbox|process|site)/"
    r"|cli\.py|lib/clock\.py)"
)
# Called by Django or allauth, which hand over no instant: a mail backend, the words of a template, sign-in.
HANDED_NO_INSTANT = {
    "hirnok/outbox/letters.py",
    "hirnok/ui/templatetags/ui_text.py",
    "hirnok/accounts/adapters.py",
    "hirnok/accounts/door.py",
    "hirnok/accounts/factor_forms.py",
    "hirnok/accounts/oidc.py",
    "hirnok/accounts/presence.py",
}
# Files in which SQL may say now(): statements of the edge processes, where the database's clock is the common one.
SQL_NOW = re.compile(r"hirnok/(?:engine|tracker)/")


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


def _calls(path: Path) -> set[tuple[str, str]]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            found.add((last, node.func.attr))
    return found


def test_nothing_but_the_clock_asks_the_machine() -> None:
    asking = {
        _name(path): found
        for path in sources()
        if _name(path) != "hirnok/lib/clock.py" and (found := _calls(path) & ASKS_THE_MACHINE)
    }
    assert asking == {}


def test_only_the_edges_of_the_program_ask_the_clock() -> None:
    asking = [
        _name(path)
        for path in sources()
        if ("clock", "now") in _calls(path)
        and not EDGES.match(_name(path))
        and _name(path) not in HANDED_NO_INSTANT
    ]
    assert asking == []


def test_no_statement_but_those_of_the_edge_says_now() -> None:
    saying = [
        _name(path)
        for path in [*sources(), *PACKAGE.rglob("*.sql")]
        if not SQL_NOW.match(_name(path))
        and any(
            re.search(r"\b(?:now\(\)|current_timestamp|clock_timestamp\(\))", text, re.I)
            for text in _strings(path)
        )
    ]
    assert saying == []


def _strings(path: Path) -> list[str]:
    """The string constants of a module that are no docstrings; a .sql file as a whole."""
    if path.suffix == ".sql":
        return [path.read_text()]
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    ]
