"""The main job, as a user would do it on the pages: import a list, write a newsletter, send it.

Each step first looks whether it was done before, and is one transaction, so that a demo stopped anywhere goes
on from there. The worker loads the list and the engine sends; here we only ask and wait.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count

from django.db import transaction

from hirnok.campaigns import drafting, launch, reports
from hirnok.campaigns.composing import public_base
from hirnok.campaigns.models import Campaign
from hirnok.contacts import imports
from hirnok.contacts.counting import Counts
from hirnok.contacts.imports import Origin, Place
from hirnok.contacts.models import Import
from hirnok.outbox import queue
from hirnok.register.models import LegalBasis, Source
from hirnok.site.demo import newsletter, people, picture
from hirnok.site.demo.cast import ACTOR, Shop
from hirnok.tenants import pictures
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Image

FILE_NAME = "vasarlok.csv"
LOOK = 0.3  # seconds between two looks at what the others do
STUCK = 180.0  # seconds without any progress

Clock = Callable[[], datetime]
Say = Callable[[str], None]


class Stuck(Exception):
    """The process that has to do it makes no progress; its own lines may say why."""


def load(shop: Shop, *, clock: Clock, say: Say) -> Counts:
    """Import the list of customers; return what became of its rows."""
    run = _started(shop, clock())
    say(f"importing {FILE_NAME}: windows-1250, semicolons, {people.ROWS} rows")
    for _ in _patiently(lambda: (run.status, run.rows_done)):
        run.refresh_from_db()
        if run.status not in {Import.Status.WAITING, Import.Status.RUNNING}:
            break
        if run.rows_done:
            say(f"  {run.rows_done} of {run.rows_total or '?'} rows")
    if run.status != Import.Status.DONE:
        raise Stuck(f"import {run.status}: {run.problem}")
    return Counts.from_json(run.counts)


def send(shop: Shop, *, clock: Clock, say: Say) -> Campaign:
    """Write the newsletter, launch it and wait for the last outcome."""
    campaign = _launched(shop, clock())
    message = launch.message_of(campaign)
    told = 0
    for _ in _patiently(lambda: reports.states_of(message)):
        if campaign.status in {Campaign.Status.SENT, Campaign.Status.CANCELLED}:
            break
        states = reports.states_of(message)
        done = message.recipients - states["queued"] - states["deferred"]
        if done != told:
            say(f"  {done} of {message.recipients} have their outcome")
        told = done
        with acting_for(shop.tenant):
            if not states["queued"] and queue.retry_now(message, at=clock()):
                say(f"  {states['deferred']} were put off by greylisting; trying again at once")
            launch.finish(shop.tenant, campaign.pk, actor=ACTOR, at=clock())
        campaign.refresh_from_db()
    return campaign


def _started(shop: Shop, at: datetime) -> Import:
    """Upload, map, declare, start, unless it was done."""
    with transaction.atomic(), acting_for(shop.tenant):
        found: Import | None = Import.objects.of(shop.tenant).filter(file_name=FILE_NAME).first()
        if found is not None:
            return found
        run = imports.upload(
            shop.tenant,
            Place(shop.brand, shop.list, tags=("webshop",)),
            [people.file()],
            file_name=FILE_NAME,
            actor=ACTOR,
            at=at,
        )
        imports.map_columns(run, run.mapping)
        origin = Origin(
            Source.Kind.PERSON, LegalBasis.CONSENT, "Feliratkozók a webáruház pénztáránál"
        )
        imports.declare(run, origin, actor=ACTOR, at=at)
        imports.start(run, actor=ACTOR, at=at)
    return run


def _launched(shop: Shop, at: datetime) -> Campaign:
    with transaction.atomic(), acting_for(shop.tenant):
        campaigns = Campaign.objects.of(shop.tenant)
        found: Campaign | None = campaigns.filter(name=newsletter.NAME).first()
        if found is not None and found.status != Campaign.Status.DRAFT:
            return found
        _write_draft(shop, at)
        written = found or _written(shop, at)
        return launch.launch(shop.tenant, written.pk, actor=ACTOR, at=at)


def _written(shop: Shop, at: datetime) -> Campaign:
    image = pictures.upload(
        shop.tenant,
        name="kert.png",
        data=picture.garden(),
        alternative_text=newsletter.ALTERNATIVE,
        actor=ACTOR,
        at=at,
    )
    campaign = drafting.create(shop.tenant, shop.brand, name=newsletter.NAME, actor=ACTOR, at=at)
    values = {
        "subject": newsletter.SUBJECT,
        "preheader": newsletter.PREHEADER,
        "format": Campaign.Format.MJML,
        "body": newsletter.body(_url(shop, image)),
        "lists": [shop.list],
    }
    return drafting.save(shop.tenant, campaign.pk, values, actor=ACTOR, at=at)


def _write_draft(shop: Shop, at: datetime) -> None:
    """Something that is still being written, too."""
    draft = drafting.create(shop.tenant, shop.brand, name=newsletter.DRAFT_NAME, actor=ACTOR, at=at)
    values = {
        "subject": newsletter.DRAFT_SUBJECT,
        "body": newsletter.draft_body(),
        "lists": [shop.list],
    }
    drafting.save(shop.tenant, draft.pk, values, actor=ACTOR, at=at)


def _url(shop: Shop, image: Image) -> str:
    return f"{public_base(shop.brand)}/m/{image.token}"


def _patiently(progress: Callable[[], object]) -> Iterator[int]:
    """Yield again and again with a pause between; Stuck when nothing changes for long."""
    last, since = progress(), time.monotonic()
    for number in count():
        if (now := progress()) != last:
            last, since = now, time.monotonic()
        if time.monotonic() - since > STUCK:
            raise Stuck
        if number:
            time.sleep(LOOK)
        yield number
