"""`hirnok replay_erasures`: after a restore from a backup, before anything else runs."""

from typing import Any

from django.core.management.base import BaseCommand

from hirnok.lib import clock
from hirnok.register import replaying


class Command(BaseCommand):
    """Run `register.replaying.replay`."""

    help = "Erase again what was erased since the backup was made."

    def handle(self, *arguments: Any, **options: Any) -> None:
        done = replaying.replay(clock.now())
        self.stdout.write(
            f"{done.entries} entries in the ledger; {done.holdings} holdings had come back and are gone."
        )
