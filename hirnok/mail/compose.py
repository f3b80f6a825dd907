"""From a campaign's sources to checked parts: the first of the two steps that make a message.

`prepare` never raises for what an author wrote: everything wrong is a `Problem` with its place. The second step is
`hirnok.mail.compile`, after the caller has stored the links and given them ids.
"""

from dataclasses import dataclass

from hirnok.mail import body, footers, links, markup, merge, structure
from hirnok.mail.footers import Footer
from hirnok.mail.links import Link
from hirnok.mail.merge import Problem
from hirnok.mail.parts import Part, Words, as_source, folded
from hirnok.mail.quoted import escape
from hirnok.mail.structure import Draft
from hirnok.mail.text import text_of


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose letter it is: the values of `brand.*`."""

    name: str
    postal_address: str
    sender_name: str

    @property
    def values(self) -> dict[str, str]:
        return {
            "name": self.name,
            "postal_address": self.postal_address,
            "sender_name": self.sender_name,
        }


@dataclass(frozen=True, slots=True)
class Source:
    """What the author wrote. An empty `text` is made from the body. `fields`: keys of the custom fields."""

    kind: body.Kind
    body: str
    subject: str
    preheader: str = ""
    text: str = ""
    language: str = "en"
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepared:
    """Checked parts. `html_source` is the whole composed document as a template again; `text_source` is the text
    part without the footer, for the author to start editing from. `targets[n]` are the parts of the URL of link n."""

    problems: tuple[Problem, ...]
    brand: Brand
    links: tuple[Link, ...] = ()
    targets: tuple[tuple[Part, ...], ...] = ()
    subject: tuple[Part, ...] = ()
    html: tuple[Part, ...] = ()
    text: tuple[Part, ...] = ()
    html_source: str = ""
    text_source: str = ""

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.is_error)


def prepare(source: Source, brand: Brand, footer: Footer) -> Prepared:
    """Checks and composes. With errors among `problems` there may be no parts, and nothing can be compiled."""
    problems = [
        *merge.check(source.subject, source.fields, "subject"),
        *merge.check(source.preheader, source.fields, "preheader"),
        *merge.check(source.body, source.fields, "body"),
        *merge.check(source.text, source.fields, "text"),
    ]
    if problems:
        return Prepared(tuple(problems), brand)
    tokens = [token for text in (source.body, source.text) for token in merge.lex(text)]
    everything = (
        source.subject, source.preheader, source.body, source.text, footer.unsubscribe, footer.note,
        footer.preferences,
        *brand.values.values(),
    )  # fmt: skip
    words = Words.avoiding(everything)
    draft = Draft(words, merge.bound_names(tokens))
    try:
        return _prepared(draft, source, brand, footer)
    except structure.Unusable:
        return Prepared(tuple(draft.problems), brand)
    except body.CannotCompose as error:
        draft.report(error.code, detail=error.detail)
        return Prepared(tuple(draft.problems), brand)


def _prepared(draft: Draft, source: Source, brand: Brand, footer: Footer) -> Prepared:
    words = draft.words
    subject = words.parts(words.hide(source.subject, "subject", comments=False))
    html = _html(draft, source, brand.name)
    if source.text.strip():
        text = words.hide(source.text, "text", comments=False)
    else:
        text = text_of(html, words.pattern)
    text_source = as_source(words.parts(text))
    html = footers.in_html(html, words, brand.postal_address, footer) + "\n"
    text = footers.in_text(text, words, brand.postal_address, footer)
    structure.check_text(draft, text)
    scope = _constants(brand, subject)
    subject = folded(subject, scope, str)
    register = links.Register(words, scope)
    linked = markup.joined(register.in_html(list(markup.scan(html))))
    linked_text = register.in_text(text)
    html_parts, text_parts = words.parts(linked), words.parts(linked_text)
    structure.check_loops(draft, html_parts)
    structure.check_loops(draft, text_parts)
    return Prepared(
        problems=tuple(draft.problems),
        brand=brand,
        links=tuple(register.links),
        targets=tuple(register.targets),
        subject=subject,
        html=folded(html_parts, scope, escape),
        text=folded(text_parts, scope, str),
        html_source=as_source(words.parts(html)),
        text_source=text_source,
    )


def _html(draft: Draft, source: Source, title: str) -> str:
    """The composed and cleaned document with words, its structure checked."""
    words = draft.words
    hidden = words.hide(source.body, "body", comments=source.kind != "markdown")
    if source.kind == "markdown":
        hidden = words.lone_tags_as_comments(hidden)
    structure.check_source(draft, hidden)
    html = body.compose(source.kind, hidden, title=title, language=source.language)
    tokens, removed = markup.clean(_with_comments(html, words))
    for name in removed:
        draft.report("removed", name=name)
    html = markup.joined(structure.check(draft, tokens))
    preheader = escape(words.hide(source.preheader, "preheader", comments=False))
    return body.with_preheader(html, words.tags_as_comments(preheader))


def _with_comments(html: str, words: Words) -> list[markup.Token]:
    """The tokens of `html`, with comments for template tags that stand in text."""
    texts = (
        words.tags_as_comments(token.text) if token.kind == "text" else str(token)
        for token in markup.scan(html)
    )
    return list(markup.scan("".join(texts)))


def _constants(brand: Brand, subject: tuple[Part, ...]) -> dict[str, dict[str, str]]:
    """What is the same for every recipient."""
    scope = {"brand": brand.values}
    static = folded(subject, scope, str)
    if all(part.kind == "static" for part in static):
        scope["campaign"] = {"subject": "".join(part.text for part in static)}
    return scope
