"""A real Postfix for one test: its own configuration, queue and port; the system's own service is never touched.

with postfix.running(default=("127.0.0.1", sandbox.port), transports={"vissza.example": ("lmtp", port)}) as relay:
    …send to relay.host, relay.port…
    relay.said()

It takes mail from loopback for anybody, as a company's relay does for its own network, and hands it on to what
`default` and `transports` name. Recipients of REFUSED are refused at RCPT and those of DEFERRED put off; what the next
server refuses comes back as a report to the return path (RFC 3464), written by Postfix.
"""

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from hirnok.process.tests.places import eventually, open_folder

Place = tuple[str, int]
Next = tuple[Literal["smtp", "lmtp"], int]

REFUSED = "nincs.example"  # every address of it: 550 5.1.1 at RCPT
DEFERRED = "kesobb.example"  # 450 4.2.1 at RCPT
_STOPS_WITHIN = 30.0
_PRIVATE = [
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
]
_SERVICES = """
{port}    inet n - n - - smtpd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
smtp      unix - - n - - smtp
lmtp      unix - - n - - lmtp
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
tlsmgr    unix - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    """A running instance."""

    folder: Path
    port: int
    host: str = "127.0.0.1"

    def said(self) -> str:
        """Return its log."""
        return (self.folder / "postfix.log").read_text("utf-8", "replace")

    def waiting(self) -> int:
        """Count the messages in its queue."""
        names = ("incoming", "active", "deferred", "maildrop", "hold")
        return sum(
            path.is_file() for name in names for path in (self.folder / "queue" / name).rglob("*")
        )


@contextmanager
def running(default: Place, transports: Mapping[str, Next] | None = None) -> Iterator[Postfix]:
    """Run an instance that hands on to `default`, or for the named domains to a port of this machine.

    The test is skipped where Postfix is not installed or may not be started (its master needs root).
    """
    master = _program()
    with open_folder() as folder:
        relay = Postfix(folder, _free_port())
        _configure(relay, default, transports or {})
        with (folder / "master.log").open("wb") as output:
            process = subprocess.Popen(
                [master, "-c", folder / "conf", "-d"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={"PATH": os.environ["PATH"], "MAIL_LOGTAG": "postfix"},
            )
        try:
            eventually(lambda: _greets(relay) or process.poll() is not None)
            assert process.poll() is None, (folder / "master.log").read_text() + relay.said()
            yield relay
        finally:
            process.terminate()
            try:
                process.wait(_STOPS_WITHIN)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def _program() -> Path:
    found = shutil.which("postconf", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if found is None:
        pytest.skip("not run: Postfix is not installed")
    if os.geteuid() != 0:
        pytest.skip("not run: Postfix's master starts only as root")
    asked = [found, "-d", "-h", "daemon_directory"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip()) / "master"


def _configure(relay: Postfix, default: Place, transports: Mapping[str, Next]) -> None:
    """Write the configuration and the folders, which belong to whom Postfix wants them to."""
    folder, owner = relay.folder, pwd.getpwnam("postfix").pw_uid
    (folder / "conf").mkdir()
    queue = folder / "queue"
    for path in (folder / "data", queue):
        path.mkdir()
    os.chown(folder / "data", owner, -1)
    for name in (*_PRIVATE, "maildrop", "public", "pid"):
        (queue / name).mkdir()
        os.chown(queue / name, 0 if name == "pid" else owner, -1)
        (queue / name).chmod(0o755 if name == "pid" else 0o700)
    for name, mode in (("maildrop", 0o1730), ("public", 0o2710)):
        os.chown(queue / name, owner, grp.getgrnam("postdrop").gr_gid)
        (queue / name).chmod(mode)
    lines = [
        f"{domain} {kind}:inet:127.0.0.1:{port}"
        if kind == "lmtp"
        else f"{domain} smtp:[127.0.0.1]:{port}"
        for domain, (kind, port) in transports.items()
    ]
    (folder / "conf" / "transport").write_text("\n".join([*lines, ""]))
    access = f"{REFUSED} 550 5.1.1 No such user here\n{DEFERRED} 450 4.2.1 Mailbox busy, later\n"
    (folder / "conf" / "access").write_text(access)
    (folder / "conf" / "master.cf").write_text(_SERVICES.format(port=f"127.0.0.1:{relay.port}"))
    settings = _settings(folder, default)
    text = "\n".join(f"{name} = {value}" for name, value in settings.items())
    (folder / "conf" / "main.cf").write_text(f"{text}\n")
    (folder / "postfix.log").touch()


def _settings(folder: Path, default: Place) -> dict[str, object]:
    return {
        "compatibility_level": "3.6",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "maillog_file": folder / "postfix.log",
        "maillog_file_prefixes": folder,
        "myhostname": "relay.alma.example",
        "mydestination": "",
        "local_recipient_maps": "",
        "alias_maps": "",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "default_transport": f"smtp:[{default[0]}]:{default[1]}",
        "transport_maps": f"texthash:{folder / 'conf' / 'transport'}",
        "smtp_dns_support_level": "disabled",
        "smtp_host_lookup": "native",
        "smtpd_recipient_restrictions": f"check_recipient_access texthash:{folder / 'conf' / 'access'},"
        " permit_mynetworks, reject",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "smtpd_tls_security_level": "none",
        "smtp_tls_security_level": "none",
        "smtpd_client_connection_count_limit": 0,
        "default_destination_concurrency_limit": 20,
        "default_process_limit": 20,
        "in_flow_delay": 0,
        "queue_run_delay": "1s",
        "minimal_backoff_time": "1s",
        "maximal_backoff_time": "2s",
        "recipient_delimiter": "+",
        "notify_classes": "",
        "bounce_size_limit": 100_000,
    }


def _greets(relay: Postfix) -> bool:
    try:
        with socket.create_connection((relay.host, relay.port), timeout=10) as connection:
            return connection.recv(100).startswith(b"220 ")
    except OSError:
        return False


def _free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
