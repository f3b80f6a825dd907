"""The processes of Hirnok: how each is started and as which database role."""

import sys
from dataclasses import dataclass

from hirnok.lib import env


@dataclass(frozen=True)
class Program:
    """One process. `port` names the setting of a port it listens on; `environment` is added to ours."""

    name: str
    command: tuple[str, ...]
    role: str
    port: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What the process finds in its environment beside everything we have."""
        return {"HIRNOK_ROLE": self.role, "PYTHONUNBUFFERED": "1"}


PORTS = ("HIRNOK_WEB_PORT", "HIRNOK_TRACKER_PORT")
SANDBOX_PORTS = ("HIRNOK_SANDBOX_SMTP_PORT", "HIRNOK_SANDBOX_WEB_PORT")


def web() -> Program:
    """Pages and API: granian, whose own variables (GRANIAN_WORKERS and so on) hold too."""
    listen = ("--host", env.get("HIRNOK_BIND"), "--port", env.get("HIRNOK_WEB_PORT"))
    shape = ("--interface", "wsgi", "--http", "1", "--no-ws", "--blocking-threads", "4")
    keeping = ("--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "error")
    command = _python("granian", *listen, *shape, *keeping, "hirnok.wsgi:application")
    return Program("web", command, "web", "HIRNOK_WEB_PORT")


def worker() -> Program:
    """Jobs of the database's queue."""
    return Program("worker", _python("hirnok", "procrastinate", "worker"), "edge")


def engine() -> Program:
    """The engine, which drains the outbox over SMTP."""
    return Program("engine", _python("hirnok.engine"), "edge")


def tracker() -> Program:
    """Opens and clicks."""
    return Program("tracker", _python("hirnok.tracker"), "edge", "HIRNOK_TRACKER_PORT")


def receiver() -> Program:
    """What takes mail that comes back."""
    return Program("receiver", _python("hirnok.receiver"), "edge")


def is_configured(name: str) -> bool:
    """Whether `hirnok up` runs this one beside the rest: the receiver only where it is told a port."""
    return name != "receiver" or bool(
        env.get("HIRNOK_RECEIVER_SMTP_PORT") or env.get("HIRNOK_RECEIVER_LMTP_PORT")
    )


def sandbox() -> Program:
    """The mail server that keeps what it receives and shows it."""
    return Program("sandbox", _python("hirnok.sandbox"), "edge", "HIRNOK_SANDBOX_SMTP_PORT")


def migrate() -> Program:
    """Bring the database up to date, then end."""
    return Program("migrate", _python("hirnok", "migrate", "--verbosity", "0"), "owner")


def begin() -> Program:
    """Make the operator and its first owner where there is none, then end."""
    return Program("setup", _python("hirnok", "begin"), "edge")


def demo() -> Program:
    """Fill demo data and run the main job once, then end."""
    return Program("demo", _python("hirnok", "demo"), "edge")


SERVING = {
    "web": web,
    "worker": worker,
    "engine": engine,
    "tracker": tracker,
    "receiver": receiver,
    "sandbox": sandbox,
}


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
