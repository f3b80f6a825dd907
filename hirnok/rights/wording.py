"""Requests in words: rights, decisions, outcomes, what happened. Codes are in the rows, words are here."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from hirnok.privacy.wording import PLACES
from hirnok.rights import refusing
from hirnok.rights.models import Request, Right, Task

# What each right is, as the portal says it: (short description, what the button says)
EXPLAINED: dict[str, tuple[Promise, Promise]] = {
    Right.INFORMATION: (
        gettext_lazy("Whether and for what your data are used, where they come from, who gets them and until when they are kept."),
        gettext_lazy("Ask for information"),
    ),
    Right.ACCESS: (
        gettext_lazy("A copy of everything that is held about you, to read and for other programs."),
        gettext_lazy("Ask for a copy"),
    ),
    Right.PORTABILITY: (
        gettext_lazy("What you gave us, in a form that another provider can take over."),
        gettext_lazy("Take the data along"),
    ),
    Right.RECTIFICATION: (
        gettext_lazy("Wrong data are corrected and missing ones added; whoever got them is told."),
        gettext_lazy("Have data corrected"),
    ),
    Right.ERASURE: (
        gettext_lazy("What is held about you is deleted at once. What a law wants kept, or a claim needs, stays; you are told what and until when."),
        gettext_lazy("Have data deleted"),
    ),
    Right.RESTRICTION: (
        gettext_lazy("Your data are kept but not used: while you dispute them, instead of deletion, or because you need them for a claim."),
        gettext_lazy("Have the use stopped"),
    ),
    Right.OBJECTION: (
        gettext_lazy("To advertising without giving reasons and at once; to other uses that rest on our interest with your reasons."),
        gettext_lazy("Object"),
    ),
    Right.WITHDRAWAL: (
        gettext_lazy("At any time, as easily as it was given. What was done before stays lawful."),
        gettext_lazy("Withdraw a consent"),
    ),
    Right.REVIEW: (
        gettext_lazy("A decision that a program made is looked at again by a person, to whom you may tell your view."),
        gettext_lazy("Ask for a review"),
    ),
}  # fmt: skip
EVENTS: dict[str, Promise] = {
    "received": gettext_lazy("Request received"),
    "identity_asked": gettext_lazy("Asked to prove who it is; the clock stands"),
    "identified": gettext_lazy("Identified"),
    "performed": gettext_lazy("Done in all modules"),
    "settled": gettext_lazy("Settled by hand"),
    "decided": gettext_lazy("Decided"),
    "extended": gettext_lazy("Time extended, with reasons"),
    "fee": gettext_lazy("Fee asked for"),
    "answered": gettext_lazy("Answered"),
    "withdrawn": gettext_lazy("Taken back by the person"),
    "duplicate": gettext_lazy("Closed as a duplicate"),
    "passed_on": gettext_lazy("Passed on to the right party"),
    "delivered": gettext_lazy("Letter delivered"),
    "downloaded": gettext_lazy("Copy downloaded"),
    "reminded": gettext_lazy("Staff reminded"),
    "told_recipients": gettext_lazy("Recipients told"),
}
DOCUMENTS: dict[str, Promise] = {
    "incoming": pgettext_lazy("letter", "What came in"),
    "receipt": pgettext_lazy("letter", "Confirmation of receipt"),
    "identity": pgettext_lazy("letter", "Question who it is"),
    "extension": pgettext_lazy("letter", "Extension"),
    "fee": pgettext_lazy("letter", "Announcement of a fee"),
    "answer": pgettext_lazy("letter", "Answer"),
    "passing_on": pgettext_lazy("letter", "Handing on to the right party"),
    "passed_on": pgettext_lazy("letter", "Notice that it was passed on"),
    "recipient_rectification": pgettext_lazy("letter", "To a recipient: corrected"),
    "recipient_erasure": pgettext_lazy("letter", "To a recipient: erased"),
    "recipient_restriction": pgettext_lazy("letter", "To a recipient: restricted"),
}
_KINDS: dict[str, Promise] = {
    "exported": pgettext_lazy("outcome", "put into your copy"),
    "removed": pgettext_lazy("outcome", "deleted"),
    "anonymised": pgettext_lazy("outcome", "no longer tied to you"),
    "retained": pgettext_lazy("outcome", "kept"),
    "rectified": pgettext_lazy("outcome", "corrected"),
    "restricted": pgettext_lazy("outcome", "kept, but no longer used"),
    "lifted": pgettext_lazy("outcome", "used again"),
    "passed_on": pgettext_lazy("outcome", "passed on"),
    "none_found": pgettext_lazy("outcome", "nothing found"),
    "failed": pgettext_lazy("outcome", "failed"),
    "needs_human": pgettext_lazy("outcome", "waits for a colleague"),
}
_FIELDS: dict[str, Promise] = {
    "last_name": gettext_lazy("Last name"),
    "first_name": gettext_lazy("First name"),
    "language": gettext_lazy("Language"),
    "address": gettext_lazy("E-mail address"),
}
_REASONS: dict[str, Promise] = {
    "proof_of_rights": gettext_lazy("it proves that your request was answered"),
    "legal_claims": gettext_lazy("it is needed for legal claims"),
    "legal_obligation": gettext_lazy("a law wants it kept"),
    "legal_hold": gettext_lazy("a legal hold stands against it"),
    "never_again": gettext_lazy("a code by which nobody writes to you again; your address cannot be read from it"),
    "account_in_use": gettext_lazy("a user account is in use"),
    "not_portable": gettext_lazy("it rests neither on consent nor on a contract"),
    "not_given": gettext_lazy("it was not given by the person, but came to be here"),
    "not_open_to_objection": gettext_lazy("it rests on another legal basis, to which one cannot object"),
    "restricted": gettext_lazy("it is restricted"),
    "address_taken": gettext_lazy("somebody else has that address"),
    "address_suppressed": gettext_lazy("that address does not want any mail"),
    "no_address": gettext_lazy("that is no e-mail address"),
    "dead_address": gettext_lazy("mail does not arrive at that address"),
    "own_profile": gettext_lazy("it is changed on the own profile page"),
    "no_answer": gettext_lazy("this part has not answered"),
}  # fmt: skip
_DECIDED: dict[str, Promise] = {
    Task.Decision.PENDING: gettext_lazy("This has not been decided yet."),
    Task.Decision.GRANTED: gettext_lazy("We have done what you asked for."),
    Task.Decision.PARTLY: gettext_lazy("We have done a part of what you asked for."),
    Task.Decision.REFUSED: gettext_lazy("We cannot do what you asked for."),
}
ERASURE_GROUNDS: dict[str, Promise] = {
    "withdrawn": gettext_lazy("I withdraw my consent."),
    "objected": gettext_lazy("I object to the use of my data."),
    "unnecessary": gettext_lazy("The data are no longer needed."),
    "unlawful": gettext_lazy("The data are held unlawfully."),
    "obligation": gettext_lazy("A law wants them deleted."),
    "child": gettext_lazy("They were given by a child to an online service."),
}
RESTRICTION_GROUNDS: dict[str, Promise] = {
    "accuracy": gettext_lazy("The data are wrong; until that is checked."),
    "unlawful": gettext_lazy("The use is unlawful, but I do not want the data deleted."),
    "claims": gettext_lazy("You need them no more, but I need them for a claim."),
    "objection": gettext_lazy("I have objected; until it is decided whose interest weighs more."),
}


def right(code: str) -> str:
    """Return a right in the active language."""
    return str(Right(code).label)


def status(code: str) -> str:
    """Return how a request stands."""
    return str(Request.Status(code).label)


def decision(_right: str, code: str) -> str:
    """Return a decision as the person is told it."""
    return str(_DECIDED[code])


def outcome(kind: str, count: int) -> str:
    """Return what a module did and with how many entries."""
    words = str(_KINDS.get(kind, kind))
    if not count:
        return words
    entries = ngettext("%(number)s entry", "%(number)s entries", count) % {"number": count}
    return f"{entries}: {words}"


def place(module: str, activity: str) -> str:
    """Return where something was: the purpose, else the part of the program."""
    return activity or str(PLACES.get(module, module))


def module(name: str) -> str:
    """Return a part of the program in words."""
    return str(PLACES.get(name, name))


def reason(text: str) -> str:
    """Return a reason that a module gave, or a person, in the active language where it is a code."""
    if text.startswith("tell: "):
        return _("%(recipient)s has to be told") % {"recipient": text.removeprefix("tell: ")}
    if text.startswith("told: "):
        return _("%(recipient)s was told") % {"recipient": text.removeprefix("told: ")}
    return str(_REASONS.get(text, text))


def field(name: str) -> str:
    """Return what a correction is of; a further field of the tenant's own as it is."""
    return str(_FIELDS.get(name, name))


def fee_ground(code: str) -> str:
    """Return why a fee is lawful."""
    if code == refusing.FURTHER_COPIES:
        return _("It covers the costs of further copies (GDPR 15 (3)).")
    found = refusing.GROUNDS[code]
    return f"{found.words} ({found.article})"


def event(what: str, code: str) -> str:
    """Return what happened, with what it was about."""
    words = str(EVENTS.get(what, what))
    about = _about(what, code)
    return f"{words}: {about}" if about else words


def _about(what: str, code: str) -> str:
    if what == "decided":
        right_code, _dot, decided = code.partition(".")
        return f"{right(right_code)}, {Task.Decision(decided).label}"
    if what in {"performed", "settled"}:
        return right(code)
    if what == "identified":
        return str(Request.Identified(code).label)
    if what == "received":
        return str(Request.Channel(code).label)
    if what == "answered":
        return status(code)
    return code if what in {"duplicate", "reminded"} else ""
