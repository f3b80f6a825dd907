"""The catalogues of translations: `extract` brings them up to date, `compile` makes .mo files, `check` fails on gaps.

Reads Python by its syntax tree and templates by Django's own `templatize`, so GNU gettext is not needed. The
.po files are a function of the source and of the translations in them: sorted, without dates and line numbers.
"""

import argparse
import ast
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "hirnok"
LANGUAGES = {
    "hu": "nplurals=2; plural=(n != 1);",
    "ro": "nplurals=3; plural=(n==1 ? 0 : (n==0 || (n%100 > 0 && n%100 < 20)) ? 1 : 2);",
}
# Function -> (number of texts, whether a context comes first).
FUNCTIONS = {
    "gettext": (1, False),
    "ngettext": (2, False),
    "pgettext": (1, True),
    "npgettext": (2, True),
}
ALIASES = {"_": "gettext", "gettext_noop": "gettext"} | {
    f"{name}_lazy": name for name in ("gettext", "ngettext", "pgettext", "npgettext")
}
LITERAL = r"u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
IN_TEMPLATE = re.compile(
    rf"(?<!\w)(_|gettext|ngettext|pgettext|npgettext)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)"
)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


@dataclass(frozen=True, order=True)
class Text:
    """One text of the source: context (or ""), singular, plural (or "")."""

    context: str
    singular: str
    plural: str = ""


def found() -> dict[Text, set[str]]:
    """Return every text of the source with the files it is in."""
    texts: dict[Text, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*")):
        if {"tests", "migrations", "built"} & set(path.parts):
            continue
        if path.suffix == ".py":
            each = in_python(path)
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            each = in_template(path)
        else:
            continue
        for text in each:
            texts.setdefault(text, set()).add(str(path.relative_to(ROOT)))
    texts.pop(Text("", ""), None)
    return texts


def in_python(path: Path) -> Iterator[Text]:
    """Yield the texts of a module; a formatted string inside gettext is an error of the source."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        function = ALIASES.get(name, name)
        if function not in FUNCTIONS:
            continue
        if any(isinstance(argument, ast.JoinedStr) for argument in node.args):
            sys.exit(
                f"{path}:{node.lineno}: an f-string cannot be translated; use named placeholders"
            )
        values = [getattr(argument, "value", None) for argument in node.args]
        yield from _text(function, values)


def in_template(path: Path) -> Iterator[Text]:
    """Yield the texts of a template."""
    for function, literals in IN_TEMPLATE.findall(templatize(path.read_text(), origin=str(path))):
        values = [ast.literal_eval(literal) for literal in re.findall(LITERAL, literals)]
        yield from _text(ALIASES.get(function, function), values)


def _text(function: str, values: list[object]) -> Iterator[Text]:
    count, has_context = FUNCTIONS[function]
    wanted = values[: count + has_context]
    if len(wanted) < count + has_context or not all(isinstance(value, str) for value in wanted):
        return
    context, *texts = [str(value) for value in (wanted if has_context else ["", *wanted])]
    yield Text(context, *texts)


def catalogue(language: str) -> Path:
    """Return the place of a language's .po file."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def extract() -> None:
    """Write each catalogue anew: known translations kept, new texts empty, texts that are gone dropped."""
    texts = found()
    for language, plural in LANGUAGES.items():
        path = catalogue(language)
        known = {_key(entry): entry for entry in _read(path)}
        fresh = polib.POFile(wrapwidth=100)
        fresh.metadata = {
            "Project-Id-Version": "hirnok",
            "Language": language,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": plural,
        }
        for text in sorted(texts):
            fresh.append(_entry(text, sorted(texts[text]), known.get(text), plural))
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.save(str(path))
        missing = len(fresh) - len(fresh.translated_entries())
        print(f"{path.relative_to(ROOT)}: {len(fresh)} texts, {missing} to translate")


def _entry(text: Text, files: list[str], known: polib.POEntry | None, plural: str) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=text.singular, msgid_plural=text.plural, occurrences=[(file, "") for file in files]
    )
    if text.context:
        entry.msgctxt = text.context
    if "%(" in text.singular + text.plural:
        entry.flags.append("python-format")
    forms = range(int(plural[len("nplurals=")]))
    if text.plural:
        entry.msgstr_plural = {
            form: known.msgstr_plural.get(form, "") if known else "" for form in forms
        }
    elif known:
        entry.msgstr = known.msgstr
    if known and known.fuzzy:
        entry.flags.append("fuzzy")
    return entry


def compile_all() -> None:
    """Make the .mo file of every catalogue that is newer than it."""
    for path in sorted(PACKAGE.rglob("locale/*/LC_MESSAGES/*.po")):
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime_ns < path.stat().st_mtime_ns:
            polib.pofile(str(path)).save_as_mofile(str(compiled))


def problems() -> Iterator[str]:
    """Yield what is wrong with the catalogues: texts missing, superfluous, untranslated, fuzzy, other placeholders."""
    texts = set(found())
    for language in LANGUAGES:
        entries = _read(catalogue(language))
        known = {_key(entry) for entry in entries}
        yield from (
            f"{language}: not in the catalogue: {text.singular!r}" for text in sorted(texts - known)
        )
        yield from (
            f"{language}: no longer in the source: {text.singular!r}"
            for text in sorted(known - texts)
        )
        for entry in entries:
            if entry.fuzzy:
                yield f"{language}: fuzzy: {entry.msgid!r}"
            elif not entry.translated():
                yield f"{language}: not translated: {entry.msgid!r}"
            elif not _same_placeholders(entry):
                yield f"{language}: other placeholders: {entry.msgid!r}"


def _same_placeholders(entry: polib.POEntry) -> bool:
    """Whether translations use what the source offers; a plural form may leave the number out."""
    offered = set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
    if entry.msgid_plural:
        return all(
            set(PLACEHOLDER.findall(text)) <= offered for text in entry.msgstr_plural.values()
        )
    return set(PLACEHOLDER.findall(entry.msgstr)) == offered


def _read(path: Path) -> list[polib.POEntry]:
    return (
        [entry for entry in polib.pofile(str(path)) if not entry.obsolete] if path.exists() else []
    )


def _key(entry: polib.POEntry) -> Text:
    return Text(entry.msgctxt or "", entry.msgid, entry.msgid_plural)


def main() -> int:
    """Run one of the three commands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["extract", "compile", "check"])
    parser.add_argument("--lenient", action="store_true", help="check: only count what is wrong")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.command == "extract":
        extract()
    elif given.command == "compile":
        compile_all()
    else:
        wrong = list(problems())
        print(
            *wrong[:40],
            f"{len(wrong)} problems; `make translations` brings the texts up to date",
            sep="\n",
        )
        return 0 if given.lenient or not wrong else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
