"""`hirnok doctor CAMPAIGN --tenant T`: what would hurt its delivery, before it leaves."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.campaigns import doctoring, finding
from hirnok.lib import clock
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

MARKS = {"passed": "ok", "warning": "look", "failed": "FAILED", "untested": "?"}


class Command(BaseCommand):
    """Print `campaigns.doctoring.examine_campaign`; ends with 1 when something failed."""

    help = "Say what would hurt the delivery of a campaign."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="number or name of the campaign")
        parser.add_argument("--tenant", required=True, help="short name of the tenant")
        parser.add_argument("--json", action="store_true", help="one object with all findings")

    def handle(self, *arguments: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant called {options['tenant']}.")
        with acting_for(tenant):
            try:
                campaign = finding.campaign(tenant, options["campaign"])
            except finding.NotFound as fact:
                raise CommandError(str(fact)) from fact
            found = doctoring.examine_campaign(campaign, at=clock.now())
        if options["json"]:
            shown = {"campaign": campaign.name, **found.as_json()}
            self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1))
        else:
            self._table(found)
        if found.failures:
            raise SystemExit(1)

    def _table(self, found: doctoring.Examination) -> None:
        for heading, lines in found.groups:
            self.stdout.write(f"\n{heading}")
            for line in lines:
                self.stdout.write(f"  {MARKS[line.state]:<7}{line.label}: {line.text}")
