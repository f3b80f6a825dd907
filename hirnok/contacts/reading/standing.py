"""What the other system says about a person: subscribed, left, dead address, not confirmed."""

from __future__ import annotations

from hirnok.contacts.reading.values import WrongValue, yes_or_no
from hirnok.contacts.reading.vocabulary import fold

SUBSCRIBED = "subscribed"
UNSUBSCRIBED = "unsubscribed"
COMPLAINED = "complained"
BLOCKED = "blocklisted"
DEAD = "dead"
UNCONFIRMED = "unconfirmed"

SUPPRESSED = frozenset((UNSUBSCRIBED, COMPLAINED, BLOCKED, DEAD))

_WORDS: dict[str, str] = {
    SUBSCRIBED: """subscribed, active, enabled, confirmed, opted in, ok, yes, valid, true, 1, subscriber, deliverable,
        feliratkozott, feliratkozva, aktív, megerősített, érvényes, igen, abonat, abonată, activ, activă, confirmat, confirmată, da""",
    UNSUBSCRIBED: """unsubscribed, unsubscribe, opted out, opt out, optout, inactive, disabled, removed, deleted, archived, no, false, 0, suppressed,
        leiratkozott, leiratkozva, inaktív, letiltva, törölt, nem, dezabonat, dezabonată, inactiv, inactivă, șters, dezactivat, nu""",
    COMPLAINED: """complained, complaint, complaints, spam, abuse, spam complaint, marked as spam, junk, reported,
        panaszos, spamnek jelölt, spamnek jelölte, reclamație, reclamat""",
    BLOCKED: """blocklisted, blacklisted, blocked, banned, blocklist, blacklist, do not contact, do not mail, dnc,
        tiltott, tiltólistás, tiltólista, feketelistás, blocat, blocată, lista neagră, interzis""",
    DEAD: """cleaned, bounced, bounce, hard bounce, hard bounced, hardbounce, hardbounced, invalid, undeliverable, unreachable, non existent, dead, undelivered,
        visszapattant, kézbesíthetetlen, érvénytelen, hibás, hibás cím, nem létezik, respins, respinsă, nelivrabil, invalid email, inexistent, nevalid""",
    UNCONFIRMED: """unconfirmed, pending, non subscribed, nonsubscribed, transactional, not confirmed, awaiting confirmation, waiting,
        megerősítetlen, megerősítésre vár, függőben, neconfirmat, neconfirmată, în așteptare, in asteptare""",
}
_KNOWN = {fold(word): status for status, words in _WORDS.items() for word in words.split(",")}


def of_word(text: str) -> str | None:
    """The standing for a word of a status column, None where it is not known."""
    return _KNOWN.get(fold(text))


def is_marked(text: str) -> bool:
    """Whether a cell of a column such as `Unsubscribed` or `CLEAN_TIME` says so: yes, a date, a reason."""
    if not text.strip():
        return False
    try:
        return yes_or_no(text)
    except WrongValue:
        return True


def stronger(one: str | None, other: str) -> str:
    """Of two things said about one person the one that binds more: her own will comes first."""
    return other if one is None or _weight(other) > _weight(one) else one


_WEIGHTS = (SUBSCRIBED, UNCONFIRMED, DEAD, BLOCKED, UNSUBSCRIBED, COMPLAINED)


def _weight(status: str) -> float:
    """A word that is not known weighs more than `subscribed` and less than all that suppress."""
    return _WEIGHTS.index(status) if status in _WEIGHTS else 0.5
