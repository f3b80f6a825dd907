"""`hirnok send CAMPAIGN --tenant T`: launch or schedule a draft without a browser."""

import json
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.core.management.base import BaseCommand, CommandError

from hirnok.campaigns import audience, checking, finding, launch
from hirnok.campaigns.models import Campaign
from hirnok.lib import clock
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

ACTOR = "command:send"
PAUSE = 1.0  # seconds between two looks at the progress


class Command(BaseCommand):
    """Run `campaigns.launch`."""

    help = "Send a campaign, now or at a time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="number or name of the campaign")
        parser.add_argument("--tenant", required=True, help="short name of the tenant")
        parser.add_argument("--at", help="date and time, such as 2026-11-21T09:00")
        parser.add_argument("--time-zone", help="of --at; the tenant's own if not given")
        parser.add_argument("--wait", action="store_true", help="until all has been sent")
        parser.add_argument("--dry-run", action="store_true", help="only check and count")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *arguments: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant called {options['tenant']}.")
        try:
            with acting_for(tenant):
                campaign = finding.campaign(tenant, options["campaign"])
                counted = audience.count(campaign)
                if not options["dry_run"]:
                    campaign = _acted(tenant, campaign, options)
                else:
                    launch.check(campaign)
        except finding.NotFound as fact:
            raise CommandError(str(fact)) from fact
        except launch.HasProblems as fact:
            raise CommandError(f"{checking.why(fact)} {fact}") from fact
        except checking.FACTS as fact:
            raise CommandError(checking.why(fact)) from fact
        if options["wait"] and campaign.status == Campaign.Status.SENDING:
            campaign = self._wait(tenant, campaign)
        result = {
            "campaign": campaign.pk,
            "status": campaign.status,
            "recipients": counted.recipients,
            "left_out": counted.left_out,
        }
        self.stdout.write(json.dumps(result) if options["json"] else _sentence(campaign, result))

    def _wait(self, tenant: Tenant, campaign: Campaign) -> Campaign:
        """Show how far it is until nothing waits any more; Ctrl-C ends only the watching."""
        shown = -1
        while campaign.status in {Campaign.Status.SENDING, Campaign.Status.PAUSED}:
            with acting_for(tenant):
                done, total = checking.sent_so_far(campaign)
                launch.finish(tenant, campaign.pk, actor=ACTOR, at=clock.now())
            if done != shown:
                self.stderr.write(f"{done} of {total}")
                shown = done
            campaign.refresh_from_db(fields=["status", "finished_at"])
            if campaign.status != Campaign.Status.SENT:
                time.sleep(PAUSE)
        return campaign


def _acted(tenant: Tenant, campaign: Campaign, options: dict[str, Any]) -> Campaign:
    if not options["at"]:
        return launch.launch(tenant, campaign.pk, actor=ACTOR, at=clock.now())
    try:
        local = datetime.fromisoformat(options["at"])
    except ValueError as error:
        raise CommandError("--at takes a date and a time, such as 2026-11-21T09:00.") from error
    zone = options["time_zone"] or tenant.time_zone
    if local.tzinfo is not None or zone not in available_timezones():
        raise CommandError("Give the zone by its name: --time-zone Europe/Budapest.")
    return launch.schedule(
        tenant,
        campaign.pk,
        local=local,
        time_zone=zone,
        actor=ACTOR,
        at=clock.now(),
    )


def _sentence(campaign: Campaign, result: dict[str, Any]) -> str:
    left_out = ", ".join(f"{code} {number}" for code, number in result["left_out"].items())
    rest = f" Left out: {left_out}." if left_out else ""
    return f"{campaign.name}: {campaign.status}, {result['recipients']} recipients.{rest}"
