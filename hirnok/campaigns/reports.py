"""What became of a campaign: counts only, no contact data (A4), so a report may be shared.

The states of its deliveries add up to the recipients; with those left out at launch they add up to the
audience. People are told from machines by the tracker's classes; countries come only from people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hirnok.campaigns.models import Campaign
from hirnok.consent.models import Departure
from hirnok.outbox import tallies
from hirnok.outbox.models import HitKind, Link, Message, Repetition, State
from hirnok.outbox.tallies import Reactions
from hirnok.returns.models import Complaint

STATE_KEYS: dict[int, str] = {
    State.QUEUED: "queued",
    State.SENT: "sent",
    State.DEFERRED: "deferred",
    State.BOUNCED: "bounced",
    State.FAILED: "failed",
    State.SUPPRESSED: "suppressed",
    State.UNKNOWN: "unknown",
    State.CANCELLED: "cancelled",
    State.ERASED: "erased",
}


class NotLaunched(Exception):
    """The campaign has not been launched, so there is nothing to report."""


@dataclass(frozen=True)
class Reaction:
    """Opens or clicks: all hits, and how many recipients had at least one; people and machines apart.

    `people` and `people_unique` leave machines out. A unique figure is None where the brand measures in
    aggregate: then no hit knows its recipient.
    """

    total: int = 0
    unique: int | None = 0
    people: int = 0
    people_unique: int | None = 0

    @property
    def machines(self) -> int:
        """Hits by mail proxies, security scanners and bots."""
        return self.total - self.people


@dataclass(frozen=True)
class LinkFigures:
    """One link of the message and the clicks on it."""

    position: int
    url: str
    text: str
    clicks: int
    people: int
    people_unique: int | None


@dataclass(frozen=True)
class Report:
    """Everything the report page, the command and the shared page show.

    `repeated`: recipients to whom it was sent again since nobody knows whether the first time had arrived.
    """

    campaign: Campaign
    recipients: int
    states: dict[str, int]
    left_out: dict[str, int]
    measurement: str
    opens: Reaction
    clicks: Reaction
    unsubscribed: int
    repeated: int = 0
    complaints: int = 0
    links: Sequence[LinkFigures] = field(default_factory=tuple)
    countries: Sequence[tuple[str, int, int]] = field(default_factory=tuple)
    hours: Sequence[tuple[datetime, int, int]] = field(default_factory=tuple)

    @property
    def audience(self) -> int:
        """Everybody who was meant: the recipients and those left out at launch."""
        return self.recipients + sum(self.left_out.values())

    @property
    def underway(self) -> int:
        """How many still wait for an outcome."""
        return self.states["queued"] + self.states["deferred"]

    def as_json(self) -> dict[str, Any]:
        """Return the figures for `hirnok report --json`: one key for each state."""
        return {
            "campaign": self.campaign.pk,
            "name": self.campaign.name,
            "status": self.campaign.status,
            "audience": self.audience,
            "recipients": self.recipients,
            **self.states,
            "repeated": self.repeated,
            "left_out": self.left_out,
            "measurement": self.measurement,
            "opens": _figures(self.opens),
            "clicks": _figures(self.clicks),
            "unsubscribed": self.unsubscribed,
            "complaints": self.complaints,
            "links": [
                {
                    "position": link.position,
                    "url": link.url,
                    "clicks": link.clicks,
                    "people": link.people,
                }
                for link in self.links
            ],
            "countries": [
                {"country": country, "opens": opens, "clicks": clicks}
                for country, opens, clicks in self.countries
            ],
            "hours": [
                {"hour": hour.isoformat(), "opens": opens, "clicks": clicks}
                for hour, opens, clicks in self.hours
            ],
        }


def summary(campaign: Campaign) -> Report:
    """Count everything about a launched campaign; NotLaunched for a draft."""
    message = campaign.message
    if message is None:
        raise NotLaunched
    did = tallies.reactions(campaign.tenant_id, message.pk)
    individual = message.measurement == "individual"
    return Report(
        campaign=campaign,
        recipients=message.recipients,
        states=states_of(message),
        left_out={reason: count for reason, count in campaign.left_out.items() if count},
        measurement=message.measurement,
        opens=_reaction(did, HitKind.OPEN, individual=individual),
        clicks=_reaction(did, HitKind.CLICK, individual=individual),
        unsubscribed=Departure.objects.filter(
            tenant_id=campaign.tenant_id, message_id=message.pk
        ).count(),
        repeated=Repetition.objects.filter(
            tenant_id=campaign.tenant_id, message_id=message.pk
        ).count(),
        complaints=Complaint.objects.filter(
            tenant_id=campaign.tenant_id, message_id=message.pk
        ).count(),
        links=_links(message, did, individual=individual),
        countries=_countries(did),
        hours=_hours(did),
    )


def states_of(message: Message) -> dict[str, int]:
    """Return how many deliveries are in each state, every state present; they add up to the recipients."""
    counted = tallies.states(message)
    return {key: counted.get(state, 0) for state, key in STATE_KEYS.items()}


def people_of(message: Message) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return for opens and for clicks by people: different recipients, and how often in all."""
    did = tallies.reactions(message.tenant_id, message.pk)
    opens, clicks = (
        (did.readers.get(kind, _NONE)[1], did.kinds.get(kind, _NONE)[1])
        for kind in (HitKind.OPEN, HitKind.CLICK)
    )
    return opens, clicks


_NONE = [0, 0]


def _reaction(did: Reactions, kind: HitKind, *, individual: bool) -> Reaction:
    total, people = did.kinds.get(kind, _NONE)
    unique, people_unique = did.readers.get(kind, _NONE)
    return Reaction(
        total=total,
        unique=unique if individual else None,
        people=people,
        people_unique=people_unique if individual else None,
    )


def _links(message: Message, did: Reactions, *, individual: bool) -> list[LinkFigures]:
    figures = []
    for link in Link.objects.filter(tenant_id=message.tenant_id, message_id=message.pk).order_by(
        "position"
    ):
        clicks, people = did.links.get(link.pk, _NONE)
        (unique,) = did.link_readers.get(link.pk, [0])
        figures.append(
            LinkFigures(
                position=link.position,
                url=link.url,
                text=link.text,
                clicks=clicks,
                people=people,
                people_unique=unique if individual else None,
            )
        )
    return figures


def _countries(did: Reactions) -> list[tuple[str, int, int]]:
    """Return (country, opens, clicks), most first; "" is unknown: proxied or not to be told. Scanners and bots
    are nowhere."""
    rows = ((country, opens, clicks) for country, (opens, clicks) in did.countries.items())
    return sorted(rows, key=lambda row: (-(row[1] + row[2]), row[0]))


def _hours(did: Reactions) -> list[tuple[datetime, int, int]]:
    """Return (hour, opens, clicks) by people, in order of time; hours without any are left out."""
    return [
        (datetime.fromtimestamp(hour, UTC), opens, clicks)
        for hour, (opens, clicks) in sorted(did.hours.items())
    ]


def _figures(reaction: Reaction) -> dict[str, int | None]:
    return {
        "total": reaction.total,
        "unique": reaction.unique,
        "people": reaction.people,
        "people_unique": reaction.people_unique,
        "machines": reaction.machines,
    }
