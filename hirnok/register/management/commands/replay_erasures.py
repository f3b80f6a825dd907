"""`hirnok replay_erasures`: after a restore from a backup, before anything else runs."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.lib import clock
from hirnok.register import replaying


class Command(BaseCommand):
    """Run `register.replaying.replay`; ends with 1 when something has failed."""

    help = "Erase again what was erased since the backup was made."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=datetime.fromisoformat,
            help="when the backup was made: rows outside the register and suppressions since then as well",
        )

    def handle(self, *arguments: Any, **options: Any) -> None:
        done = replaying.replay(clock.now(), since=options["since"])
        self.stdout.write(
            f"{done.entries} entries in the ledger; {done.holdings} holdings had come back and are gone;"
            f" {done.suppressions} suppressions stand again."
        )
        if done.failures:
            raise CommandError("NOT ERASED AGAIN:\n" + "\n".join(done.failures))
