"""`hirnok report CAMPAIGN --tenant T`: what became of a campaign, as a table, as JSON or as CSV."""

import csv
import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.campaigns import figures, finding, recipients, reports
from hirnok.campaigns.reports import Report
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant


class Command(BaseCommand):
    """Print `campaigns.reports.summary`."""

    help = "Print the report of a campaign."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="number or name of the campaign")
        parser.add_argument("--tenant", required=True, help="short name of the tenant")
        form = parser.add_mutually_exclusive_group()
        form.add_argument(
            "--json", action="store_true", help="one key for each state, and who is in doubt"
        )
        form.add_argument("--csv", action="store_true", help="lines of kind, what, count")

    def handle(self, *arguments: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant called {options['tenant']}.")
        try:
            with acting_for(tenant):
                campaign = finding.campaign(tenant, options["campaign"])
                report, doubts = reports.summary(campaign), recipients.in_doubt(campaign)
        except finding.NotFound as fact:
            raise CommandError(str(fact)) from fact
        except reports.NotLaunched as fact:
            raise CommandError(str(type(fact).__doc__)) from fact
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json() | doubts, ensure_ascii=False, indent=1))
        elif options["csv"]:
            csv.writer(sys.stdout).writerows(figures.csv_rows(report))
        else:
            self.stdout.write("\n".join(_table(report)))


def _table(report: Report) -> Iterator[str]:
    yield f"{report.campaign.name} ({report.campaign.status})"
    yield ""
    for key, count in {
        "audience": report.audience,
        **{f"left out: {reason}": count for reason, count in report.left_out.items()},
        "recipients": report.recipients,
        **{f"  {key}": count for key, count in report.states.items() if count},
        "perhaps received twice": report.repeated,
        "unsubscribed": report.unsubscribed,
    }.items():
        yield _line(key, count)
    for name, reaction in (("opens", report.opens), ("clicks", report.clicks)):
        yield ""
        yield _line(name, reaction.total)
        yield _line("  by people", reaction.people)
        yield _line("  by machines", reaction.machines)
        if reaction.people_unique is not None:
            yield _line("  different people", reaction.people_unique)
    if report.links:
        yield ""
        yield "clicks by link (people)"
        yield from (_line(f"  {link.text or link.url}"[:58], link.people) for link in report.links)


def _line(what: str, count: int) -> str:
    return f"{what:<60}{count:>12}"
