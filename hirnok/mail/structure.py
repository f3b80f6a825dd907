"""What only shows in the composed HTML: where the holes and tags of a template have come to stand."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hirnok.mail import body, links, markup
from hirnok.mail.merge import LARGEST_LOOPS, Problem
from hirnok.mail.parts import Part, Words

_ROOT = -1


@dataclass(slots=True)
class Draft:
    """A message being composed, with what was found wrong so far."""

    words: Words
    bound: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: str, number: int = -1, **details: str) -> None:
        """Adds a problem, with the place of the token of that number."""
        problem = Problem(code, details=details)
        if number >= 0:
            origin = self.words.origins[number]
            problem = Problem(code, origin.line, origin.column, origin.where, details)
        if problem not in self.problems:
            self.problems.append(problem)


def check_source(draft: Draft, hidden: str) -> None:
    """What must be found before the styles are written into the elements, because it stops that."""
    for match in body.STYLE_ATTRIBUTE.finditer(hidden):
        for declaration in body.declarations(match[2] or match[3] or ""):
            if ":" not in declaration:
                for number in _numbers(draft.words, declaration, "[hb]"):
                    draft.report("hole_in_style", number)
    if any(problem.code == "hole_in_style" for problem in draft.problems):
        raise Unusable


def check(draft: Draft, tokens: list[markup.Token]) -> list[markup.Token]:
    """Reports what is wrong; gives the tokens with tags moved to where they belong in tables."""
    for token in tokens:
        _check_token(draft, token)
    places = _places(draft, tokens)
    for _attempt in range(2):
        wrong = [group for group in _groups(draft.words) if _is_torn(group, places)]
        if not wrong:
            break
        tokens = _moved_into_body(draft, tokens, {number for group in wrong for number in group})
        places = _places(draft, tokens)
    for group in _groups(draft.words):
        lost = [number for number in group if number not in places]
        if lost:
            draft.report("block_in_tag", lost[0], tag=draft.words.origins[lost[0]].token.source)
        elif _is_torn(group, places):
            draft.report(
                "block_across_elements", group[0], tag=draft.words.origins[group[0]].token.source
            )
    return tokens


def check_text(draft: Draft, text: str) -> None:
    """Reports addresses in the text part whose host is not written out."""
    for url in links.urls_in_text(text):
        for code, details, number in links.problems_of(url, draft.words, draft.bound):
            if number >= 0:
                draft.report(code, number, **details)


def check_loops(draft: Draft, parts: Iterable[Part]) -> None:
    """Reports loops around so much text that the sandbox's fuel would not bound the size of a message."""
    inside, depth, first = 0, 0, -1
    for part in parts:
        depth += (part.keyword == "for") - (part.keyword == "endfor")
        if depth and first < 0:
            first = part.number
        if depth and part.kind == "static":
            inside += len(part.text)
    if inside > LARGEST_LOOPS:
        draft.report("loop_too_large", first, limit=str(LARGEST_LOOPS))


class Unusable(Exception):
    """The source has errors that make composing pointless; they are reported."""


def _check_token(draft: Draft, token: markup.Token) -> None:
    words = draft.words
    for url in links.urls_of(token):
        for code, details, number in links.problems_of(url, words, draft.bound):
            draft.report(code, number, **details)
    if token.kind == "raw":
        _report_all(draft, "hole_in_style", "block_in_tag", token.text)
    elif token.kind == "open":
        names = " ".join((token.text, *(name for name, _ in token.attributes)))
        values = " ".join(value for _, value in token.attributes)
        _report_all(draft, "hole_in_tag", "block_in_tag", names)
        _report_all(draft, "", "block_in_tag", values)


def _report_all(draft: Draft, holes: str, tags: str, text: str) -> None:
    """Reports every hole and every tag in `text` under these codes."""
    if holes:
        for number in _numbers(draft.words, text, "h"):
            draft.report(holes, number)
    for number in _numbers(draft.words, text, "b"):
        draft.report(tags, number, tag=draft.words.origins[number].token.source)


def _numbers(words: Words, text: str, kind: str) -> list[int]:
    return [int(number) for number in re.findall(rf"{words.prefix}{kind}(\d+)x", text)]


def _groups(words: Words) -> Iterator[list[int]]:
    """The numbers of the tags of the body that belong together, from `if` or `for` to its end."""
    open_groups: list[list[int]] = []
    for number, origin in enumerate(words.origins):
        if origin.token.kind != "tag" or origin.where != "body":
            continue
        keyword = origin.token.keyword
        if keyword in {"if", "for"}:
            open_groups.append([number])
        elif keyword == "set":
            yield [number]
        elif open_groups:
            open_groups[-1].append(number)
            if keyword.startswith("end"):
                yield open_groups.pop()


def _places(draft: Draft, tokens: list[markup.Token]) -> dict[int, tuple[int, int]]:
    """For each tag that stands between elements: its parent element (a number) and its rank in the document."""
    places: dict[int, tuple[int, int]] = {}
    stack = [_ROOT]
    for index, token in enumerate(tokens):
        if token.kind == "open" and token.text not in markup.VOID:
            stack.append(index)
        elif token.kind == "close" and len(stack) > 1:
            stack.pop()
        elif token.kind == "comment":
            own = draft.words.pattern.fullmatch(str(token)) is not None
            for number in draft.words.tags_in(token.text):
                places[number] = (stack[-1] if own else index, len(places))
    return places


def _is_torn(group: list[int], places: dict[int, tuple[int, int]]) -> bool:
    found = [places[number] for number in group if number in places]
    ranks = [rank for _, rank in found]
    return len({parent for parent, _ in found}) > 1 or ranks != sorted(ranks)


def _moved_into_body(
    draft: Draft, tokens: list[markup.Token], numbers: set[int]
) -> list[markup.Token]:
    """A row's tag before the first row stands before the `<tbody>` that the HTML parser added: put it inside."""
    moved: list[markup.Token] = []
    waiting: list[markup.Token] = []
    for token in tokens:
        mine = token.kind == "comment" and not numbers.isdisjoint(draft.words.tags_in(token.text))
        if mine or (waiting and token.kind == "text" and token.text.isspace()):
            waiting.append(token)
            continue
        if token.kind == "open" and token.text == "tbody":
            moved.append(token)
            moved.extend(waiting)
        else:
            moved.extend(waiting)
            moved.append(token)
        waiting = []
    return moved + waiting
