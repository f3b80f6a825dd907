"""How long functions and modules are, against the budget of STYLE.md; `--worst` lists the longest."""

import argparse
import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_AIM, FUNCTION_LONG, FUNCTION_MOST = 30, 60, 90
LONG_SHARE = 0.01
MODULE_MOST, TESTS_MOST = 500, 400
TYPED_SHARE = 0.98


@dataclass(frozen=True)
class Measured:
    """A function or a module: its lines, where it is, whether it is fully typed."""

    lines: int
    place: str
    is_test: bool
    typed: bool = True


def sources() -> Iterator[Path]:
    """Yield every module we write."""
    for top in ("hirnok", "tests", "tools"):
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def measure() -> tuple[list[Measured], list[Measured]]:
    """Return all functions and all modules."""
    functions, modules = [], []
    for path in sources():
        text = path.read_text()
        place = str(path.relative_to(ROOT))
        is_test = "tests" in path.parts
        modules.append(Measured(text.count("\n"), place, is_test))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                functions.append(
                    Measured(lines, f"{place}:{node.lineno} {node.name}", is_test, _typed(node))
                )
    return functions, modules


def _typed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    given = [
        *node.args.posonlyargs,
        *node.args.args,
        *node.args.kwonlyargs,
        node.args.vararg,
        node.args.kwarg,
    ]
    untyped = [
        each
        for each in given
        if each and each.annotation is None and each.arg not in {"self", "cls"}
    ]
    return not untyped and node.returns is not None


def broken(functions: list[Measured], modules: list[Measured]) -> Iterator[str]:
    """Yield each break of the budget."""
    for each in functions:
        if each.lines > FUNCTION_MOST:
            yield f"{each.place}: {each.lines} lines, {FUNCTION_MOST} is the most for a function"
    long = [each for each in functions if each.lines > FUNCTION_LONG]
    if len(long) > LONG_SHARE * len(functions):
        yield f"{len(long)} of {len(functions)} functions are over {FUNCTION_LONG} lines, 1 % is the most"
        yield from (f"    {each.place}: {each.lines}" for each in long)
    for each in modules:
        if not each.is_test and each.lines > MODULE_MOST:
            yield f"{each.place}: {each.lines} lines, {MODULE_MOST} is the most for a module"
    ours = [each for each in functions if not each.is_test]
    if sum(each.typed for each in ours) < TYPED_SHARE * len(ours):
        yield "fewer than 98 % of the functions are fully typed"
        yield from (f"    {each.place}" for each in ours if not each.typed)


def _show(title: str, measured: list[Measured], count: int) -> None:
    print(title)
    for each in sorted(measured, key=lambda one: -one.lines)[:count]:
        print(f"  {each.lines:4d}  {each.place}")


def main() -> int:
    """Print the sizes; the status says whether the budget holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--worst", action="store_true", help="list the longest functions and modules"
    )
    given = parser.parse_args()
    functions, modules = measure()
    if given.worst:
        _show("Longest functions", [each for each in functions if not each.is_test], 15)
        _show("Longest modules", [each for each in modules if not each.is_test], 15)
        _show("Longest tests", [each for each in modules if each.is_test], 5)
    for title, kind in (("code", False), ("tests", True)):
        ours = [each for each in functions if each.is_test is kind]
        lines = sum(each.lines for each in modules if each.is_test is kind)
        over = sum(each.lines > FUNCTION_AIM for each in ours)
        print(f"{title}: {lines} lines, {len(ours)} functions, {over} over {FUNCTION_AIM} lines")
    for each in modules:
        if each.is_test and each.lines > TESTS_MOST:
            print(f"warning: {each.place}: {each.lines} lines, {TESTS_MOST} is the aim for tests")
    wrong = list(broken(functions, modules))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
