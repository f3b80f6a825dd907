"""The SMTP server of the sandbox: RFC 5321 with PIPELINING, CHUNKING, 8BITMIME, SIZE, STARTTLS and AUTH.

Lean, because it shares the machine with the engine it is to be a match for. A message is acknowledged only
after `Store.append` has returned. Everything unusual comes from the rules.
"""

import asyncio
import base64
import binascii
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from hirnok.lib import clock
from hirnok.sandbox.rules import Book, Point, Rule
from hirnok.sandbox.store import Store

_PATH = re.compile(rb"(?i)(?:mail from|rcpt to):\s*<([^<>]*)>")
_CHUNK = re.compile(rb"(?i)BDAT +(\d{1,12})( +LAST)? *")
_LINE_LIMIT = 8_192
_END = b"\r\n.\r\n"


@dataclass
class Options:
    """How the server presents itself."""

    name: str = "sandbox.localhost"
    max_size: int = 30_000_000
    max_messages: int = 0  # per connection, then 421; 0: no limit
    pipelining: bool = True
    chunking: bool = False  # BDAT (RFC 3030)
    eager_data: bool = False  # answers DATA with 354 even when no recipient was accepted
    users: dict[str, str] = field(
        default_factory=dict
    )  # name -> password; empty: AUTH is not offered
    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None  # TLS from the first byte


@dataclass
class Site:
    """What all connections of one server share."""

    store: Store
    book: Book
    options: Options = field(default_factory=Options)
    open: set["Session"] = field(default_factory=set)


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, site: Site) -> None:
        """Begin before the greeting."""
        self._site, self._options = site, site.options
        self._buffer = bytearray()
        self._out: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._handle: Callable[[], bool] = self._command
        self._held = False
        self._secure = self._options.tls is not None
        self._user: str | None = None
        self._accepted = 0
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._scanned = 0
        self._body_seen = False
        self._message = bytearray()  # the chunks so far
        self._rest = 0  # bytes of a chunk that are still to come
        self._is_last = False
        self._refusal = ""  # the answer to a chunk that is thrown away

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own
        self._site.open.add(self)
        self._transport.write(f"220 {self._options.name} ESMTP sandbox\r\n".encode())

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._transport = None
        self._site.open.discard(self)

    def data_received(self, data: bytes) -> None:
        """Take what came and answer what is complete, in one write (RFC 2920 §3.2)."""
        self._buffer += data
        self._run()

    def close(self) -> None:
        """End the connection after what has been answered."""
        if self._transport is not None:
            self._flush()
            self._transport.close()
            self._transport = None

    def _run(self) -> None:
        while not self._held and self._transport is not None and self._handle():
            pass
        self._flush()

    def _flush(self) -> None:
        if self._out and self._transport is not None:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _say(self, reply: str) -> None:
        self._out.append(reply.encode("utf-8", "replace") + b"\r\n")

    # Commands

    def _command(self) -> bool:
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > _LINE_LIMIT:
                self._say("500 5.5.2 Line too long")
                self.close()
            return False
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        verb = line[:4].upper()
        handler = _VERBS.get(verb)
        if handler is None:
            self._say("500 5.5.1 Command unknown")
        else:
            handler(self, line)
        return True

    def _helo(self, line: bytes) -> None:
        self._reset()
        self._say(f"250 {self._options.name}")

    def _ehlo(self, line: bytes) -> None:
        self._reset()
        options = self._options
        offers = [
            options.name,
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            f"SIZE {options.max_size}",
        ]
        if options.pipelining:
            offers.append("PIPELINING")
        if options.chunking:
            offers.append("CHUNKING")
        if options.starttls is not None and not self._secure:
            offers.append("STARTTLS")
        if options.users and (self._secure or options.starttls is None):
            offers.append("AUTH PLAIN LOGIN")
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _mail(self, line: bytes) -> None:
        match = _PATH.match(line)
        limit = self._options.max_messages
        if limit and self._accepted >= limit:
            self._say("421 4.7.0 Too many messages in this connection")
            self.close()
        elif self._options.users and self._user is None:
            self._say("530 5.7.0 Authentication required")
        elif match is None:
            self._say("501 5.5.4 Bad sender address")
        elif self._sender is not None:
            self._say("503 5.5.1 Sender already given")
        else:
            self._sender = match[1].decode("utf-8", "replace")
            self._say("250 2.1.0 OK")

    def _rcpt(self, line: bytes) -> None:
        match = _PATH.match(line)
        if self._sender is None:
            self._say("503 5.5.1 MAIL first")
        elif match is None or not match[1]:
            self._say("501 5.5.4 Bad recipient address")
        else:
            recipient = match[1].decode("utf-8", "replace")
            self._follow("rcpt", [recipient], lambda: self._take(recipient))

    def _take(self, recipient: str) -> None:
        self._recipients.append(recipient)
        self._say("250 2.1.5 OK")

    def _data(self, line: bytes) -> None:
        if self._recipients or (self._options.eager_data and self._sender is not None):
            self._follow("data", self._recipients, self._open_body)
        else:
            self._say("554 5.5.1 No valid recipients")
            self._reset()

    def _open_body(self) -> None:
        self._say("354 End data with <CR><LF>.<CR><LF>")
        self._handle, self._scanned, self._body_seen = self._body, 0, False

    def _rset(self, line: bytes) -> None:
        self._reset()
        self._say("250 2.0.0 OK")

    def _noop(self, line: bytes) -> None:
        self._say("250 2.0.0 OK")

    def _vrfy(self, line: bytes) -> None:
        self._say("252 2.5.0 Cannot verify")

    def _quit(self, line: bytes) -> None:
        self._say("221 2.0.0 Bye")
        self.close()

    def _reset(self) -> None:
        self._sender = None
        self._recipients = []
        self._message.clear()

    # The message in chunks (RFC 3030 §2): one that is refused has been read first

    def _bdat(self, line: bytes) -> None:
        match = _CHUNK.fullmatch(line)
        if not self._options.chunking:
            self._say("500 5.5.1 Command unknown")
        elif match is None:
            self._say("501 5.5.4 Bad chunk")
            self.close()  # nobody knows where the next command begins
        else:
            self._rest, self._is_last, self._refusal = int(match[1]), match[2] is not None, ""
            if not self._recipients:
                self._refusal = "554 5.5.1 No valid recipients"
            elif len(self._message) + self._rest > self._options.max_size:
                self._refusal = "552 5.3.4 Message too big"
            rule = self._site.book.act(self._recipients, "data") if self._recipients else None
            if rule is None or rule.reply:
                self._refusal = rule.reply if rule else self._refusal
                self._open_chunk()
            else:
                self._obey(rule, self._open_chunk)

    def _open_chunk(self) -> None:
        self._handle, self._body_seen = self._chunk, False

    def _chunk(self) -> bool:
        if self._buffer and self._rest and not self._body_seen:
            self._body_seen = True
            rule = self._site.book.act(self._recipients, "body") if self._recipients else None
            if rule is not None:
                self._obey(rule, lambda: None)
                return not self._held
        taken = min(len(self._buffer), self._rest)
        if not self._refusal:
            self._message += self._buffer[:taken]
        del self._buffer[:taken]
        self._rest -= taken
        if self._rest:
            return False
        self._handle = self._command
        if self._refusal:
            self._reset()
            self._say(self._refusal)
            if self._refusal.startswith("421"):
                self.close()
        elif not self._is_last:
            self._say("250 2.0.0 OK")
        else:
            sender, recipients = self._sender or "", self._recipients
            message = bytes(self._message)
            self._reset()
            self._follow("end", recipients, lambda: self._keep(sender, recipients, message))
        return True

    # The message

    def _body(self) -> bool:
        if self._buffer and not self._body_seen:
            self._body_seen = True
            rule = self._site.book.act(self._recipients, "body")
            if rule is not None:
                self._obey(rule, lambda: None)
                return not self._held
        if self._buffer.startswith(b".\r\n"):
            self._finish(b"", 3)
            return True
        end = self._buffer.find(_END, max(0, self._scanned - len(_END)))
        if end < 0:
            self._scanned = len(self._buffer)
            if self._scanned > self._options.max_size + _LINE_LIMIT:
                self._say("552 5.3.4 Message too big")
                self.close()
            return False
        self._finish(bytes(self._buffer[: end + 2]), end + len(_END))
        return True

    def _finish(self, message: bytes, consumed: int) -> None:
        del self._buffer[:consumed]
        self._handle = self._command
        if b"\r\n." in message or message.startswith(b"."):
            message = message.removeprefix(b".").replace(b"\r\n.", b"\r\n")
        sender, recipients = self._sender or "", self._recipients
        self._reset()
        if not recipients:
            self._say("554 5.5.1 No valid recipients")
            return
        self._follow("end", recipients, lambda: self._keep(sender, recipients, message))

    def _keep(self, sender: str, recipients: list[str], message: bytes) -> None:
        entry = self._site.store.append(sender, recipients, message, at=clock.now())
        self._accepted += 1
        self._follow("stored", recipients, lambda: self._say(f"250 2.0.0 OK kept as {entry.id}"))

    # Rules

    def _follow(self, at: Point, recipients: list[str], usual: Callable[[], None]) -> None:
        rule = self._site.book.act(recipients, at)
        if rule is None:
            usual()
        else:
            self._obey(rule, usual)

    def _obey(self, rule: Rule, usual: Callable[[], None]) -> None:
        if not rule.delay:
            self._misbehave(rule, usual)
            return
        self._held = True
        self._flush()
        asyncio.get_running_loop().call_later(rule.delay, self._resume, rule, usual)

    def _resume(self, rule: Rule, usual: Callable[[], None]) -> None:
        self._held = False
        if self._transport is not None:
            self._misbehave(rule, usual)
            self._run()

    def _misbehave(self, rule: Rule, usual: Callable[[], None]) -> None:
        if rule.drop:
            self.close()
        elif rule.reply:
            self._say(rule.reply)
            if rule.reply.startswith("421"):
                self.close()
        else:
            usual()

    # STARTTLS and AUTH

    def _starttls(self, line: bytes) -> None:
        context, transport = self._options.starttls, self._transport
        if context is None or self._secure or transport is None:
            self._say("503 5.5.1 Not available")
            return
        self._buffer.clear()  # what was sent before TLS must not count after it (RFC 3207 §4.2)
        self._held = True
        transport.pause_reading()
        self._say("220 2.0.0 Go ahead")
        self._flush()
        self._upgrade_task = asyncio.get_running_loop().create_task(
            self._upgrade(transport, context)
        )

    async def _upgrade(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        try:
            self._transport = await asyncio.get_running_loop().start_tls(
                transport, self, context, server_side=True
            )
        except (OSError, ssl.SSLError):
            transport.abort()
            return
        self._secure, self._held = True, False
        self._reset()
        self._run()

    def _auth(self, line: bytes) -> None:
        mechanism, _, first = line[4:].strip().partition(b" ")
        if not self._options.users:
            self._say("502 5.5.1 AUTH is not offered")
        elif mechanism.upper() == b"PLAIN":
            self._ask("", self._plain) if not first else self._plain(first)
        elif mechanism.upper() == b"LOGIN":
            self._ask("VXNlcm5hbWU6", self._login_name) if not first else self._login_name(first)
        else:
            self._say("504 5.5.4 Mechanism unknown")

    def _ask(self, challenge: str, then: Callable[[bytes], None]) -> None:
        self._say(f"334 {challenge}")

        def answer() -> bool:
            end = self._buffer.find(b"\r\n")
            if end < 0:
                return False
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 2]
            self._handle = self._command
            then(line)
            return True

        self._handle = answer

    def _plain(self, answer: bytes) -> None:
        _, _, pair = _decoded(answer).partition("\0")
        name, _, password = pair.partition("\0")
        self._judge(name, password)

    def _login_name(self, answer: bytes) -> None:
        self._ask("UGFzc3dvcmQ6", lambda secret: self._judge(_decoded(answer), _decoded(secret)))

    def _judge(self, name: str, password: str) -> None:
        if name and self._options.users.get(name) == password:
            self._user = name
            self._say("235 2.7.0 Welcome")
        else:
            self._say("535 5.7.8 User name or password is wrong")


def _decoded(answer: bytes) -> str:
    try:
        return base64.b64decode(answer, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""


_VERBS: dict[bytes, Callable[[Session, bytes], None]] = {
    b"HELO": Session._helo,
    b"EHLO": Session._ehlo,
    b"MAIL": Session._mail,
    b"RCPT": Session._rcpt,
    b"DATA": Session._data,
    b"BDAT": Session._bdat,
    b"RSET": Session._rset,
    b"NOOP": Session._noop,
    b"VRFY": Session._vrfy,
    b"QUIT": Session._quit,
    b"STAR": Session._starttls,
    b"AUTH": Session._auth,
}
