"""Whether receivers can believe who writes: SPF, DKIM, DMARC and its alignment, PTR, the return path's MX.

SPF is RFC 7208 as pyspf evaluates it, DMARC RFC 7489, the organisational domain comes from the public suffix list.
A relay inside the own network hides the address that the world sees; then only the presence of records is judged.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from publicsuffixlist import PublicSuffixList

from hirnok.doctor.findings import Finding, failed, passed, untested, warning
from hirnok.lib.dns import Resolver, Unanswered

with warnings.catch_warnings():  # pyspf's texts have backslashes that newer Pythons warn of
    warnings.simplefilter("ignore")
    import spf  # type: ignore[import-untyped]

# Relays whose way out is known by name: what a record includes when it lets them send.
PROVIDERS: tuple[tuple[str, str, str], ...] = (  # host's end, include of SPF, name
    ("amazonaws.com", "amazonses.com", "Amazon SES"),
    ("sendgrid.net", "sendgrid.net", "SendGrid"),
    ("postmarkapp.com", "spf.mtasv.net", "Postmark"),
    ("mailgun.org", "mailgun.org", "Mailgun"),
    ("brevo.com", "spf.brevo.com", "Brevo"),
    ("sendinblue.com", "spf.sendinblue.com", "Brevo"),
    ("mailjet.com", "spf.mailjet.com", "Mailjet"),
    ("gmail.com", "_spf.google.com", "Google"),
    ("google.com", "_spf.google.com", "Google"),
    ("office365.com", "spf.protection.outlook.com", "Microsoft 365"),
    ("sparkpostmail.com", "sparkpostmail.com", "SparkPost"),
)
# Selectors that providers and common set-ups use, for when only the relay knows which one it signs with.
SELECTORS = "default dkim mail s1 s2 k1 k2 k3 selector1 selector2 google mailjet brevo1 brevo2 pm pic smtp mta mx hirnok"
MOST_INCLUDES = 10  # RFC 7208 §4.6.4


@dataclass(frozen=True)
class Road:
    """By which way a brand's mail goes out. `numbers`: the relay's public addresses, [] when it hides them.

    `signs`: (selector, domain, public key in base64) where we sign ourselves, None where it is left to the relay.
    """

    from_domain: str
    return_domain: str
    relay_host: str
    numbers: Sequence[str]
    signs: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Policy:
    """A DMARC record, as far as it counts here."""

    policy: str  # none, quarantine, reject
    strict_dkim: bool
    strict_spf: bool
    reports: bool


class Unreadable(Exception):
    """There is a record, but receivers cannot use it."""


def examine(resolver: Resolver, road: Road) -> Iterator[Finding]:
    """Look at all of it; what the name servers do not answer now is untested."""
    checks: dict[str, Callable[[Resolver, Road], Finding]] = {
        "return_path": return_path,
        "spf": spf_record,
        "dkim": dkim,
        "dmarc": dmarc,
        "alignment": alignment,
        "pointer": pointer,
    }
    with ThreadPoolExecutor(len(checks)) as pool:  # a silent name server costs the patience once
        yield from pool.map(
            lambda one: _answered(one[0], one[1], resolver, road), list(checks.items())
        )


def organisation(domain: str) -> str:
    """Return the organisational domain (RFC 7489 §3.2), the domain itself where there is none above it."""
    found: str | None = _suffixes().privatesuffix(domain.lower().rstrip("."))
    return found or domain.lower()


def spf_record(resolver: Resolver, road: Road) -> Finding:
    """May the relay send for the return path's domain?"""
    domain = road.return_domain
    records = [text for text in resolver.texts(domain) if _is_spf(text)]
    if len(records) != 1:
        return failed("spf", "spf_several" if records else "spf_missing", domain=domain)
    for ending, include, name in PROVIDERS:
        if road.relay_host.lower().endswith(ending):
            if include in set(_includes(resolver, records[0])):
                return passed("spf", "spf_includes", domain=domain, provider=name)
            # Their own return path is used unless one of the customer's domain is set up there.
            return warning("spf", "spf_not_included", domain=domain, provider=name, include=include)
    if not road.numbers:
        return untested("spf", "spf_unknown_way", domain=domain)
    return _spf_result(resolver, road)


def _spf_result(resolver: Resolver, road: Road) -> Finding:
    """The worst that a receiver may conclude, whichever address the relay uses."""
    results = {number: _evaluated(resolver, road, number) for number in road.numbers}
    worst = max(results, key=lambda number: _SEVERITY.index(results[number][0]))
    result, why = results[worst]
    details = {"domain": road.return_domain, "number": worst, "why": why}
    if result == "pass":
        return passed("spf", "spf_passes", **details)
    if result in {"permerror", "temperror"}:
        return failed("spf", "spf_broken", **details)
    if result in {"softfail", "neutral", "none"}:
        return warning("spf", "spf_softly", **details)
    return failed("spf", "spf_fails", **details)


def dkim(resolver: Resolver, road: Road) -> Finding:
    """Is the key published with which the mail is signed?"""
    if road.signs is None:
        found = [one for one in SELECTORS.split() if _key(resolver, one, road.from_domain)]
        if found:
            return passed(
                "dkim", "dkim_some_key", domain=road.from_domain, selectors=", ".join(found)
            )
        return warning("dkim", "dkim_left_to_relay", domain=road.from_domain)
    selector, domain, public = road.signs
    published = _key(resolver, selector, domain)
    details = {"domain": domain, "name": f"{selector}._domainkey.{domain}"}
    if published is None:
        return failed("dkim", "dkim_missing", **details)
    if published != public:
        return failed("dkim", "dkim_differs", **details)
    return passed("dkim", "dkim_published", **details)


def dmarc(resolver: Resolver, road: Road) -> Finding:
    """Is there a DMARC policy for the From domain, and one that protects?"""
    try:
        found = policy_of(resolver, road.from_domain)
    except Unreadable as why:
        return failed("dmarc", "dmarc_broken", domain=road.from_domain, why=str(why))
    details = {"domain": road.from_domain}
    if found is None:
        return failed("dmarc", "dmarc_missing", **details)
    if found.policy == "none":
        return warning("dmarc", "dmarc_only_watches", **details)
    if not found.reports:
        return warning("dmarc", "dmarc_no_reports", policy=found.policy, **details)
    return passed("dmarc", "dmarc_protects", policy=found.policy, **details)


def alignment(resolver: Resolver, road: Road) -> Finding:
    """Does what SPF and DKIM prove belong to the From domain (RFC 7489 §3.1)?"""
    try:
        found = policy_of(resolver, road.from_domain)
    except Unreadable:
        found = None
    by_spf = _aligned(road.return_domain, road.from_domain, strict=bool(found and found.strict_spf))
    signer = road.signs[1] if road.signs else ""
    by_dkim = bool(signer) and _aligned(
        signer, road.from_domain, strict=bool(found and found.strict_dkim)
    )
    details = {"from_domain": road.from_domain, "return_domain": road.return_domain}
    if by_dkim and by_spf:
        return passed("alignment", "aligned_both", **details)
    if by_dkim:
        return passed("alignment", "aligned_by_dkim", **details)
    if by_spf:
        return warning("alignment", "aligned_by_spf", **details)
    if road.signs is None:
        return warning("alignment", "aligned_perhaps", **details)
    return failed("alignment", "aligned_not", **details)


def pointer(resolver: Resolver, road: Road) -> Finding:
    """Have the relay's addresses names that lead back to them (RFC 1912 §2.1)?"""
    if not road.numbers:
        return untested("pointer", "pointer_unknown_way")
    for number in road.numbers:
        names = resolver.names_of(number)
        if not names:
            return failed("pointer", "pointer_missing", number=number)
        if not any(number in resolver.numbers(name) for name in names):
            return failed("pointer", "pointer_one_way", number=number, name=names[0])
    return passed("pointer", "pointer_confirmed", number=road.numbers[0])


def return_path(resolver: Resolver, road: Road) -> Finding:
    """Can mail that comes back be delivered (RFC 5321 §5.1, RFC 7505)?"""
    domain = road.return_domain
    servers = resolver.mail_servers(domain)
    if any(host == "" for _preference, host in servers):
        return failed("return_path", "return_path_null", domain=domain)
    if servers:
        reachable = [host for _preference, host in servers if resolver.numbers(host)]
        if not reachable:
            return failed("return_path", "return_path_lost", domain=domain, host=servers[0][1])
        return passed("return_path", "return_path_found", domain=domain, host=reachable[0])
    if resolver.numbers(domain):
        return warning("return_path", "return_path_implicit", domain=domain)
    return failed("return_path", "return_path_missing", domain=domain)


def policy_of(resolver: Resolver, domain: str) -> Policy | None:
    """Return the DMARC policy in force for a From domain; Unreadable."""
    above = organisation(domain)
    for place in dict.fromkeys((domain, above)):
        records = [
            text
            for text in resolver.texts(f"_dmarc.{place}")
            if text.lower().replace(" ", "").startswith("v=dmarc1")
        ]
        if len(records) > 1:
            raise Unreadable("several records")
        if records:
            return _policy(_tags(records[0]), is_above=place != domain)
    return None


_SEVERITY = ("pass", "neutral", "none", "softfail", "temperror", "fail", "permerror")


class _Query(spf.query):  # type: ignore[misc]
    """pyspf's evaluation, with our resolver under it."""

    resolver: Resolver

    def dns(
        self, name: str, qtype: str, cnames: Any = None, *, ignore_void: bool = False
    ) -> list[Any]:
        try:
            found = self._found(str(name).rstrip("."), qtype)
        except Unanswered as error:
            raise spf.TempError("DNS Timeout") from error
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError(f"Void lookup limit of {spf.MAX_VOID_LOOKUPS} exceeded")
        return found

    def _found(self, name: str, qtype: str) -> list[Any]:
        if qtype == "TXT":
            return [(text.encode(),) for text in self.resolver.texts(name)]
        if qtype == "MX":
            return self.resolver.mail_servers(name)
        if qtype in {"A", "AAAA"}:
            wanted = ":" if qtype == "AAAA" else "."
            numbers = [one for one in self.resolver.numbers(name) if wanted in one]
            return [spf.ipaddress.ip_address(one) for one in numbers]
        return []


def _evaluated(resolver: Resolver, road: Road, number: str) -> tuple[str, str]:
    """Return the result of RFC 7208 for one address, and its explanation."""
    query = _Query(i=number, s=f"postmaster@{road.return_domain}", h=road.relay_host)
    query.resolver = resolver
    result, _code, why = query.check()
    return str(result), str(why)


def _includes(resolver: Resolver, record: str, seen: set[str] | None = None) -> Iterator[str]:
    """Yield the domains that a record includes or redirects to, however deep, within the RFC's limit."""
    seen = set() if seen is None else seen
    for term in record.lower().split():
        _word, _mark, domain = term.replace("redirect=", "include:").partition("include:")
        if not domain or domain in seen or len(seen) >= MOST_INCLUDES:
            continue
        seen.add(domain)
        yield domain
        for text in resolver.texts(domain):
            if _is_spf(text):
                yield from _includes(resolver, text, seen)


def _is_spf(text: str) -> bool:
    return text.lower().split(" ", 1)[0] == "v=spf1"


def _key(resolver: Resolver, selector: str, domain: str) -> str | None:
    """Return the published key in base64, None when there is none (or it is revoked)."""
    for text in resolver.texts(f"{selector}._domainkey.{domain}"):
        tags = _tags(text)
        if tags.get("v", "DKIM1") == "DKIM1" and tags.get("p"):
            return tags["p"].replace(" ", "")
    return None


def _policy(tags: dict[str, str], *, is_above: bool) -> Policy:
    wanted = tags.get("sp") if is_above and tags.get("sp") else tags.get("p", "")
    policy = str(wanted).lower()
    if policy not in {"none", "quarantine", "reject"}:
        raise Unreadable(f"p={policy}")
    return Policy(policy, tags.get("adkim") == "s", tags.get("aspf") == "s", bool(tags.get("rua")))


def _tags(record: str) -> dict[str, str]:
    """Read `a=b; c=d` (RFC 6376 §3.2)."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _mark, value in pairs if name.strip()}


def _aligned(proven: str, shown: str, *, strict: bool) -> bool:
    if strict:
        return proven.lower() == shown.lower()
    return organisation(proven) == organisation(shown)


def _answered(
    check: str, look: Callable[[Resolver, Road], Finding], resolver: Resolver, road: Road
) -> Finding:
    try:
        return look(resolver, road)
    except Unanswered as question:
        return untested(check, "unanswered", question=str(question))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
