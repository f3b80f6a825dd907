"""Looking into a mailbox at a provider over IMAP (RFC 9051) or POP (RFC 1939), and taking over what lies there.

A mail is stored and committed before the mailbox is told anything, so a broken connection repeats at most. IMAP goes on
after the last UID it has seen; POP, which has no such thing, takes everything again and the digests sort it out. The host
is judged like that of a relay: nobody looks into the operator's own network.
"""

import imaplib
import poplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hirnok.engine import guard
from hirnok.lib import keys
from hirnok.returns import storing
from hirnok.returns.models import Mailbox
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

TIMEOUT: Final = 30.0
MOST: Final = 500  # mails in one look
LARGEST: Final = 10 * 1024 * 1024
poplib._MAXLINE = 64 * 1024  # type: ignore[attr-defined] # reports have lines longer than 2 KB


class CannotLook(Exception):
    """The mailbox cannot be looked into; `code` says at which step, the text what the server said."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(f"{code}: {said}" if said else code)
        self.code, self.said = code, said


class _Imap(imaplib.IMAP4):
    """Connects to a judged address, whatever the name leads to by then."""

    def __init__(self, number: str, mailbox: Mailbox) -> None:
        self._number = number
        super().__init__(mailbox.host, mailbox.port, TIMEOUT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection((self._number, self.port), timeout)


class _ImapTls(imaplib.IMAP4_SSL):
    def __init__(self, number: str, mailbox: Mailbox) -> None:
        self._number, self._tls = number, _context(mailbox)
        super().__init__(mailbox.host, mailbox.port, ssl_context=self._tls, timeout=TIMEOUT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._number, self.port), timeout)
        return self._tls.wrap_socket(plain, server_hostname=self.host)


class _Pop(poplib.POP3):
    def __init__(self, number: str, mailbox: Mailbox) -> None:
        self._number = number
        super().__init__(mailbox.host, mailbox.port, TIMEOUT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection((self._number, self.port), timeout)


class _PopTls(poplib.POP3_SSL):
    def __init__(self, number: str, mailbox: Mailbox) -> None:
        self._number, self._tls = number, _context(mailbox)
        super().__init__(mailbox.host, mailbox.port, context=self._tls, timeout=TIMEOUT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._number, self.port), timeout)
        return self._tls.wrap_socket(plain, server_hostname=self.host)


@dataclass(frozen=True)
class Looked:
    """What a look found: mails that were new to us, of all that lay there."""

    new: int
    seen: int


def poll(tenant_id: int, pk: int, *, at: datetime) -> Looked | None:
    """Take over what is new, and note how it went; None when it failed or the mailbox is gone."""
    tenant = Tenant.objects.get(pk=tenant_id)
    with acting_for(tenant):
        mailbox = Mailbox.objects.of(tenant).filter(pk=pk).first()
    if mailbox is None:
        return None
    try:
        looked = _look(tenant, mailbox, at)
    except CannotLook as fact:
        with acting_for(tenant):
            Mailbox.objects.of(tenant).filter(pk=pk).update(
                looked_at=at, failing_since=mailbox.failing_since or at, last_error=str(fact)[:500]
            )
        return None
    with acting_for(tenant):
        Mailbox.objects.of(tenant).filter(pk=pk).update(
            looked_at=at, failing_since=None, last_error="", position=mailbox.position
        )
    return looked


def probe(mailbox: Mailbox) -> int:
    """Connect, sign in and count, changing nothing; CannotLook says where it ends."""
    if mailbox.protocol == Mailbox.Protocol.POP:
        with _pop(mailbox) as pop:
            return int(pop.stat()[0])
    with _imap(mailbox, readonly=True) as (_imap_connection, count):
        return count


def _look(tenant: Tenant, mailbox: Mailbox, at: datetime) -> Looked:
    take = _look_pop if mailbox.protocol == Mailbox.Protocol.POP else _look_imap
    return take(tenant, mailbox, at)


def _look_imap(tenant: Tenant, mailbox: Mailbox, at: datetime) -> Looked:
    new = seen = 0
    with _imap(mailbox, readonly=not mailbox.deletes) as (imap, _count):
        validity = (imap.response("UIDVALIDITY")[1] or [b"0"])[0] or b"0"
        known, _, last = mailbox.position.partition(":")
        after = int(last) if known == validity.decode() and last.isdecimal() else 0
        _kind, found = imap.uid("SEARCH", f"UID {after + 1}:*")
        uids = sorted(int(uid) for uid in (found[0] or b"").split() if int(uid) > after)[:MOST]
        for uid in uids:
            raw = _fetched(imap, uid)
            if raw is not None:
                new += _keep(tenant, mailbox, raw, at)
            seen += 1
            mailbox.position = f"{validity.decode()}:{uid}"
            if mailbox.deletes and raw is not None:
                imap.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
        if mailbox.deletes and uids:
            imap.expunge()
    return Looked(new, seen)


def _fetched(imap: imaplib.IMAP4, uid: int) -> bytes | None:
    """A mail, its beginning if it is too large; nothing if it went meanwhile."""
    _kind, data = imap.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{LARGEST}>)")
    return next((part[1] for part in data if isinstance(part, tuple)), None)


def _look_pop(tenant: Tenant, mailbox: Mailbox, at: datetime) -> Looked:
    new = seen = 0
    with _pop(mailbox) as pop:
        count = int(pop.stat()[0])
        first = 1 if mailbox.deletes else max(1, count - MOST + 1)  # the newest where all stay
        for number in range(first, min(count, first + MOST - 1) + 1):
            lines = pop.retr(number)[1]
            new += _keep(tenant, mailbox, b"\r\n".join(lines)[:LARGEST], at)
            seen += 1
            if mailbox.deletes:
                pop.dele(number)
    return Looked(new, seen)


def _keep(tenant: Tenant, mailbox: Mailbox, raw: bytes, at: datetime) -> int:
    with acting_for(tenant):
        return storing.keep(tenant, [raw], road=mailbox.protocol, at=at)


@contextmanager
def _imap(mailbox: Mailbox, *, readonly: bool) -> Iterator[tuple[imaplib.IMAP4, int]]:
    with _said("connect"):
        number = _address(mailbox)
        imap = _Imap(number, mailbox) if mailbox.security != "tls" else _ImapTls(number, mailbox)
    try:
        with _said("tls"):
            if mailbox.security == Mailbox.Security.STARTTLS:
                imap.starttls(_context(mailbox))
        with _said("auth"):
            imap.login(mailbox.username, _password(mailbox))
        with _said("folder"):
            kind, data = imap.select(_quoted(mailbox.folder), readonly=readonly)
            if kind != "OK":
                raise CannotLook("folder", _plain((data or [b""])[0] or b""))
        with _said("lost"):
            yield imap, int((data or [b"0"])[0] or 0)
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.logout()


@contextmanager
def _pop(mailbox: Mailbox) -> Iterator[poplib.POP3]:
    with _said("connect"):
        number = _address(mailbox)
        pop = _Pop(number, mailbox) if mailbox.security != "tls" else _PopTls(number, mailbox)
    try:
        with _said("tls"):
            if mailbox.security == Mailbox.Security.STARTTLS:
                pop.stls(_context(mailbox))
        with _said("auth"):
            pop.user(mailbox.username)
            pop.pass_(_password(mailbox))
        with _said("lost"):
            yield pop
    finally:
        with suppress(poplib.error_proto, OSError):
            pop.quit()


@contextmanager
def _said(step: str) -> Iterator[None]:
    """Turn every failure of a step into CannotLook with the server's words."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise CannotLook("certificate", error.verify_message) from error
    except ssl.SSLError as error:
        raise CannotLook("tls", str(error.reason or "")) from error
    except guard.UnknownHost as error:
        raise CannotLook("unknown_host") from error
    except guard.PrivateAddress as error:
        raise CannotLook("private_address") from error
    except (imaplib.IMAP4.error, poplib.error_proto) as error:
        raise CannotLook(step, _plain(error.args[0] if error.args else "")) from error
    except (OSError, EOFError, ValueError) as error:
        raise CannotLook(step, str(error)) from error


def _plain(said: object) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split())[:300]


def _address(mailbox: Mailbox) -> str:
    numbers = guard.resolve(mailbox.host, mailbox.port)
    return guard.judged(mailbox.host, numbers)[0]


def _password(mailbox: Mailbox) -> str:
    try:
        return keys.unseal(mailbox.password)
    except keys.CannotDecrypt as error:
        raise CannotLook("password_unreadable") from error


def _context(mailbox: Mailbox) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not mailbox.verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _quoted(folder: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", folder)
    return f'"{escaped}"'
