"""The command `hirnok`: runs the platform, and hands every other word to Django's commands.

A command finds the database running, embedded or not, and the database role it needs; an embedded server
that only this command uses is stopped at its end. Django's commands live in the packages that own the work.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from hirnok import __version__
from hirnok.lib import clock, env, keys, maintenance
from hirnok.mail import sort
from hirnok.process import backing, database, postgres, programs, restoring, supervisor

# Django's commands that change tables need the owner; the rest works for all tenants, as the worker does.
OWNERS = {
    "migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations", "optimizemigration",
    "flush", "sqlflush", "dbshell", "inspectdb", "dumpdata", "loaddata", "test", "check",
}  # fmt: skip
WITHOUT_DATABASE = {
    "check", "makemigrations", "makemessages", "compilemessages", "help", "diffsettings", "findstatic", "collectstatic",
}  # fmt: skip
FACTS = (
    supervisor.AlreadyUp,
    postgres.DidNotStart,
    postgres.BelongsToSomebodyElse,
    database.CannotMakeRole,
    database.TooOld,
    backing.Altered,
    backing.BackupFailed,
    backing.WrongKey,
    keys.CannotRotate,
    maintenance.UnderMaintenance,
    restoring.NoBackup,
    restoring.NothingToFinish,
    restoring.NotOver,
    restoring.OtherDatabase,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given[0] if given else "--help"
    try:
        if name in {"-h", "--help", "help"} and len(given) < 2:
            return _help()
        if name in OWN:
            return OWN[name][0](given[1:])
        return _django(given)
    except FACTS as fact:
        sys.stderr.write(f"{' '.join((type(fact).__doc__ or '').split())}\n{fact}\n")
        return 1


def _up(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("hirnok up", description=OWN["up"][1])
    parser.add_argument(
        "--demo", action="store_true", help="also the mail sandbox and the demo job"
    )
    parser.add_argument("--sandbox", action="store_true", help="also the mail sandbox")
    given = parser.parse_args(arguments)
    return supervisor.up(demo=given.demo, sandbox=given.sandbox)


def _serve(name: str) -> Callable[[list[str]], int]:
    def serve(arguments: list[str]) -> int:
        argparse.ArgumentParser(f"hirnok {name}", description=OWN[name][1]).parse_args(arguments)
        going_on = maintenance.current()
        if going_on and name not in supervisor.DURING_MAINTENANCE:
            raise maintenance.UnderMaintenance(going_on.why)
        return supervisor.single(programs.SERVING[name]())

    return serve


def _setup(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        return _django(["begin", *arguments])
    with database.running():
        migrate = programs.migrate()
        done = subprocess.run(migrate.command, env=os.environ | migrate.environment, check=False)  # noqa: S603
        return done.returncode or _django(["begin", *arguments])


def _backup(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("hirnok backup", description=OWN["backup"][1])
    parser.add_argument(
        "--to",
        type=Path,
        default=env.get("HIRNOK_BACKUP_DIR") or None,
        help="the folder in which the backup gets a folder of its own",
    )
    parser.add_argument(
        "--verify", type=Path, metavar="BACKUP", help="only read one and say if it is whole"
    )
    given = parser.parse_args(arguments)
    if given.verify:
        manifest = backing.verify(restoring.newest(given.verify))
        sys.stdout.write(f"whole: {manifest.database}, {manifest.at}\n")
        return 0
    if given.to is None:
        parser.error("--to DIR is needed, or HIRNOK_BACKUP_DIR")
    with database.running():
        made = backing.back_up(given.to, database.url(), clock.now())
    sys.stdout.write(f"{made}\n")
    return 0


def _restore(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("hirnok restore", description=OWN["restore"][1])
    parser.add_argument(
        "backup", type=Path, nargs="?", help="a backup, or a folder of them: its newest"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--ledger",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a folder with a newer copy of erasures/ and checkpoints/",
    )
    parser.add_argument(
        "--finish",
        action="store_true",
        help="after a failure: only replay, verify and end maintenance",
    )
    given = parser.parse_args(arguments)
    if given.backup is None and not given.finish:
        parser.error("a backup is needed")
    what = (
        "Replay the erasures"
        if given.finish
        else f"Replace the database by {restoring.newest(given.backup)}"
    )
    if not given.yes and input(f"{what}? [yes/no] ").strip().lower() != "yes":
        return 1

    def say(words: str) -> None:
        sys.stdout.write(f"{words}\n")
        sys.stdout.flush()

    with database.running():
        if given.finish:
            restoring.finish(clock.now(), say=say)
        else:
            restoring.restore(
                restoring.newest(given.backup), clock.now(), say=say, ledgers=tuple(given.ledger)
            )
    return 0


def _rotate_secret(arguments: list[str]) -> int:
    argparse.ArgumentParser("hirnok rotate-secret", description=OWN["rotate-secret"][1]).parse_args(
        arguments
    )
    keys.rotate()
    sys.stdout.write(
        "A fresh installation secret stands before the earlier ones. Restart every process.\n"
    )
    return 0


def _settings(arguments: list[str]) -> int:
    argparse.ArgumentParser("hirnok settings", description=OWN["settings"][1]).parse_args(arguments)
    for setting in env.SETTINGS:
        secret = setting.name in {
            "DATABASE_URL",
            "HIRNOK_SECRET_KEY",
            "HIRNOK_OLD_SECRET_KEYS",
        } and env.get(setting.name)
        sys.stdout.write(
            f"{setting.name} = {'(set)' if secret else env.get(setting.name)!r}\n    {setting.meaning}\n"
        )
    return 0


def _bench(arguments: list[str]) -> int:
    from hirnok.bench import run

    return run.main(arguments)


def _sort_mail(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("hirnok sort-mail", description=OWN["sort-mail"][1])
    parser.add_argument(
        "file", nargs="+", type=Path, help="a mail as it came in; `-` reads the standard input"
    )
    missing = False
    for path in parser.parse_args(arguments).file:
        try:
            raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        except OSError as fact:
            sys.stderr.write(f"{path}: {fact.strerror}\n")
            missing = True
            continue
        sys.stdout.write(
            json.dumps({"file": str(path), **sort.summary(sort.sort(raw))}, ensure_ascii=False)
            + "\n"
        )
    return 1 if missing else 0


def _version(arguments: list[str]) -> int:
    sys.stdout.write(f"hirnok {__version__}\n")
    return 0


OWN: dict[str, tuple[Callable[[list[str]], int], str]] = {
    "up": (_up, "Everything in one place: database, web, worker, engine, tracker."),
    "web": (_serve("web"), "The web process alone."),
    "worker": (_serve("worker"), "The worker alone: jobs."),
    "engine": (_serve("engine"), "The sending engine alone."),
    "tracker": (_serve("tracker"), "The tracker alone: opens and clicks."),
    "receiver": (_serve("receiver"), "The receiver alone: mail that comes back."),
    "sandbox": (_serve("sandbox"), "The mail sandbox alone."),
    "setup": (_setup, "Make keys, database, roles, tables, the operator and its first owner."),
    "backup": (
        _backup,
        "Make an encrypted backup of everything, read again before it has its name.",
    ),
    "restore": (
        _restore,
        "Bring a backup back, erase again what was erased since, then end maintenance.",
    ),
    "rotate-secret": (_rotate_secret, "Put a fresh installation secret before the earlier ones."),
    "bench": (_bench, "Measure how fast it is here, in a database of its own."),
    "settings": (_settings, "Print every setting, its value and its meaning."),
    "sort-mail": (_sort_mail, "Say what mails that came back mean, one JSON line a file."),
    "version": (_version, "Print the version."),
}


def _django(arguments: list[str]) -> int:
    """Run a command of Django or of one of our packages."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("HIRNOK_ROLE", "owner" if arguments[0] in OWNERS else "edge")
    if arguments[0] not in {*_commands(), "help"}:
        sys.stderr.write(f"hirnok: there is no command {arguments[0]!r}; see hirnok --help\n")
        return 2
    if arguments[0] in WITHOUT_DATABASE or {"-h", "--help"} & set(arguments):
        execute_from_command_line(["hirnok", *arguments])
        return 0
    with database.running():
        execute_from_command_line(["hirnok", *arguments])
    return 0


def _commands() -> dict[str, str]:
    """Return the commands of Django and of our packages, each with its package."""
    import django
    from django.core.management import get_commands

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hirnok.settings")
    os.environ.setdefault("DATABASE_URL", database.url())
    django.setup()
    return {name: str(package) for name, package in get_commands().items()}


def _help() -> int:
    ours = sorted(
        name
        for name, package in _commands().items()
        if package.startswith("hirnok.") and name not in OWN
    )
    lines = [f"  hirnok {name:<13} {about}" for name, (_, about) in OWN.items()]
    sys.stdout.write("\n".join(["Hirnok, self-hosted newsletters.", "", *lines, ""]))
    sys.stdout.write(f"\nAlso (each has --help): {', '.join(ours)}, and the commands of Django.\n")
    return 0
