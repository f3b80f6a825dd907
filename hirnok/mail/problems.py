"""What can be wrong with a campaign, as values: a code, a place, and details for the wording.

The wording here is the English original; the layer that shows it translates `MESSAGES[code]` and fills in the
details.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Where = Literal["subject", "preheader", "body", "text"]

MESSAGES: Final = {
    "syntax": "This cannot be read as a template: %(detail)s",
    "unclosed": "Something is still open here: a {{ without its }}, or an if or for without its endif or endfor.",
    "forbidden_tag": "The tag “%(tag)s” is not available here. Use if, for, set or raw.",
    "unknown_name": "There is no field called “%(name)s”.",
    "unknown_filter": "There is no filter called “%(name)s”.",
    "method_call": "Methods cannot be called here. Use a filter instead of “%(name)s()”.",
    "reserved_name": "“%(name)s” is reserved and cannot be given a value.",
    "set_grows": "A value may use at most one value that was set before, and no multiplication.",
    "multiplication": "Multiply once, by a written number of at most 1000.",
    "recursive_loop": "Recursive loops are not available.",
    "loop_too_large": "The loops repeat too much: at most %(limit)s characters may stand inside them.",
    "too_long": "The template is too long: at most %(limit)s characters are possible.",
    "mjml": "The MJML cannot be read: %(detail)s",
    "css": "The styles of the message cannot be applied: %(detail)s",
    "hole_in_tag": "A merge field may stand in a text or in a quoted attribute value, not inside a tag.",
    "hole_in_style": "A merge field cannot stand for a whole style. Put it into the value of one property.",
    "block_in_tag": "“%(tag)s” stands inside a tag, an address or a style. Write {{ 'a' if condition else 'b' }} "
    "or put the condition around the whole element.",
    "block_across_elements": "The tags that belong to “%(tag)s” must stand inside the same element.",
    "whole_url": "An address cannot be a merge field as a whole. Its beginning, with the host, must be written out.",
    "hole_in_host": "The host of an address must be written out, merge fields may follow after it.",
    "local_name_in_url": "“%(name)s” is not known when the link is clicked. Only fields of the contact may be used.",
    "relative_url": "“%(url)s” has no host, so it leads nowhere in a mail.",
    "empty_url": "A link leads nowhere.",
    "removed": "“%(name)s” does not work in mail and was left out.",
}
WARNINGS: Final = frozenset({"relative_url", "empty_url", "removed"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a template. `line` and `column` count from 1 (0: the place is not known)."""

    code: str
    line: int = 0
    column: int = 0
    where: Where = "body"
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return MESSAGES[self.code] % self.details

    @property
    def is_error(self) -> bool:
        return self.code not in WARNINGS
