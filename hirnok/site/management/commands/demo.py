"""`hirnok demo`: fill demo data and do the main job once; `hirnok up --demo` runs it beside all processes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.campaigns import reports
from hirnok.campaigns.models import Campaign
from hirnok.contacts.counting import Counts
from hirnok.contacts.models import Import
from hirnok.lib import env
from hirnok.lib.clock import now
from hirnok.process import ports
from hirnok.site.demo import cast, job, newsletter, readers, telling
from hirnok.tenants import audit
from hirnok.tenants.models import AuditEntry, Tenant

DONE = "demo.done"


class Command(BaseCommand):
    """Do what is not done yet, and say where everything is."""

    help = "Fill demo data and do the main job once; needs the running processes of `hirnok up --demo`."

    def handle(self, *arguments: Any, **options: Any) -> None:
        if not ports.answers(env.get("HIRNOK_BIND"), env.number("HIRNOK_SANDBOX_SMTP_PORT")):
            raise CommandError("The mail sandbox does not run. `hirnok up --demo` runs everything.")
        shop = cast.make(now())
        try:
            counts, campaign = self._job(shop)
        except job.Stuck as error:
            raise CommandError(f"{type(error).__doc__} {error}") from error
        for line in (
            *telling.imported(counts),
            *telling.reported(reports.summary(campaign)),
            "",
            *telling.ways(campaign),
        ):
            self._say(line)

    def _job(self, shop: cast.Shop) -> tuple[Counts, Campaign]:
        if _is_done(shop.tenant):
            run = Import.objects.of(shop.tenant).get(file_name=job.FILE_NAME)
            campaign = Campaign.objects.of(shop.tenant).get(name=newsletter.NAME)
            return Counts.from_json(run.counts), campaign
        counts = job.load(shop, clock=now, say=self._say)
        self._say("sending the newsletter over SMTP to the mail sandbox")
        campaign = job.send(shop, clock=now, say=self._say)
        self._say("readers open, click and leave")
        mails = list(readers.received(campaign))
        self._say(f"  {len(mails)} mails are there to be read")
        done = readers.behave(campaign, mails)
        self._say("  " + ", ".join(f"{count} × {what}" for what, count in done.most_common()))
        audit.record(shop.tenant, DONE, actor=cast.ACTOR, at=now())
        return counts, campaign

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _is_done(tenant: Tenant) -> bool:
    return bool(AuditEntry.objects.of(tenant).filter(action=DONE).exists())
