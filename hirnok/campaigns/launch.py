"""Schedule, launch, pause, resume, cancel; and what the clock does by itself.

Each function is one transaction with its audit entry and locks the campaign's row, so that two clicks launch
once; where the engine or a leaving reader is in the way, it is tried again. A launch compiles the message and stores
its links at once (`begin`); the worker then takes down the audience in one instant, counted like the confirmation
shows it, and queues one delivery for each recipient (`carry_on`). The engine begins when the last one is written.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from procrastinate.contrib.django import app

from hirnok.campaigns import audience, composing
from hirnok.campaigns.composing import Composed
from hirnok.campaigns.models import Campaign
from hirnok.campaigns.problems import Finding
from hirnok.outbox import queue
from hirnok.outbox.models import Link, Message, Relay
from hirnok.returns import domains
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant
from hirnok.tenants.retrying import retried

Status = Campaign.Status
TASK = "hirnok.campaigns.jobs.carry_on"
QUEUE = "campaigns"
CHUNK = 50_000

# A scheduled campaign that nobody launched for so long (the worker was off) waits for a person instead.
TOO_LATE = timedelta(hours=12)
TOO_LATE_REASON = "TooLate"


class AlreadyLaunched(Exception):
    """The campaign has been launched or cancelled."""


class NobodyToSendTo(Exception):
    """Nobody on the campaign's lists may get it."""


class NoRelay(Exception):
    """There is no server that could send it: neither chosen in the campaign nor set as default."""


class NotSending(Exception):
    """The campaign is not in a state in which this can be done."""


class InThePast(Exception):
    """The time has passed already."""


class NoSuchTime(Exception):
    """The clocks of the zone skip this time on this day."""


class HasProblems(Exception):
    """Something in the campaign must be mended first."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(finding.text for finding in findings))
        self.findings = findings


def schedule(
    tenant: Tenant, pk: int, *, local: datetime, time_zone: str, actor: str, at: datetime
) -> Campaign:
    """Have a draft launched at a wall-clock time of a zone; it must be sendable now and the time to come."""
    when = _instant(local, time_zone)
    with transaction.atomic():
        campaign = locked(tenant, pk)
        _check_unlaunched(campaign)
        if when <= at:
            raise InThePast
        check(campaign)
        campaign.status = Status.SCHEDULED
        campaign.scheduled_at = when
        campaign.time_zone = time_zone
        _saved(campaign, "campaign.schedule", actor, at, "scheduled_at", "time_zone")
    return campaign


def unschedule(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> Campaign:
    """Make a scheduled campaign a draft again."""
    with transaction.atomic():
        campaign = locked(tenant, pk)
        _check_status(campaign, Status.SCHEDULED)
        campaign.status = Status.DRAFT
        campaign.scheduled_at = None
        _saved(campaign, "campaign.unschedule", actor, at, "scheduled_at")
    return campaign


def launch(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> Campaign:
    """Send the campaign, here and now: AlreadyLaunched, HasProblems, NoRelay, NobodyToSendTo."""
    begin(tenant, pk, actor=actor, at=at, queue=False)
    campaign = carry_on(tenant, pk, actor=actor, at=at)
    if campaign.status == Status.DRAFT:
        raise NobodyToSendTo
    return campaign


@retried
def begin(tenant: Tenant, pk: int, *, actor: str, at: datetime, queue: bool = True) -> Campaign:
    """Give the campaign to the worker, which writes its recipients: AlreadyLaunched, HasProblems, NoRelay, NobodyToSendTo.

    `queue` False: the caller carries it on itself.
    """
    with transaction.atomic():
        campaign = locked(tenant, pk)
        _check_unlaunched(campaign)
        made, relay = sendable(campaign)
        if not audience.recipients(campaign).exists():
            raise NobodyToSendTo
        campaign.message = _message(campaign, composing.brand_of(campaign), made, relay, at)
        campaign.status = Status.STARTING
        campaign.launched_at = at
        campaign.audience_size, campaign.left_out = None, {}
        fields = ("message", "launched_at", "left_out", "audience_size")
        _saved(campaign, "campaign.start", actor, at, *fields)
        if queue:
            job = app.configure_task(TASK, queue=QUEUE)
            job.defer(tenant_id=tenant.pk, campaign_id=pk, actor=actor)
    return campaign


def carry_on(tenant: Tenant, pk: int, *, actor: str, at: datetime, size: int = CHUNK) -> Campaign:
    """Write the recipients of a campaign that was begun, some in each transaction, and let the engine begin.

    Goes on where a killed one stopped; ends at once when the campaign was cancelled. The same connection all the way.
    """
    after = 0
    if _gather(tenant, pk):
        while _write(tenant, pk, after, size):
            after += size
        _let_go(tenant, pk, actor, at)
    done: Campaign = Campaign.objects.of(tenant).get(pk=pk)
    return done


@retried
def _gather(tenant: Tenant, pk: int) -> bool:
    """Take down who gets it; returns whether the campaign is still to be started."""
    campaign = locked(tenant, pk)
    if campaign.status != Status.STARTING:
        return False
    found = audience.of_numbers(queue.gather(message_of(campaign), audience.classified(campaign)))
    if campaign.audience_size is None:
        campaign.left_out, campaign.audience_size = found.left_out, found.total
        campaign.save(update_fields=["left_out", "audience_size"])
    return True


@retried
def _write(tenant: Tenant, pk: int, after: int, size: int) -> bool:
    """Write some; returns whether there may be more."""
    campaign = locked(tenant, pk)
    if campaign.status != Status.STARTING:
        return False
    return queue.write(message_of(campaign), after=after, size=size) is not None


@retried
def _let_go(tenant: Tenant, pk: int, actor: str, at: datetime) -> None:
    campaign = locked(tenant, pk)
    if campaign.status != Status.STARTING:
        return
    message = message_of(campaign)
    if not message.recipients:
        _to_draft(campaign, NobodyToSendTo.__name__, actor, at)
        return
    queue.launch(message, at=at)
    campaign.status = Status.SENDING
    # Who was erased while it was written is not in it.
    campaign.audience_size = message.recipients + sum(campaign.left_out.values())
    _saved(campaign, "campaign.launch", actor, at, "audience_size", recipients=message.recipients)


def check(campaign: Campaign) -> None:
    """Refuse what cannot be launched: HasProblems, NoRelay, NobodyToSendTo."""
    sendable(campaign)
    if not audience.recipients(campaign).exists():
        raise NobodyToSendTo


def sendable(campaign: Campaign) -> tuple[Composed, Relay]:
    """Return what is sent and by what: HasProblems, NoRelay."""
    made = composing.compose_campaign(campaign)
    if made.errors:
        raise HasProblems(made.errors)
    relay = relay_of(campaign)
    if relay is None:
        raise NoRelay
    return made, relay


def relay_of(campaign: Campaign) -> Relay | None:
    """Return the relay chosen for the campaign, else the tenant's default one."""
    relays = Relay.objects.filter(tenant_id=campaign.tenant_id)
    if campaign.relay_id:
        return relays.filter(pk=campaign.relay_id).first()
    return relays.filter(is_default=True).first()


def pause(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> Campaign:
    """Stop sending for now; what is already on its way arrives."""
    with transaction.atomic():
        campaign = locked(tenant, pk)
        _check_status(campaign, Status.SENDING)
        queue.hold(message_of(campaign), at=at)
        campaign.status = Status.PAUSED
        _saved(campaign, "campaign.pause", actor, at)
    return campaign


def resume(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> Campaign:
    """Go on sending."""
    with transaction.atomic():
        campaign = locked(tenant, pk)
        _check_status(campaign, Status.PAUSED)
        queue.release(message_of(campaign))
        campaign.status = Status.SENDING
        _saved(campaign, "campaign.resume", actor, at)
    return campaign


@retried
def cancel(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> Campaign:
    """End sending for good: nobody who has not got it yet gets it."""
    with transaction.atomic():
        campaign = locked(tenant, pk)
        _check_status(campaign, Status.STARTING, Status.SENDING, Status.PAUSED)
        message = message_of(campaign)
        cancelled = queue.withdraw(message, at=at)
        if campaign.status == Status.STARTING:
            campaign.audience_size = message.recipients + sum(campaign.left_out.values())
            campaign.save(update_fields=["audience_size"])
        campaign.status = Status.CANCELLED
        campaign.finished_at = at
        _saved(campaign, "campaign.cancel", actor, at, "finished_at", cancelled=cancelled)
    return campaign


def due(at: datetime) -> list[tuple[int, int]]:
    """Return tenant and campaign of all that are scheduled for now or before, of every tenant."""
    rows = Campaign.objects.filter(status=Status.SCHEDULED, scheduled_at__lte=at)
    return list(rows.order_by("scheduled_at", "pk").values_list("tenant_id", "pk"))


def launch_due(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> Campaign:
    """Begin a scheduled campaign whose time has come. One that cannot be sent, or is far too late, becomes a
    draft again and the audit log says why; one that was launched meanwhile stays as it is."""
    campaign = Campaign.objects.get(tenant=tenant, pk=pk)
    if campaign.status != Status.SCHEDULED or campaign.scheduled_at is None:
        return campaign
    if at - campaign.scheduled_at > TOO_LATE:
        return _back_to_draft(tenant, pk, TOO_LATE_REASON, actor, at)
    try:
        return begin(tenant, pk, actor=actor, at=at)
    except (HasProblems, NoRelay, NobodyToSendTo) as fact:
        return _back_to_draft(tenant, pk, type(fact).__name__, actor, at)
    except AlreadyLaunched:
        return Campaign.objects.get(tenant=tenant, pk=pk)


def under_way() -> list[tuple[int, int]]:
    """Return tenant and campaign of all that are being sent, of every tenant."""
    rows = Campaign.objects.filter(status=Status.SENDING)
    return list(rows.order_by("pk").values_list("tenant_id", "pk"))


def finish(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> bool:
    """Mark a campaign sent when the engine has finished its message; returns whether it is sent now."""
    with transaction.atomic():
        campaign = locked(tenant, pk)
        if campaign.status != Status.SENDING:
            return campaign.status == Status.SENT
        finished_at = message_of(campaign).finished_at
        if finished_at is None:
            return False
        campaign.status = Status.SENT
        campaign.finished_at = finished_at
        _saved(campaign, "campaign.finish", actor, at, "finished_at")
    return True


def locked(tenant: Tenant, pk: int) -> Campaign:
    """Return the campaign with its row locked until the transaction ends."""
    campaign: Campaign = Campaign.objects.of(tenant).select_for_update().get(pk=pk)
    return campaign


def message_of(campaign: Campaign) -> Message:
    """Return the message of a launched campaign."""
    if campaign.message_id is None:
        raise NotSending
    message: Message = Message.objects.get(tenant_id=campaign.tenant_id, pk=campaign.message_id)
    return message


def _instant(local: datetime, time_zone: str) -> datetime:
    """Return the instant of a wall-clock time; of two in autumn, the first."""
    zone = ZoneInfo(time_zone)
    when = local.replace(tzinfo=zone)
    if when.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise NoSuchTime
    return when


def _message(
    campaign: Campaign, brand: Brand, made: Composed, relay: Relay, at: datetime
) -> Message:
    """Store the compiled message and its links."""
    message = Message.objects.create(
        tenant_id=campaign.tenant_id,
        brand=brand,
        relay=relay,
        return_path=domains.return_path(brand),
        compiled=b"",
        policy=campaign.policy,
        measurement=brand.measurement,
        is_routed=campaign.relay_id is None,
        lists=audience.lists_of(campaign),
        created_at=at,
    )
    measured = composing.is_measured(brand)
    link_ids = _store_links(message, made) if measured else {}
    compiled = composing.compiled(made, name=f"m{message.pk}", link_ids=link_ids, pixel=measured)
    message.compiled = compiled.dump()
    message.save(update_fields=["compiled"])
    return message


def _store_links(message: Message, made: Composed) -> dict[int, int]:
    """Write a row for each link; returns the ids by position."""
    rows = Link.objects.bulk_create(
        Link(
            tenant_id=message.tenant_id,
            message=message,
            position=link.position,
            url=link.url,
            text=link.text[:200],
        )
        for link in made.prepared.links
    )
    return {row.position: row.pk for row in rows}


def _back_to_draft(tenant: Tenant, pk: int, reason: str, actor: str, at: datetime) -> Campaign:
    with transaction.atomic():
        campaign = locked(tenant, pk)
        if campaign.status == Status.SCHEDULED:
            _to_draft(campaign, reason, actor, at)
    return campaign


def _to_draft(campaign: Campaign, reason: str, actor: str, at: datetime) -> None:
    campaign.status = Status.DRAFT
    campaign.scheduled_at = campaign.launched_at = campaign.message = campaign.audience_size = None
    fields = ("scheduled_at", "launched_at", "message", "audience_size")
    _saved(campaign, "campaign.not_launched", actor, at, *fields, reason=reason)


def _check_unlaunched(campaign: Campaign) -> None:
    if campaign.status not in {Status.DRAFT, Status.SCHEDULED}:
        raise AlreadyLaunched


def _check_status(campaign: Campaign, *wanted: str) -> None:
    if campaign.status not in wanted:
        raise NotSending


def _saved(
    campaign: Campaign, action: str, actor: str, at: datetime, *fields: str, **details: int | str
) -> None:
    campaign.updated_at = at
    campaign.save(update_fields=["status", "updated_at", *fields])
    audit.record(campaign.tenant_id, action, actor=actor, at=at, about=campaign, **details)
