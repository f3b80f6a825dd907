"""The SMTP and LMTP side, on aiosmtpd: which recipients are taken, and what is done with the mail."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from hirnok.lib import tokens
from hirnok.mail import verp
from hirnok.receiver.store import Away, Store

logger = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes down every address

MOST_RECIPIENTS: Final = 100
MOST_SESSIONS: Final = 200
IDLE: Final = 120.0  # seconds
_PURPOSE: Final = {verp.RETURN: "report", verp.LEAVE: "leave"}


@dataclass(frozen=True)
class Recipient:
    """Where a mail belongs: whose it is and, for a signed address, which delivery it is about."""

    tenant: int
    purpose: str = "report"
    delivery: int | None = None


@dataclass
class Handler:
    """aiosmtpd's hooks."""

    store: Store
    clock: Callable[[], datetime]
    road: str
    _found: "WeakKeyDictionary[Envelope, list[Recipient]]" = field(
        default_factory=WeakKeyDictionary
    )

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take what belongs to a delivery or a return domain of ours; refuse the rest."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            found = await self._recipient(address)
        except Away:
            return "451 4.3.0 Try again later"
        if found is None:
            return "550 5.1.1 No such address here"
        self._found.setdefault(envelope, []).append(found)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store it once a recipient; 250 only after the commit. LMTP answers once a recipient (RFC 2033 §4.2)."""
        raw = envelope.original_content or b""
        answers = []
        for recipient in self._found.get(envelope, []):
            answers.append(await self._keep(raw, recipient))
        if isinstance(server, LMTP):
            return "\r\n".join(answers)
        worst = [answer for answer in answers if not answer.startswith("250")]
        return worst[0] if worst else "250 2.0.0 Stored"

    async def _keep(self, raw: bytes, recipient: Recipient) -> str:
        try:
            await self.store.keep(
                raw,
                tenant=recipient.tenant,
                delivery=recipient.delivery,
                road=self.road,
                purpose=recipient.purpose,
                at=self.clock(),
            )
        except Away as error:
            logger.warning("mail is put off: %s", error.__cause__)
            return "451 4.3.0 Try again later"
        return "250 2.0.0 Stored"

    async def _recipient(self, address: str) -> Recipient | None:
        try:
            route = verp.read(address)
        except tokens.BadToken:
            local, _, domain = address.lower().rpartition("@")
            tenant = await self.store.tenant_of_domain(domain) if local in verp.WATCHED else None
            return Recipient(tenant) if tenant is not None else None
        tenant = await self.store.tenant_of_delivery(route.delivery_id)
        if tenant is None:
            return None
        return Recipient(tenant, _PURPOSE[route.purpose], route.delivery_id)


class _Counted(SMTP):
    """A session that the receiver can count and close; reports may have lines longer than RFC 5321 allows."""

    line_length_limit = 64 * 1024

    def __init__(self, handler: Handler, *, sessions: set[Any], **options: Any) -> None:
        super().__init__(handler, **options)
        self._sessions = sessions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse politely when there are too many."""
        if len(self._sessions) >= MOST_SESSIONS and isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many connections\r\n")
            transport.close()
            return
        self._sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        self._sessions.discard(self)
        if self.transport is not None:
            super().connection_lost(error)


class _Smtp(_Counted):
    pass


class _Lmtp(_Counted, LMTP):
    pass


@dataclass
class Receiver:
    """The listening sockets of one process; port 0 takes a free one, None none."""

    store: Store
    clock: Callable[[], datetime]
    host: str
    smtp_port: int | None = None
    lmtp_port: int | None = None
    largest: int = 10 * 1024 * 1024
    tls: ssl.SSLContext | None = None
    ports: dict[str, int] = field(default_factory=dict)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _open: set[Any] = field(default_factory=set)

    async def start(self) -> None:
        """Listen; OSError when a port is taken."""
        for road, kind, port in (
            ("smtp", _Smtp, self.smtp_port),
            ("lmtp", _Lmtp, self.lmtp_port),
        ):
            if port is None:
                continue
            make = partial(self._session, kind, Handler(self.store, self.clock, road))
            server = await asyncio.get_running_loop().create_server(make, self.host, port)
            self._servers.append(server)
            self.ports[road] = int(server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, and close what is open: whoever has no answer yet sends again."""
        for server in self._servers:
            server.close()
        for session in list(self._open):
            if session.transport is not None:
                session.transport.close()
        await asyncio.sleep(0)
        await self.store.close()

    def _session(self, kind: type[_Counted], handler: Handler) -> SMTP:
        return kind(
            handler,
            data_size_limit=self.largest,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname="hirnok",
            ident="Hirnok receiver",
            tls_context=self.tls,
            timeout=IDLE,
            loop=asyncio.get_running_loop(),
            sessions=self._open,
        )
