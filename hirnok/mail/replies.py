"""What an SMTP reply means: an outcome, and whose fault it is.

The reply code decides first (RFC 5321 §4.2.1): 2yz is delivered, 4yz is a deferral, 5yz is final. The class comes from
known phrases, then from the enhanced code (RFC 3463, IANA registry), then from the reply code alone. Only
a dead address is the recipient's fault: `Bounced` with `suppress`. Refusals for content, policy, reputation or protocol
are `Failed` and never suppress anyone, and neither does a full mailbox.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ReplyClass(StrEnum):
    OK = "ok"
    ADDRESS = "address"
    DOMAIN = "domain"
    MAILBOX_FULL = "mailbox_full"
    MAILBOX_DISABLED = "mailbox_disabled"
    TOO_LARGE = "too_large"
    CONTENT = "content"
    POLICY = "policy"
    REPUTATION = "reputation"
    AUTHENTICATION = "authentication"
    RATE = "rate"
    GREYLISTING = "greylisting"
    RELAY = "relay"
    NETWORK = "network"
    PROTOCOL = "protocol"
    OTHER = "other"


# What others call our classes: the bounce classes of KumoMTA, which sort the enhanced codes of the IANA registry.
KUMO_NAMES: Final[dict[ReplyClass, str]] = {
    ReplyClass.ADDRESS: "InvalidRecipient",
    ReplyClass.DOMAIN: "BadDomain",
    ReplyClass.MAILBOX_FULL: "QuotaIssues",
    ReplyClass.MAILBOX_DISABLED: "InactiveMailbox",
    ReplyClass.TOO_LARGE: "ContentRelated",
    ReplyClass.CONTENT: "SpamContent",
    ReplyClass.POLICY: "PolicyRelated",
    ReplyClass.REPUTATION: "SpamBlock",
    ReplyClass.AUTHENTICATION: "AuthenticationFailed",
    ReplyClass.RATE: "TransientFailure",
    ReplyClass.GREYLISTING: "TransientFailure",
    ReplyClass.RELAY: "RelayDenied",
    ReplyClass.NETWORK: "BadConnection",
    ReplyClass.PROTOCOL: "ProtocolErrors",
    ReplyClass.OTHER: "Uncategorized",
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """The next system took responsibility for the message."""

    code: int
    enhanced: str
    text: str
    reply_class: ReplyClass = ReplyClass.OK


@dataclass(frozen=True, slots=True)
class Deferred:
    """Refused for now; try again later (`hirnok.mail.retry`)."""

    code: int
    enhanced: str
    text: str
    reply_class: ReplyClass


@dataclass(frozen=True, slots=True)
class Bounced:
    """The recipient's address is the reason. `suppress`: it is dead, nothing may be sent to it again."""

    code: int
    enhanced: str
    text: str
    reply_class: ReplyClass
    suppress: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """Refused for good for a reason that is not the recipient's."""

    code: int
    enhanced: str
    text: str
    reply_class: ReplyClass


Outcome = Delivered | Deferred | Bounced | Failed

_C = ReplyClass
DEAD: Final = frozenset({_C.ADDRESS, _C.DOMAIN, _C.MAILBOX_DISABLED})
BOUNCED: Final = DEAD | {_C.MAILBOX_FULL}

# What a tenant's rules for dead addresses may count: the address's own failures.
COUNTED: Final = (_C.ADDRESS, _C.DOMAIN, _C.MAILBOX_DISABLED, _C.MAILBOX_FULL, _C.NETWORK)

_ENHANCED: Final = re.compile(r"(?:^|[\s(])([245])\.(\d{1,3})\.(\d{1,3})(?=[\s);,:]|$)")

# First match wins: what is about us (lists, policy, authentication) stands before what is about the recipient, because
# refusals of the first kind like to name the recipient too.
_PHRASES: Final[tuple[tuple[ReplyClass, str], ...]] = (
    (_C.POLICY, r"sender address|address of sender|domain of sender|sender.{0,40}(?:not exist|unknown|invalid|verif|denied|rejected)"
                r"|\bmail from\b|return.?path|envelope from|null sender|valid from\b|from (?:header|field|address)"),
    (_C.GREYLISTING, r"gr[ea]y-?list|postgrey|try again in \d+ (?:sec|min)|temporarily deferred.*first"),
    (_C.AUTHENTICATION, r"\bdmarc\b|\bspf\b|\bdkim\b|unauthenticated (?:e-?mail|mail)|not authenticated"
                        r"|sender authentication|5\.7\.515|reverse dns|\bptr\b|\brdns\b|authentication check|mismatch\w* .{0,20}\bip\b"),
    (_C.REPUTATION, r"black-?list|block-?list|denylist|\brbl\b|dnsbl|spamhaus|barracuda|spamcop|sorbs|proofpoint"
                    r"|reputation|poor sender|blocked using|(?:ip|host|server|sender).{0,40}(?:is |been )?(?:blocked|banned)"
                    r"|\bs3140\b|\bs3150\b|cloudmark|senderscore|abuse|invalid ip\b|(?:bad|unwanted) (?:ip|host)\b"),
    (_C.MAILBOX_FULL, r"mailbox (?:has )?exceed|(?:mailbox|recipient|user|account).{0,30}(?:is|are) (?:over|exceeding)"),
    (_C.RATE, r"rate limit|too many (?:connections|messages|recipients|emails|errors|concurrent)|throttl"
              r"|exceeded.{0,40}(?:rate|limit|hour)|receiving mail at a rate|unusual rate|slow down|try.{0,20}slower|frequency limit|(?:daily|hourly|relay|sending).{0,20}quota"),
    (_C.CONTENT, r"spam|junk|unsolicited|\bbulk mail|virus|malware|phish|content (?:rejected|filter|denied|not)|message content"
                 r"|rejected.{0,30}content|suspicious|attachment.{0,40}(?:block|reject|not (?:allow|permit|accept)|denied|prohibit|type|dangerous)|(?:block|reject|prohibit|dangerous|executable)\w*.{0,30}attachment|\burl\b.{0,30}(?:block|list)|surbl|uribl|\bngt\b"),
    (_C.RELAY, r"relay(?:ing)? (?:access )?(?:denied|not (?:permitted|allowed))|unable to relay|relay not permitted|we do not relay"),
    (_C.TOO_LARGE, r"(?:message|mail)\b.{0,30}(?:too (?:large|big)|exceeds.{0,30}(?:size|maximum|limit))|message (?:is )?too long|size limit"),
    (_C.MAILBOX_FULL, r"(?:mailbox|inbox|account|user|quota|storage|maildir|disk).{0,40}(?:full|over ?quota|exceed|limit)|over ?quota"
                      r"|quota exceeded|insufficient (?:system )?storage|out of storage|mailbox size|exceed\w* (?:their|his|the|its|disk|mailbox|storage).{0,20}quota|mail ?folder is full|too much mail"
                      r"|megtelt|betelt|postfach.{0,30}(?:voll|[üu]berschr)|bo[îi]te.{0,30}pleine|buz[óo]n.{0,30}llen|casella.{0,30}piena|caixa.{0,30}cheia|c[ăa]su[țt]a.{0,30}plin"
                      r"|skrzynk.{0,30}(?:pe[łl]n|przepe[łl])|(?:postafi[óo]k|t[áa]rhely|fi[óo]k).{0,30}(?:tele\b|megtelt|betelt)|cutia po[șsş]tal[ăa].{0,40}plin|po[șsş]tal[ăa].{0,30}(?:plin|dep[ăa][șsş])|postvak.{0,30}vol\b|(?:posta )?kutusu.{0,30}dolu|br[ée]vl[åa]d.{0,30}full|postl[åa]da.{0,30}full"
                      r"|schr[áa]nka.{0,30}pln|переполнен|邮箱(?:已满|空间)|容量|いっぱい|용량"),
    (_C.MAILBOX_DISABLED, r"(?:mailbox|account|user|recipient|address).{0,40}(?:disabled|inactive|suspended|deactivated|locked|expired|closed)"
                          r"|(?:disabled|inactive|suspended|deactivated) (?:mailbox|account|user|recipient)|account that you tried to reach is"),
    (_C.ADDRESS, r"recipient address rejected:? access denied|user unknown|unknown (?:user|recipient|local|address|mailbox)|no such (?:user|recipient|mailbox|address|person|account|local)"
                 r"|(?:user|recipient|mailbox|address|account|email|addressee|destination).{0,60}"
                 r"(?:not found|not exist|doesn'?t exist|does not exist|unknown|invalid|unavailable|not valid|not known|no longer|not have|n'?t have)"
                 r"|invalid (?:recipient|mailbox|user|address)|recipient.{0,40}not (?:on|in)\b|not our customer|isn'?t a (?:user|valid)"
                 r"|no mailbox|not a (?:valid|known) (?:user|mailbox|recipient)|bad destination mailbox|nincs ilyen|ismeretlen|nem l[ée]tez"
                 r"|invalid (?:final delivery )?userid|no matches|user not listed|(?:name|user|address|recipient).{0,20}not recogni[sz]ed|could(?:n'?t| not) be found|not listed in|existiert nicht|unbekannt|inconnu|inexist|n'existe pas|introuvable|no existe|desconocid|non esiste|sconosciut|n[ãa]o existe"
                 r"|nu exist[ăa]|nu a fost g[ăa]sit|necunoscut|nem tal[áa]lhat[óo]|ilyen (?:c[íi]m|felhaszn[áa]l[óo]|postafi[óo]k)\w* (?:nincs|nem)|impossibile trovare|non (?:[èe] stat[oa] )?trovat|nebyla nalezena|sa nena[šs]la|nenalezen|gick inte att hitta|kunne ikke (?:finde|finnes)|ikke (?:fundet|funnet)|niet gevonden|bestaat niet|onbekende?\b|bulunamad[ıi]|no se (?:ha )?encontr|n[ãa]o (?:foi )?encontrad|recipientnotfound|undeliverable address|non-existent hosts"
                 r"|nie istnieje|nieznan|neexistuj|nezn[áa]m|не существует|не найден|неизвестн|нет такого|不存在|无此用户|查無此人|存在しない|見つかりません|宛先不明|존재하지"),
    (_C.NETWORK, r"not found,? try again|temporary (?:lookup|dns)|dns (?:lookup )?(?:timeout|server)"),
    (_C.DOMAIN, r"domain.{0,40}(?:not found|does ?n[o']t exist|unknown|invalid|no longer)|host (?:unknown|not found)|no such domain|nxdomain|(?:domain|host) name not found|host \S{1,80} not found|domain is not reachable"
                r"|null mx|nullmx|no mx|unrouteable|unroutable"),
    (_C.NETWORK, r"timed? ?-?out|\bexpired\b|connection (?:refused|reset|lost|failed|dropped)|(?:unable|not able|failed) to (?:connect|establish)|requests to connect|hosts have been failing"
                 r"|giving up|attempts?:|delivered within|for the last \d+ sec|multiple retries|queue too long|(?:be|being) retried|unreachable|no route to|service (?:currently )?(?:not available|unavailable)|delivery (?:has been )?delayed"),
    (_C.POLICY, r"policy|not allowed|access denied|permission|prohibited|administrative|restricted|not authori[sz]ed|refused by"),
)  # fmt: skip
# Said of refusals of every kind: it counts only where no code says more.
_VAGUE: Final = re.compile(r"recipient.{0,40}reject", re.I | re.S)
_NOBODY: Final = re.compile(r"recipient ?not ?found", re.I)
_NAMES: Final = re.compile(
    r"https?://[^\s<>]{1,300}|[^\s<>:;,()\[\]]{1,64}@[\w.-]{1,255}", re.I
)  # their letters say nothing
_PATTERNS: Final = tuple((found, re.compile(pattern, re.I | re.S)) for found, pattern in _PHRASES)

_ELSEWHERE: Final = (
    _PATTERNS[0][1],
    *(
        pattern
        for found, pattern in _PATTERNS
        if found in {_C.AUTHENTICATION, _C.REPUTATION, _C.CONTENT, _C.RATE, _C.MAILBOX_FULL}
    ),
)

# Subject and detail of the enhanced code; a detail of "" stands for the whole subject.
_CODES: Final[dict[str, ReplyClass]] = {
    "1.0": _C.ADDRESS, "1.1": _C.ADDRESS, "1.2": _C.DOMAIN, "1.3": _C.ADDRESS, "1.4": _C.ADDRESS,
    "1.6": _C.ADDRESS, "1.7": _C.POLICY, "1.8": _C.POLICY, "1.9": _C.PROTOCOL, "1.10": _C.DOMAIN,
    "2.0": _C.OTHER, "2.1": _C.MAILBOX_DISABLED, "2.2": _C.MAILBOX_FULL, "2.3": _C.TOO_LARGE, "2.4": _C.OTHER,
    "3.1": _C.MAILBOX_FULL, "3.4": _C.TOO_LARGE, "3.": _C.OTHER, "3.2": _C.NETWORK, "3.5": _C.NETWORK,
    "4.": _C.NETWORK, "4.7": _C.NETWORK, "5.": _C.PROTOCOL, "5.3": _C.RATE, "6.": _C.CONTENT,
    "7.": _C.POLICY, "7.0": _C.POLICY, "7.1": _C.POLICY, "7.8": _C.AUTHENTICATION, "7.9": _C.AUTHENTICATION,
    "7.13": _C.MAILBOX_DISABLED, "7.17": _C.ADDRESS, "7.20": _C.AUTHENTICATION, "7.21": _C.AUTHENTICATION,
    "7.22": _C.AUTHENTICATION, "7.23": _C.AUTHENTICATION, "7.24": _C.AUTHENTICATION, "7.25": _C.AUTHENTICATION,
    "7.26": _C.AUTHENTICATION, "7.27": _C.POLICY, "7.28": _C.RATE, "7.29": _C.AUTHENTICATION,
    "7.30": _C.AUTHENTICATION, "7.515": _C.AUTHENTICATION, "7.606": _C.REPUTATION, "7.708": _C.REPUTATION,
}  # fmt: skip
_REPLIES: Final[dict[int, ReplyClass]] = {
    421: _C.NETWORK, 450: _C.OTHER, 451: _C.OTHER, 452: _C.MAILBOX_FULL, 454: _C.AUTHENTICATION,
    500: _C.PROTOCOL, 501: _C.PROTOCOL, 502: _C.PROTOCOL, 503: _C.PROTOCOL, 504: _C.PROTOCOL,
    521: _C.DOMAIN, 530: _C.AUTHENTICATION, 535: _C.AUTHENTICATION, 541: _C.POLICY, 552: _C.MAILBOX_FULL,
    553: _C.ADDRESS, 555: _C.PROTOCOL, 556: _C.DOMAIN,
}  # fmt: skip


def outcome(code: int, text: str, *, to_recipient: bool = True) -> Outcome:
    """The outcome of one recipient from the reply code and text (without the code; lines joined by blanks or line breaks).

    `to_recipient`: the reply answers RCPT or the end of DATA; replies to greeting, EHLO, AUTH or MAIL are never the
    recipient's fault. A code that is not 2yz, 4yz or 5yz is a protocol error and counts as a deferral.
    """
    text = " ".join(text.split())
    enhanced = enhanced_code(code, text)
    if 200 <= code < 300:
        return Delivered(code, enhanced, text)
    found = classify(code, text)
    if not 500 <= code < 600:
        return Deferred(code, enhanced, text, found if 400 <= code < 500 else _C.PROTOCOL)
    if to_recipient and found in BOUNCED:
        return Bounced(code, enhanced, text, found, suppress=found in DEAD)
    return Failed(code, enhanced, text, found)


def enhanced_code(code: int, text: str) -> str:
    """The enhanced status code in a reply text, such as `5.1.1`; empty if there is none that fits the reply code."""
    for match in _ENHANCED.finditer(text):
        if match[1] == str(code)[:1]:
            return ".".join(match.groups())
    return ""


def classify(code: int, text: str) -> ReplyClass:
    """The class of a refusal."""
    subject, _, detail = enhanced_code(code, text)[2:].partition(".")
    by_code = _CODES.get(f"{subject}.{detail}") or _CODES.get(f"{subject}.") if subject else None
    said = _NAMES.sub(" ", text)
    if by_code is _C.DOMAIN and _NOBODY.search(
        said
    ):  # Exchange: 5.1.10 is an address there, no null MX (RFC 7505)
        by_code = _C.ADDRESS
    if by_code in {_C.ADDRESS, _C.DOMAIN} and not _is_about_something_else(said):
        return by_code
    for found, pattern in _PATTERNS:
        if pattern.search(said):
            return found
    if by_code is not None and by_code is not _C.OTHER:
        return by_code
    return _C.ADDRESS if _VAGUE.search(said) else _REPLIES.get(code, _C.OTHER)


def _is_about_something_else(text: str) -> bool:
    """Some systems refuse for the sender, reputation, content or a full mailbox with an address code."""
    return any(pattern.search(text) for pattern in _ELSEWHERE)
