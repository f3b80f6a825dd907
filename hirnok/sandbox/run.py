"""The sandbox as a process: `python -m hirnok.sandbox`.

Prints one line of JSON when it listens (`{"smtp": port, "web": port, "folder": …}`), ends on SIGTERM and
SIGINT. The demo's rules apply unless `--rules` names a file of others.
"""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from hirnok.lib import env
from hirnok.sandbox import rules, server, store


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to end; returns the exit status."""
    given = _parser().parse_args(arguments)
    try:
        chosen = rules.load(given.rules) if given.rules else rules.DEMO
        address = server.Address(given.host, given.smtp_port, given.web_port)
        sandbox = server.start(given.folder, rules=chosen, address=address, limit=given.limit)
    except (OSError, rules.BadRule, store.FolderInUse) as error:
        sys.stderr.write(f"The sandbox cannot start: {type(error).__name__}: {error}\n")
        return 1
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ready = {"smtp": sandbox.port, "web": sandbox.web_port, "folder": str(given.folder)}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    ended.wait()
    sandbox.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hirnok.sandbox", description="A mail server that only keeps and shows."
    )
    parser.add_argument("--host", default=env.get("HIRNOK_BIND"))
    parser.add_argument("--smtp-port", type=int, default=env.number("HIRNOK_SANDBOX_SMTP_PORT"))
    parser.add_argument("--web-port", type=int, default=env.number("HIRNOK_SANDBOX_WEB_PORT"))
    parser.add_argument("--folder", type=Path, default=env.var() / "sandbox")
    parser.add_argument(
        "--rules", type=Path, help="JSON file: a list of rules instead of the demo's"
    )
    parser.add_argument(
        "--limit", type=int, default=server.DEFAULT_LIMIT, help="bytes kept before the oldest go"
    )
    return parser
