"""Hosts of a network, as namespaces of this machine: each has a cable to us and reaches everything of ours by one address.

Needs root and `ip` (iproute2); a test that asks for it is skipped, with the reason, where that is missing.
"""

import os
import select
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

OUR_NET = f"10.{100 + os.getpid() % 100}"
US = f"{OUR_NET}.1.1"  # our address, from every host


@dataclass(frozen=True)
class Host:
    """A namespace with one cable."""

    name: str
    cable: str

    def inside(self, *command: str) -> list[str]:
        """Return a command so that it runs on this host."""
        return ["ip", "netns", "exec", self.name, *command]

    def link(self, state: str) -> None:
        """Pull the cable ("down") or plug it in ("up"): what was connected hears nothing of it."""
        _ip("-n", self.name, "link", "set", "eth0", state)
        if state == "up":
            _ip("-n", self.name, "route", "replace", "default", "via", _ours(self.cable))


@contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """Make so many hosts; they vanish at the end."""
    if os.geteuid() != 0 or shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin") is None:
        pytest.skip("not run: namespaces of the network need root and iproute2")
    with ExitStack() as stack:
        made = []
        for number in range(1, count + 1):
            host = Host(f"hirnok-{os.getpid()}-{number}", f"hk{os.getpid()}-{number}"[:15])
            try:
                _ip("netns", "add", host.name)
            except subprocess.CalledProcessError as error:
                pytest.skip(f"not run: no namespace of the network can be made: {error.stderr}")
            stack.callback(_ip, "netns", "del", host.name)
            _lay(host, number)
            made.append(host)
        yield made


@contextmanager
def forwarded(path: Path) -> Iterator[int]:
    """Take TCP connections on all our addresses and hand them to a unix socket; gives the port.

    So the embedded PostgreSQL, which listens on no network, is reached over one.
    """
    with socket.create_server(("0.0.0.0", 0), backlog=64) as server:
        open_now: set[socket.socket] = set()
        threading.Thread(target=_accept, args=(server, path, open_now), daemon=True).start()
        try:
            yield int(server.getsockname()[1])
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            for one in list(open_now):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


def _lay(host: Host, number: int) -> None:
    ours, theirs = f"{OUR_NET}.{number}.1", f"{OUR_NET}.{number}.2"
    _ip("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.name)
    _ip("addr", "add", f"{ours}/24", "dev", host.cable)
    _ip("link", "set", host.cable, "up")
    _ip("-n", host.name, "addr", "add", f"{theirs}/24", "dev", "eth0")
    _ip("-n", host.name, "link", "set", "lo", "up")
    host.link("up")


def _ours(cable: str) -> str:
    return f"{OUR_NET}.{cable.rpartition('-')[2]}.1"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def _accept(server: socket.socket, path: Path, open_now: set[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            taken, _ = server.accept()
            behind = socket.socket(socket.AF_UNIX)
            behind.connect(str(path))
            open_now |= {taken, behind}
            threading.Thread(target=_relay, args=(taken, behind), daemon=True).start()


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until either side ends."""
    across = {one: other, other: one}
    with one, other, suppress(OSError):
        while True:
            for ready in select.select([one, other], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                across[ready].sendall(data)
