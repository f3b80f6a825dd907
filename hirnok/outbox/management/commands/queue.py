"""`hirnok queue`: what each queue waits for and why."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.lib import clock
from hirnok.outbox import queues
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant


class Command(BaseCommand):
    """Show the queues of a tenant, or of all."""

    help = "Say what waits in each queue (relay and mail provider), and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what the command takes."""
        parser.add_argument("--tenant", help="short name of one tenant; without it all")
        parser.add_argument("--json", action="store_true", help="tell it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look and tell."""
        tenants = Tenant.objects.order_by("slug")
        if options["tenant"]:
            tenants = tenants.filter(slug=options["tenant"])
            if not tenants:
                raise CommandError(f"There is no tenant {options['tenant']!r}.")
        found: list[dict[str, Any]] = []
        for tenant in tenants:
            with acting_for(tenant):
                lines = queues.of_tenant(tenant, clock.now())
                found += [{"tenant": tenant.slug} | line.as_dict() for line in lines]
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
            return
        for row in found:
            why = ", ".join(f"{one['code']} {one['detail']}".strip() for one in row["reasons"])
            self.stdout.write(
                f"{row['tenant']}  {row['relay']}  {row['provider'] or '(new)'}:"
                f" {row['waiting']} waiting, {row['deferred']} refused for now; {why or 'nothing'}"
            )
        if not found:
            self.stdout.write("Nothing waits.")
