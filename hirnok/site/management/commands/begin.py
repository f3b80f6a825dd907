"""The second half of `hirnok setup`: the operator and the first owner. Safe to repeat."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from hirnok.lib import clock, env
from hirnok.site import beginning
from hirnok.site.beginning import Owner

NAME = "Owner"


class Command(BaseCommand):
    """Run `beginning.begin`, asking for what was not given when somebody is there to answer."""

    help = "Make the operator and its first owner on an empty installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", default="", help="of the first owner")
        parser.add_argument("--name", default="", help="of the first owner")
        parser.add_argument("--operator", default="", help="name of the firm that runs this")
        parser.add_argument("--language", default="en", choices=[code for code, _ in _languages()])
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, *arguments: Any, **options: Any) -> None:
        if beginning.has_owner() and not options["email"]:
            return
        asks = sys.stdin.isatty() and not options["email"]
        owner = _asked(options) if asks else _given(options)
        operator = options["operator"] or "Operator"
        begun = beginning.begin(owner, operator_name=operator, at=clock.now())
        if begun is None:
            self.stdout.write(f"{owner.email} has an account already; it is left as it is.")
            return
        self.stdout.write(f"Sign in at {env.get('HIRNOK_PUBLIC_URL')} as {begun.owner.email}")
        if begun.password:
            self.stdout.write(f"Password, shown only now: {begun.password}")
            self.stdout.write("It has to be replaced at the first sign-in, within three days.")


def _given(options: dict[str, Any]) -> Owner:
    password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else ""
    owner = Owner(
        options["email"] or beginning.made_up_address(),
        options["name"] or NAME,
        password,
        options["language"],
    )
    try:
        validate_email(owner.email)
        if password:
            validate_password(password)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return owner


def _asked(options: dict[str, Any]) -> Owner:
    options["operator"] = options["operator"] or _ask("Name of the firm that runs this: ")
    email = _ask("E-mail address of the first owner: ", validate_email)
    name = options["name"] or _ask("Name of the first owner: ")
    password = getpass.getpass("Password (empty: one is made up): ")
    while password:
        try:
            validate_password(password)
            break
        except ValidationError as error:
            sys.stderr.write(" ".join(error.messages) + "\n")
            password = getpass.getpass("Password (empty: one is made up): ")
    return Owner(email, name, password, options["language"])


def _ask(question: str, validate: Any = None) -> str:
    while True:
        answer = input(question).strip()
        try:
            if answer and validate:
                validate(answer)
            if answer:
                return answer
        except ValidationError as error:
            sys.stderr.write(" ".join(error.messages) + "\n")


def _languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)
