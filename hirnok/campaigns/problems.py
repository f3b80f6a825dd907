"""What is wrong with a campaign, in people's words and with its place.

`mail` finds the problems of templates and says them in English; this is the same wording where translators
find it (a test compares the two). What concerns the campaign as a whole is added here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hirnok.mail.merge import Problem

WORDS: dict[str, str | Promise] = {
    "syntax": _("This cannot be read as a template: %(detail)s"),
    "unclosed": _(
        "Something is still open here: a {{ without its }}, or an if or for without its endif or endfor."
    ),
    "forbidden_tag": _("The tag “%(tag)s” is not available here. Use if, for, set or raw."),
    "unknown_name": _("There is no field called “%(name)s”."),
    "unknown_filter": _("There is no filter called “%(name)s”."),
    "method_call": _("Methods cannot be called here. Use a filter instead of “%(name)s()”."),
    "reserved_name": _("“%(name)s” is reserved and cannot be given a value."),
    "set_grows": _("A value may use at most one value that was set before, and no multiplication."),
    "multiplication": _("Multiply once, by a written number of at most 1000."),
    "recursive_loop": _("Recursive loops are not available."),
    "loop_too_large": _(
        "The loops repeat too much: at most %(limit)s characters may stand inside them."
    ),
    "too_long": _("The template is too long: at most %(limit)s characters are possible."),
    "mjml": _("The MJML cannot be read: %(detail)s"),
    "css": _("The styles of the message cannot be applied: %(detail)s"),
    "hole_in_tag": _(
        "A merge field may stand in a text or in a quoted attribute value, not inside a tag."
    ),
    "hole_in_style": _(
        "A merge field cannot stand for a whole style. Put it into the value of one property."
    ),
    "block_in_tag": _(
        "“%(tag)s” stands inside a tag, an address or a style. Write {{ 'a' if condition "
        "else 'b' }} or put the condition around the whole element."
    ),
    "block_across_elements": _(
        "The tags that belong to “%(tag)s” must stand inside the same element."
    ),
    "whole_url": _(
        "An address cannot be a merge field as a whole. Its beginning, with the host, must "
        "be written out."
    ),
    "hole_in_host": _(
        "The host of an address must be written out, merge fields may follow after it."
    ),
    "local_name_in_url": _(
        "“%(name)s” is not known when the link is clicked. Only fields of the contact may be used."
    ),
    "relative_url": _("“%(url)s” has no host, so it leads nowhere in a mail."),
    "empty_url": _("A link leads nowhere."),
    "removed": _("“%(name)s” does not work in mail and was left out."),
}

PARTS: dict[str, str | Promise] = {
    "subject": _("Subject"),
    "preheader": _("Preview line"),
    "body": _("Body"),
    "text": _("Text part"),
}


@dataclass(frozen=True)
class Finding:
    """Something to mend, or to know. `line` and `column` count from 1; 0: the place is not known."""

    where: str
    text: str
    is_error: bool = True
    line: int = 0
    column: int = 0

    @property
    def part(self) -> str:
        """The part of the campaign in which it is."""
        return str(PARTS.get(self.where, ""))


def from_mail(problems: Iterable[Problem]) -> list[Finding]:
    """Return the problems of templates in the language that is active."""
    return [
        Finding(
            where=problem.where,
            text=str(WORDS.get(problem.code, problem.message)) % dict(problem.details),
            is_error=problem.is_error,
            line=problem.line,
            column=problem.column,
        )
        for problem in problems
    ]
