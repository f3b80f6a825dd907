"""`hirnok register TENANT`: print the tenant's register of processing activities."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.register import reports
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant


class Command(BaseCommand):
    """Show `register.reports.register_of`."""

    help = "Print the register of processing activities of a tenant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant", help="short name of the tenant")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *arguments: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']}.")
        with acting_for(tenant):
            register = reports.register_of(tenant)
        if options["json"]:
            self.stdout.write(json.dumps(register, ensure_ascii=False, indent=2))
            return
        for activity in register["activities"]:
            period = activity["retention"]["period"] or "until ended"
            self.stdout.write(
                f"{activity['code']:<14} {activity['name']}: {activity['holdings']} held, {period},"
                f" {', '.join(activity['legal_bases'])}"
            )
        for code, category in register["not_covered"]:
            self.stdout.write(f"NOT COVERED: {code}: {category}")
