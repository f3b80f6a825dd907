"""`hirnok sent`: how many mails each tenant has sent in a month."""

import json
import re
from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from hirnok.lib import clock
from hirnok.outbox import counting
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

_MONTH = re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2])\Z")


class Command(BaseCommand):
    """Show what a tenant, or each, has sent in a calendar month of its time zone."""

    help = "Say how many mails were sent in a month: newsletters, other mails, forwarded ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what the command takes."""
        parser.add_argument("--tenant", help="short name of one tenant; without it all")
        parser.add_argument("--month", help="such as 2026-11; without it this month")
        parser.add_argument("--json", action="store_true", help="tell it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count and tell."""
        month = _MONTH.match(options["month"] or "")
        if options["month"] and not month:
            raise CommandError("A month is written as 2026-11.")
        tenants = Tenant.objects.order_by("slug")
        if options["tenant"]:
            tenants = tenants.filter(slug=options["tenant"])
            if not tenants:
                raise CommandError(f"There is no tenant {options['tenant']!r}.")
        found: list[dict[str, Any]] = []
        for tenant in tenants:
            zone = ZoneInfo(tenant.time_zone)
            at = datetime(int(month[1]), int(month[2]), 15, tzinfo=zone) if month else clock.now()
            with acting_for(tenant):
                sent = counting.sent_in_month(tenant, at)
            found.append({"tenant": tenant.slug} | sent.as_dict())
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
            return
        for row in found:
            self.stdout.write(
                f"{row['tenant']}  {row['month']}: {row['total']} sent ({row['newsletters']} newsletters,"
                f" {row['letters']} other mails, {row['forwarded']} forwarded)"
            )
