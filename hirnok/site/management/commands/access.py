"""`hirnok access ADDRESS`: helps somebody in whom no page can help, by whoever has the machine (ASVS 6.4.1, 6.4.4)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.accounts import helping
from hirnok.accounts.models import User
from hirnok.lib import clock
from hirnok.site import beginning


class Command(BaseCommand):
    """Make a first password, take away second factors, end sessions."""

    help = "Let an owner in again who lost the password or the second factor, or end sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="by which the user signs in")
        parser.add_argument("--password", action="store_true", help="make up a new first password")
        parser.add_argument("--factors", action="store_true", help="take away the second factors")
        parser.add_argument("--sessions", action="store_true", help="end all sessions")

    def handle(self, *arguments: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["address"].strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody signs in by {options['address']}.")
        if not options["password"] and not options["factors"] and not options["sessions"]:
            raise CommandError("Say what to do: --password, --factors or --sessions.")
        at, actor = clock.now(), beginning.ACTOR
        operator = beginning.operator_of()
        assert operator is not None  # there is a user
        if options["factors"]:
            helping.forget_factors(operator, user, how="console", actor=actor, at=at)
            self.stdout.write("The second factors are taken away.")
        if options["sessions"]:
            helping.end_sessions(operator, user, actor=actor, at=at)
            self.stdout.write("The sessions are over.")
        if options["password"]:
            password = beginning.first_password_again(user, at=at)
            self.stdout.write(f"Password, shown only now: {password}")
            self.stdout.write("It has to be replaced at the first sign-in, within three days.")
