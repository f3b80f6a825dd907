"""`hirnok audit verify|checkpoint|key`: whether the audit log is what was written, and its signed checkpoints."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.lib import clock
from hirnok.tenants import sealing
from hirnok.tenants.models import Tenant


class Command(BaseCommand):
    """Run `tenants.sealing`; `verify` ends with 1 when something does not fit."""

    help = "Verify the audit log, or write signed checkpoints of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        verify = what.add_parser("verify", help="hold the log against its chain and checkpoints")
        verify.add_argument("--tenant", help="short name of a tenant; all if not given")
        verify.add_argument("--json", action="store_true", help="one object with all problems")
        verify.add_argument(
            "--restored",
            action="store_true",
            help="after a restore: sign that the log ends earlier than the checkpoints know, then verify",
        )
        what.add_parser("checkpoint", help="sign the heads of the chains now")
        what.add_parser("key", help="print the public key that verifies checkpoints")

    def handle(self, *arguments: Any, **options: Any) -> None:
        if options["what"] == "key":
            self.stdout.write(sealing.public_key())
        elif options["what"] == "checkpoint":
            sealing.seal_all()
            self.stdout.write(f"{sealing.checkpoint(clock.now())} heads signed")
        else:
            self._verify(options)

    def _verify(self, options: dict[str, Any]) -> None:
        tenants = Tenant.objects.order_by("pk")
        if options["tenant"]:
            tenants = tenants.filter(slug=options["tenant"])
            if not tenants:
                raise CommandError(f"There is no tenant called {options['tenant']}.")
        if options["restored"]:
            sealing.mark_restored(clock.now())
        sealing.seal_all()
        slugs = {tenant.pk: tenant.slug for tenant in tenants}
        problems = [one for tenant in tenants for one in sealing.verify(tenant, clock.now())]
        if options["json"]:
            found = [{**asdict(one), "tenant": slugs[one.tenant]} for one in problems]
            self.stdout.write(json.dumps({"tenants": list(slugs.values()), "problems": found}))
        else:
            for one in problems:
                self.stdout.write(f"{slugs[one.tenant]} {one.number}: {one.kind}: {one.words}")
            self.stdout.write(f"{len(slugs)} logs verified, {len(problems)} problems")
        if problems:
            raise SystemExit(1)
