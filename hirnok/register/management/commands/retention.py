"""`hirnok retention`: end what has passed its period, now. The worker does the same every ten minutes."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.lib import clock
from hirnok.register import expiring


class Command(BaseCommand):
    """Run `register.expiring.expire`."""

    help = "End what has passed its period in the register."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *arguments: Any, **options: Any) -> None:
        def say(tenant: str, holdings: int) -> None:
            self.stderr.write(f"{tenant}: {holdings}")

        done = expiring.expire(clock.now(), say=say, now=clock.now)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(done)))
        else:
            self.stdout.write(
                f"Ended {done.holdings} holdings and {done.persons} persons;"
                f" {done.rows} rows with an end of their own are gone;"
                f" {done.waiting} holdings wait for somebody's approval."
            )
        if done.failures:
            raise CommandError(
                "NOT DONE, tried again at the next run:\n" + "\n".join(done.failures)
            )
