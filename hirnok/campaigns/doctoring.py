"""The doctor of a campaign and of a brand: what would hurt delivery, in people's words. Changes nothing.

The looking itself is `hirnok.doctor`; here is what is looked at (the very message for the first reader, a sample of
the audience, the relay that would take it), and the wording of every finding. Takes some seconds: it asks the
network, each part within its own patience.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hirnok.campaigns import audience, composing, launch, previewing
from hirnok.campaigns.models import Campaign
from hirnok.doctor import content, scores, sender, visits
from hirnok.doctor.findings import Finding, State, failed, passed, untested, warning
from hirnok.engine import guard
from hirnok.lib.dns import Resolver
from hirnok.mail import merge
from hirnok.mail.compile import HasErrors
from hirnok.mail.compose import Brand as Sender
from hirnok.mail.merge import CannotRender
from hirnok.outbox import probing
from hirnok.outbox.models import Relay
from hirnok.returns import domains
from hirnok.tenants import signing
from hirnok.tenants.models import Brand, Tenant

SAMPLE = 200  # readers whose fields are tried

GROUPS: dict[str, str | Promise] = {
    "sender": _("Who writes"),
    "relay": _("The way out"),
    "message": _("The message"),
    "links": _("What it leads to"),
}
CHECKS: dict[str, tuple[str, str | Promise]] = {
    "spf": ("sender", _("SPF")),
    "dkim": ("sender", _("DKIM")),
    "dmarc": ("sender", _("DMARC")),
    "alignment": ("sender", _("Alignment with the sender's address")),
    "return_path": ("sender", _("Return path")),
    "relay": ("relay", _("Relay")),
    "encryption": ("relay", _("Encryption")),
    "pointer": ("relay", _("Reverse name (PTR)")),
    "made": ("message", _("A message as it is sent")),
    "subject": ("message", _("Subject")),
    "text": ("message", _("Text part")),
    "size": ("message", _("Size")),
    "fields": ("message", _("Merge fields")),
    "alternatives": ("message", _("Alternative texts")),
    "balance": ("message", _("Pictures and words")),
    "one_click_headers": ("message", _("One-click unsubscribe: headers")),
    "spam": ("message", _("Spam filter")),
    "one_click": ("links", _("One-click unsubscribe: rehearsal")),
    "links": ("links", _("Links")),
    "link_texts": ("links", _("Texts of links")),
    "pictures": ("links", _("Pictures")),
}
WORDS: dict[str, str | Promise] = {
    "unanswered": _("The name servers do not answer at present (%(question)s). Try again later."),
    "spf_missing": _(
        "%(domain)s has no SPF record. Publish a TXT record that begins with v=spf1 and names the relay."
    ),
    "spf_several": _("%(domain)s has several SPF records; receivers then use none of them."),
    "spf_includes": _("The SPF record of %(domain)s lets %(provider)s send."),
    "spf_not_included": _(
        "The SPF record of %(domain)s does not include %(include)s. Unless %(provider)s uses a return path of its own, add include:%(include)s."
    ),
    "spf_unknown_way": _(
        "%(domain)s has an SPF record. Whether the relay is in it cannot be seen from here: its public address is hidden."
    ),
    "spf_passes": _("The SPF record of %(domain)s lets the relay (%(number)s) send."),
    "spf_softly": _(
        "The SPF record of %(domain)s does not clearly let the relay (%(number)s) send: %(why)s"
    ),
    "spf_fails": _("The SPF record of %(domain)s forbids the relay (%(number)s) to send: %(why)s"),
    "spf_broken": _("The SPF record of %(domain)s cannot be used: %(why)s"),
    "dkim_some_key": _(
        "%(domain)s publishes DKIM keys (%(selectors)s). The relay signs with one of them."
    ),
    "dkim_left_to_relay": _(
        "Signing is left to the relay, and no key was found at %(domain)s under the usual names. Make sure that the relay signs with a key of this domain."
    ),
    "dkim_missing": _(
        "We sign, but there is no key at %(name)s. Publish the TXT record of the brand's page."
    ),
    "dkim_differs": _("The key published at %(name)s is not the one we sign with."),
    "dkim_published": _("We sign, and the key is published at %(name)s."),
    "dmarc_missing": _(
        "%(domain)s has no DMARC record. Gmail and Yahoo ask senders of newsletters for one; begin with v=DMARC1; p=none."
    ),
    "dmarc_broken": _("The DMARC record of %(domain)s cannot be used: %(why)s"),
    "dmarc_only_watches": _(
        "The DMARC policy of %(domain)s is none: it only watches. Quarantine or reject protects the name."
    ),
    "dmarc_no_reports": _(
        "The DMARC policy of %(domain)s is %(policy)s, but nobody gets its reports (rua)."
    ),
    "dmarc_protects": _("The DMARC policy of %(domain)s is %(policy)s."),
    "aligned_both": _("Both the signature and the return path belong to %(from_domain)s."),
    "aligned_by_dkim": _(
        "The signature belongs to %(from_domain)s; the return path is of %(return_domain)s."
    ),
    "aligned_by_spf": _(
        "Only the return path (%(return_domain)s) proves %(from_domain)s. Forwarded mail loses that proof; a DKIM signature of this domain keeps it."
    ),
    "aligned_perhaps": _(
        "The return path (%(return_domain)s) does not belong to %(from_domain)s. All depends on whether the relay signs for this domain."
    ),
    "aligned_not": _(
        "Neither signature nor return path (%(return_domain)s) belongs to %(from_domain)s. Receivers with DMARC will refuse it."
    ),
    "pointer_missing": _(
        "The relay's address %(number)s has no name. Many receivers refuse such mail."
    ),
    "pointer_one_way": _(
        "The relay's address %(number)s is called %(name)s, but that name does not lead back to it."
    ),
    "pointer_confirmed": _("The relay's address %(number)s has a name that leads back to it."),
    "pointer_unknown_way": _("The relay's public address cannot be seen from here."),
    "return_path_null": _(
        "%(domain)s says that it takes no mail (null MX), so refusals cannot come back."
    ),
    "return_path_lost": _("The mail server of %(domain)s, %(host)s, has no address."),
    "return_path_found": _("Mail that comes back to %(domain)s reaches %(host)s."),
    "return_path_implicit": _(
        "%(domain)s has no MX record. Some receivers refuse senders without one."
    ),
    "return_path_missing": _(
        "%(domain)s cannot take mail: it has neither an MX record nor an address. Receivers refuse such senders."
    ),
    "relay_missing": _("There is no relay to send it. Add one in the settings."),
    "relay_works": _("%(name)s takes mail from us."),
    "relay_stops": _("%(name)s: %(step)s – %(meaning)s"),
    "encryption_on": _("The connection to the relay is encrypted and its certificate is checked."),
    "encryption_unchecked": _(
        "The connection to the relay is encrypted, but its certificate is not checked."
    ),
    "encryption_off": _("The connection to the relay is not encrypted."),
    "made_not": _("The message cannot be made: %(why)s"),
    "made_errors": _("Something in the campaign must be mended first."),
    "made_right": _("It can be made, with both parts."),
    "subject_long": _(
        "The subject has %(length)s characters. Phones show about 40, most programs at most 70."
    ),
    "subject_shouts": _("The subject is written in capitals, which spam filters count against it."),
    "subject_pretends": _("The subject looks like an answer or a forwarded mail, which it is not."),
    "subject_right": _("The subject has %(length)s characters."),
    "text_missing": _("There is no text part. Filters and some readers miss it."),
    "text_short": _(
        "The text part has %(words)s words, the HTML part %(html)s. They should say the same."
    ),
    "text_there": _("There is a text part of %(words)s words."),
    "size_clipped": _(
        "The HTML has %(kilobytes)s kB. Gmail cuts it at 102 kB and hides the unsubscribe link."
    ),
    "size_near": _("The HTML has %(kilobytes)s kB; Gmail cuts it at 102 kB."),
    "size_fits": _("The HTML has %(kilobytes)s kB."),
    "fields_break": _(
        "The message cannot be made for %(readers)s of the %(sample)s readers that were tried."
    ),
    "fields_empty": _(
        "Empty for some of the %(sample)s readers that were tried, %(worst)s for %(readers)s of them: %(names)s. Give a fallback with |default('…')."
    ),
    "fields_filled": _("No merge field is empty for the %(sample)s readers that were tried."),
    "alternatives_missing": _(
        "Pictures without an alternative text: %(count)s. The first is %(first)s."
    ),
    "alternatives_there": _("Every picture has an alternative text."),
    "balance_only_pictures": _(
        "The message is almost only pictures (%(pictures)s, with %(words)s words). Filters distrust that, and many readers do not load pictures."
    ),
    "balance_right": _("Words: %(words)s, pictures: %(pictures)s."),
    "one_click_missing": _("There is no List-Unsubscribe header with a web address."),
    "one_click_post_missing": _("The List-Unsubscribe-Post header is missing or wrong (RFC 8058)."),
    "one_click_not_https": _(
        "The unsubscribe address %(address)s is not https. Gmail and Yahoo do not count it; set the brand's public address."
    ),
    "one_click_there": _("The headers of RFC 8058 are there."),
    "one_click_works": _("The unsubscribe address accepts the mail programs' POST."),
    "one_click_redirects": _(
        "The unsubscribe address %(url)s answers the POST with a redirect, which mail programs do not follow."
    ),
    "one_click_status": _("The unsubscribe address %(url)s answers the POST with %(status)s."),
    "one_click_private": _(
        "The unsubscribe address %(url)s is inside a private network, so it was not tried."
    ),
    "one_click_unknown_host": _(
        "There is no server of the name %(said)s, so nobody could unsubscribe."
    ),
    "one_click_refused": _("%(said)s refuses connections, so nobody could unsubscribe."),
    "one_click_certificate": _(
        "The certificate of %(said)s is not valid, so mail programs cannot unsubscribe anybody."
    ),
    "one_click_timed_out": _("%(said)s does not answer in time."),
    "one_click_broken": _("The unsubscribe address %(url)s gives no proper answer (%(said)s)."),
    "one_click_scheme": _("The unsubscribe address %(url)s is no web address."),
    "links_none": _("There are no links to the web."),
    "links_dead": _("Dead links: %(count)s of %(all)s. The first is %(url)s (%(said)s)."),
    "links_unclear": _(
        "Links that could not be tried: %(count)s of %(all)s. The first is %(url)s (%(said)s)."
    ),
    "links_alive": _("All links work (%(count)s)."),
    "links_shortened": _(
        "%(url)s is shortened. Filters distrust such links; write the address itself."
    ),
    "links_pretend": _(
        "A link shows “%(shown)s” but leads to %(host)s. Filters take that for fraud."
    ),
    "links_honest": _("No link pretends to lead elsewhere."),
    "pictures_lost": _(
        "Pictures that cannot be loaded: %(count)s. The first is %(url)s (%(said)s)."
    ),
    "pictures_other": _("%(url)s is used as a picture, but it is %(kind)s."),
    "pictures_heavy": _("The picture %(url)s has %(megabytes)s MB."),
    "pictures_there": _("All pictures can be loaded (%(count)s)."),
    "spam_no_answer": _("%(filter)s gives no answer (%(said)s)."),
    "spam_too_much": _(
        "%(filter)s gives %(points)s points of %(limit)s: it would be taken for spam. %(rules)s"
    ),
    "spam_near": _("%(filter)s gives %(points)s points of %(limit)s. %(rules)s"),
    "spam_little": _("%(filter)s gives %(points)s points of %(limit)s."),
}
_RANK: tuple[State, ...] = ("failed", "warning", "untested", "passed")


@dataclass(frozen=True)
class Line:
    """A finding in words."""

    group: str
    check: str
    state: State
    code: str
    label: str
    text: str

    @property
    def badge(self) -> str:
        """Return the state as `ui.states` names it."""
        return "unclear" if self.state == "untested" else self.state


@dataclass(frozen=True)
class Examination:
    """All lines, as they were looked at."""

    lines: list[Line]

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """Return (heading, lines), the worst lines of a group first."""
        ordered = sorted(self.lines, key=lambda line: _RANK.index(line.state))
        found = {key: [line for line in ordered if line.group == key] for key in GROUPS}
        return [(str(GROUPS[key]), lines) for key, lines in found.items() if lines]

    def number(self, state: State) -> int:
        """Return how many lines are in a state."""
        return sum(line.state == state for line in self.lines)

    @property
    def failures(self) -> int:
        """Return how many things should be mended before it leaves."""
        return self.number("failed")

    @property
    def warnings(self) -> int:
        """Return how many things should be looked at."""
        return self.number("warning")

    def as_json(self) -> dict[str, Any]:
        """Return what the command prints."""
        return {
            "failed": self.failures,
            "warnings": self.warnings,
            "untested": self.number("untested"),
            "findings": [
                {
                    "check": line.check,
                    "group": line.group,
                    "state": line.state,
                    "code": line.code,
                    "text": line.text,
                }
                for line in self.lines
            ],
        }


def examine_campaign(
    campaign: Campaign, *, at: datetime, resolver: Resolver | None = None
) -> Examination:
    """Look at everything that concerns a campaign that has not left yet."""
    brand = composing.brand_of(campaign)
    relay = launch.relay_of(campaign)
    return _worded((*_road(brand, relay, resolver or Resolver()), *_message(campaign, brand, at)))


def examine_brand(brand: Brand, *, resolver: Resolver | None = None) -> Examination:
    """Look at who writes and the way out, for a brand and the default relay."""
    relay = Relay.objects.filter(tenant_id=brand.tenant_id, is_default=True).first()
    return _worded(_road(brand, relay, resolver or Resolver()))


def _worded(findings: Iterable[Finding]) -> Examination:
    return Examination([_line(finding) for finding in findings])


def _line(finding: Finding) -> Line:
    group, label = CHECKS[finding.check]
    text = str(WORDS[finding.code]) % dict(finding.details)
    return Line(group, finding.check, finding.state, finding.code, str(label), text.strip())


def _road(brand: Brand, relay: Relay | None, resolver: Resolver) -> Iterator[Finding]:
    """Who writes, and by which way it goes out."""
    domain = brand.from_address.rpartition("@")[2].lower()
    road = sender.Road(
        from_domain=domain,
        return_domain=domains.of(brand) or domain,
        relay_host=relay.host if relay else "",
        numbers=_public_numbers(relay) if relay else [],
        signs=signing.signs_as(brand),
    )
    yield from sender.examine(resolver, road)
    yield from _relay(relay)


def _relay(relay: Relay | None) -> Iterator[Finding]:
    if relay is None:
        yield failed("relay", "relay_missing")
        return
    steps = probing.probe(relay)
    stop = next((step for step in steps if step.result == "failed"), None)
    if stop is None:
        yield passed("relay", "relay_works", name=relay.name)
    else:
        details = {"step": stop.label, "meaning": stop.meaning}
        yield failed("relay", "relay_stops", name=relay.name, **details)
    if relay.security == Relay.Security.NONE:
        yield warning("encryption", "encryption_off")
    elif not relay.verify_certificate:
        yield warning("encryption", "encryption_unchecked")
    else:
        yield passed("encryption", "encryption_on")


def _public_numbers(relay: Relay) -> list[str]:
    """The relay's addresses as the world sees them; a relay inside hides the one it sends from."""
    try:
        found = guard.resolve(relay.host, relay.port)
    except guard.UnknownHost:
        return []
    return found if all(guard.is_public(number) for number in found) else []


def _message(campaign: Campaign, brand: Brand, at: datetime) -> Iterator[Finding]:
    """The very message for the first reader, and the fields of a sample of them."""
    tenant = Tenant.objects.get(pk=campaign.tenant_id)
    made = composing.compose_campaign(campaign)
    contact = previewing.reader(tenant, campaign, None)
    values = previewing.values(tenant, campaign, contact)
    try:
        data = composing.rendered(made, campaign, values, at=at)
    except HasErrors:
        yield failed("made", "made_errors")
        return
    except CannotRender as error:
        yield failed("made", "made_not", why=str(error))
        return
    yield passed("made", "made_right")
    contents = content.read(data)
    yield from content.examine(contents)
    yield _fields(campaign, brand)
    yield from scores.examine(data)
    leave = content.one_click_address(contents.message)
    if leave:
        yield visits.one_click(leave)
    ours = composing.public_base(brand)
    yield from visits.links(
        url for url, _shown in contents.links if not url.startswith((f"{ours}/u/", f"{ours}/p/"))
    )
    yield from visits.pictures(one.url for one in contents.pictures if not one.is_pixel)


def _fields(campaign: Campaign, brand: Brand) -> Finding:
    """Which merge fields stay empty for real readers."""
    shown = Sender(brand.name, brand.postal_address, brand.sender_name).values
    sample = audience.recipients(campaign).order_by("pk")[:SAMPLE]
    scopes = (
        merge.scope(composing.values_of(contact), shown, campaign.subject, "https://example.org/")
        for contact in sample
    )
    sources = (campaign.subject, campaign.preheader, campaign.body, campaign.text_body)
    found, readers = content.empty_fields(sources, scopes)
    return found if readers else untested("fields", "fields_filled", sample=0)
