"""The connection test of the settings page: goes the way the engine goes, as far as the sender, and says where it ends.

Sends no mail. What is wrong is a plain code (`Code`), to be worded by the page; `detail` is what the server or the
system said. Obeys the same rule about private addresses as the engine (`guard.py`). Blocks for some seconds at
most: call it from a view's thread.
"""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hirnok.engine import guard
from hirnok.engine.channel import Relay
from hirnok.lib import keys

Name = Literal["dns", "connect", "tls", "auth", "mail"]
Code = Literal[
    "ok",
    "skipped",
    "unknown_host",
    "private_address",
    "refused",
    "timed_out",
    "unreachable",
    "not_smtp",
    "tls_not_offered",
    "certificate",
    "tls_failed",
    "password_unreadable",
    "auth_not_offered",
    "auth_refused",
    "sender_refused",
    "lost",
]

TIMEOUT = 10.0


@dataclass(frozen=True)
class Step:
    """One part of the way and how it went."""

    name: Name
    code: Code
    detail: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether it went well, or was not asked for."""
        return self.code in {"ok", "skipped"}


def probe(
    relay: Relay, sender: str, *, hello: str = "localhost", timeout: float = TIMEOUT
) -> list[Step]:
    """Return the steps that were gone, the last one with what is wrong, if anything is.

    `sender`: the address for MAIL FROM, usually the brand's. `timeout`: seconds for each answer.
    """
    return _Way(relay, sender, hello, timeout).go()


class _Stopped(Exception):
    """The way ends here."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class _Client(smtplib.SMTP):
    """Connects to a number, but checks the certificate for a name."""

    def __init__(
        self, name: str, hello: str, timeout: float, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(local_hostname=hello, timeout=timeout)
        self._host = name
        self._context = context

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        if self._context is None:
            return plain
        return self._context.wrap_socket(plain, server_hostname=self._host)


class _Way:
    def __init__(self, relay: Relay, sender: str, hello: str, timeout: float) -> None:
        self.relay, self.sender, self.timeout = relay, sender, timeout
        context = relay.target.context()
        self.context = context
        implicit = context if relay.security == "tls" else None
        self.client = _Client(relay.host, hello, timeout, implicit)
        self.numbers: list[str] = []

    def go(self) -> list[Step]:
        parts: tuple[tuple[Name, Callable[[], None]], ...] = (
            ("dns", self._dns),
            ("connect", self._connect),
            ("tls", self._tls),
            ("auth", self._auth),
            ("mail", self._mail),
        )
        steps: list[Step] = []
        for name, part in parts:
            steps.append(_tried(name, part))
            if not steps[-1].is_ok:
                break
        self.client.close()
        return steps

    def _dns(self) -> None:
        try:
            self.numbers = guard.judged(
                self.relay.host, guard.resolve(self.relay.host, self.relay.port)
            )
        except guard.UnknownHost as error:
            raise _Stopped("unknown_host") from error
        except guard.PrivateAddress as error:
            raise _Stopped("private_address") from error

    def _connect(self) -> None:
        for number in self.numbers[:-1]:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                return self._greet(number)
        return self._greet(self.numbers[-1])

    def _greet(self, number: str) -> None:
        code, said = self.client.connect(number, self.relay.port)
        if code != 220:
            raise _Stopped("refused", _words(code, said))
        self.client.ehlo_or_helo_if_needed()

    def _tls(self) -> None:
        if self.relay.security == "none":
            raise _Stopped("skipped")
        if self.relay.security == "starttls":
            if not self.client.has_extn("starttls"):
                raise _Stopped("tls_not_offered")
            self.client.starttls(context=self.context)
            self.client.ehlo_or_helo_if_needed()

    def _auth(self) -> None:
        if not self.relay.username:
            raise _Stopped("skipped")
        try:
            password = keys.unseal(self.relay.sealed_password)
        except keys.CannotDecrypt as error:
            raise _Stopped("password_unreadable") from error
        offered = self.client.esmtp_features.get("auth", "").upper().split()
        if not {"PLAIN", "LOGIN"} & set(offered):
            raise _Stopped("auth_not_offered", " ".join(offered))
        try:
            self.client.login(self.relay.username, password)
        except smtplib.SMTPAuthenticationError as error:
            raise _Stopped("auth_refused", _words(error.smtp_code, error.smtp_error)) from error

    def _mail(self) -> None:
        code, said = self.client.mail(self.sender)
        if code != 250:
            raise _Stopped("sender_refused", _words(code, said))
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self.client.rset()
            self.client.quit()


def _tried(name: Name, part: Callable[[], None]) -> Step:
    try:
        part()
    except _Stopped as stop:
        return Step(name, stop.code, stop.detail)
    except ssl.SSLError as error:  # one of them is also a ValueError
        return _broken(name, error)
    except (smtplib.SMTPException, ValueError) as error:
        return _misspoken(name, error)
    except OSError as error:
        return _broken(name, error)
    return Step(name, "ok")


def _misspoken(name: Name, error: smtplib.SMTPException | ValueError) -> Step:
    if isinstance(error.__context__, TimeoutError):  # smtplib hides it
        return Step(name, "timed_out")
    if isinstance(error, smtplib.SMTPResponseException):
        return Step(name, "refused", _words(error.smtp_code, error.smtp_error))
    was_lost = isinstance(error, smtplib.SMTPServerDisconnected) and name != "connect"
    return Step(name, "lost" if was_lost else "not_smtp")


def _broken(name: Name, error: OSError) -> Step:
    match error:
        case ssl.SSLCertVerificationError():
            return Step("tls", "certificate", error.verify_message)
        case ssl.SSLError():
            return Step("tls", "tls_failed", error.reason or "")
        case TimeoutError():
            return Step(name, "timed_out")
        case ConnectionRefusedError():
            return Step(name, "refused")
        case _:
            return Step(name, "unreachable" if name == "connect" else "lost", error.strerror or "")


def _words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:300]
