"""`python -m hirnok.tracker`: serve opens and clicks with granian."""

import logging

from granian import Granian
from granian.constants import Interfaces, Loops

from hirnok.lib import env
from hirnok.tracker.app import Tracker


def make() -> Tracker:
    """Return the application (called in the serving process)."""
    logging.basicConfig(
        level=env.get("HIRNOK_LOG_LEVEL"), format="%(asctime)s %(levelname)s %(message)s"
    )
    return Tracker()


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    Granian(
        "hirnok.tracker.__main__:make",
        address=env.get("HIRNOK_BIND"),
        port=env.number("HIRNOK_TRACKER_PORT"),
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        factory=True,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main()
