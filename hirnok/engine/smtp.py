"""The client's side of one SMTP connection as a state machine. Pure: bytes in, bytes out, no clock, no socket.

Promises (RFC 5321, RFC 2920, RFC 3030, RFC 3207, RFC 4954):
* With PIPELINING the envelope of the next message rides in the write that ends the one before; without it every
  command waits for its answer.
* With PIPELINING and CHUNKING a message goes out as a whole, envelope and BDAT, and some more behind it before the first
  is answered (`Setup.depth`). Each of those begins with RSET, since nobody knows yet how the one before ended (RFC 3030 §2).
* The body is written only after a 354 to an envelope that was accepted, and only if the supply still allows it
  at that moment (`Supply.may_send`). A 354 to a refused envelope gets an empty message.
* Exactly one of `answered`, `returned`, `uncertain` is called for every job taken. `uncertain`: the message was
  written and the connection was lost before the answer. `returned`: certainly not accepted, also because the server
  said 421 before its turn came (it closes then, RFC 5321 §3.8); `is_suspect` when it may itself be what the server breaks at.
* Commands after STARTTLS are sent only over TLS; what came before it is forgotten.

Leaves to others: sockets, timeouts (`transport.py`), which message is next (`channel.py`).
"""

import base64
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from hirnok.engine.replies import BadReply, Reader, Reply

Stage = Literal["mail", "rcpt", "data", "end"]
Cause = Literal["connect", "greeting", "hello", "tls", "auth", "protocol", "closed", "timeout"]

DEPTH = 4  # messages that may be on their way at a time where chunks are taken
_MOST_BYTES = 256 * 1024  # of all but the first of them
_NOT_KNOWN = frozenset(
    {500, 502}
)  # RFC 5321 §4.2.4: what a server says to a command that it does not know


class Job(Protocol):
    """A message to one recipient."""

    @property
    def sender(self) -> bytes: ...
    @property
    def recipient(self) -> bytes: ...
    @property
    def body(self) -> bytes:
        """The message, with CRLF as line ends."""
        ...

    @property
    def may_have_dots(self) -> bool:
        """Whether a line of it may begin with a dot."""
        ...


JobT = TypeVar("JobT", bound=Job)


class Supply(Protocol[JobT]):
    """Where jobs come from and what became of them goes to."""

    def take(self) -> JobT | None: ...
    def may_send(self, job: JobT) -> bool: ...
    def answered(self, job: JobT, stage: Stage, reply: Reply) -> None: ...
    def returned(self, job: JobT, *, is_suspect: bool) -> None: ...
    def uncertain(self, job: JobT) -> None: ...


@dataclass(frozen=True)
class Setup:
    """How to speak with a relay."""

    hello: str = "localhost"
    starttls: bool = False
    username: str = ""
    password: str = ""
    most_messages: int = 0  # per connection; 0: no limit
    depth: int = DEPTH  # 0: no BDAT at all


@dataclass(frozen=True)
class Problem:
    """Why a connection ended: where, and what the server said (code 0: nothing)."""

    cause: Cause
    code: int = 0
    text: str = ""


@dataclass(slots=True)
class _Flight(Generic[JobT]):
    """A message that was written as a whole and is not answered yet."""

    job: JobT
    size: int
    refused: tuple[Stage, Reply] | None = field(default=None)


class Dialogue(Generic[JobT]):
    """One connection, from the greeting to its end."""

    def __init__(self, setup: Setup, supply: Supply[JobT]) -> None:
        """Wait for the greeting."""
        self._setup, self._supply = setup, supply
        self._reader = Reader()
        self._out: list[bytes] = []
        self._expected: deque[Callable[[Reply], None]] = deque([self._greeted])
        self._current: JobT | None = None  # its envelope has been sent
        self._sending: JobT | None = None  # its body has been sent
        self._flights: deque[_Flight[JobT]] = deque()
        self._flying = 0  # bytes of them
        self._refused: tuple[Stage, Reply] | None = None
        self._dirty = False  # a transaction is open on the server that has to be reset
        self._secure = False
        self._pipelining = self._chunking = False
        self.extensions: dict[str, str] = {}
        self.ready = False
        self.ended = False
        self.wants_tls = False
        self.problem: Problem | None = None
        self.is_slow = False  # set by the driver: it takes long to answer, so nothing is to wait behind a message
        self.broke = False  # with a message on its way
        self.refuses_chunks = False  # it offers CHUNKING and knows no BDAT
        self.answers = 0
        self.taken = 0

    # What the driver calls

    def receive(self, data: bytes) -> None:
        """Take bytes of the server."""
        try:
            for reply in self._reader.feed(data):
                if self.ended:
                    return
                if self._expected:
                    self._expected.popleft()(reply)
                else:  # said without being asked: 421 at a shutdown or an idle time-out
                    self._fail(Problem("closed", reply.code, reply.text))
        except BadReply as error:
            self._fail(Problem("protocol", text=str(error)))

    def wake(self, most: int = 1) -> None:
        """Look for messages, at most so many, if there is nothing else to do."""
        if not self.ready or self.ended or self._current is not None:
            return
        if self._chunking:
            self._fill(most)
        elif self._pipelining and self._sending is not None:
            self._start_behind()
        elif not self._expected:
            self._start()

    def output(self) -> list[bytes]:
        """Return the pieces that are to be written now, in one go."""
        data, self._out = self._out, []
        return data

    def secured(self) -> None:
        """TLS stands: say hello again (RFC 3207 §4.2)."""
        self.wants_tls, self._secure = False, True
        self._reader = Reader()
        self._hello()

    def quit(self) -> None:
        """End politely, if nothing is under way."""
        if self.ready and not self.ended and self.idle:
            self._out.append(b"QUIT\r\n")
            self.ended = True

    def lost(self, cause: Cause = "closed") -> None:
        """The connection is gone: account for what was under way."""
        self._fail(Problem(cause))

    @property
    def idle(self) -> bool:
        """Whether no message is under way."""
        return self._current is None and self._sending is None and not self._flights

    @property
    def waits_for_end(self) -> bool:
        """Whether the answer to the end of a message is awaited (it may take long, RFC 5321 §4.5.3.2.6)."""
        return self._sending is not None or bool(self._flights)

    # Opening

    def _greeted(self, reply: Reply) -> None:
        if reply.code != 220:
            self._fail(Problem("greeting", reply.code, reply.text))
        else:
            self._hello()

    def _hello(self) -> None:
        self._send(f"EHLO {self._setup.hello}\r\n".encode(), self._heard)

    def _heard(self, reply: Reply) -> None:
        if reply.code != 250:
            self._fail(Problem("hello", reply.code, reply.text))
            return
        self.extensions = {}
        for line in reply.lines[1:]:
            name, _, value = line.partition(" ")
            self.extensions[name.upper()] = value.upper()
        self._pipelining = "PIPELINING" in self.extensions
        self._chunking = (
            self._pipelining and self._setup.depth > 0 and "CHUNKING" in self.extensions
        )
        if self._setup.starttls and not self._secure:
            self._ask_for_tls()
        elif self._setup.username:
            self._authenticate()
        else:
            self._open()

    def _ask_for_tls(self) -> None:
        if "STARTTLS" in self.extensions:
            self._send(b"STARTTLS\r\n", self._tls_answered)
        else:
            self._fail(Problem("tls", text="STARTTLS is not offered"))

    def _tls_answered(self, reply: Reply) -> None:
        if reply.code == 220:
            self.wants_tls = True
        else:
            self._fail(Problem("tls", reply.code, reply.text))

    def _authenticate(self) -> None:
        offered = self.extensions.get("AUTH", "").split()
        name, password = self._setup.username, self._setup.password
        if "PLAIN" in offered:
            secret = base64.b64encode(f"\0{name}\0{password}".encode())
            self._send(b"AUTH PLAIN " + secret + b"\r\n", self._judged)
        elif "LOGIN" in offered:
            steps = [base64.b64encode(text.encode()) + b"\r\n" for text in (name, password)]
            self._send(b"AUTH LOGIN\r\n", lambda reply: self._login(reply, steps))
        else:
            self._fail(Problem("auth", text="neither PLAIN nor LOGIN is offered"))

    def _login(self, reply: Reply, steps: list[bytes]) -> None:
        if reply.code != 334:
            self._judged(reply)
        elif len(steps) > 1:
            self._send(steps[0], lambda answer: self._login(answer, steps[1:]))
        else:
            self._send(steps[0], self._judged)

    def _judged(self, reply: Reply) -> None:
        if reply.code == 235:
            self._open()
        else:
            self._fail(Problem("auth", reply.code, reply.text))

    def _open(self) -> None:
        self.ready = True
        if self._chunking:
            self._fill(1)
        else:
            self._start()

    # Messages as a whole, for servers that take BDAT

    def _fill(self, most: int) -> None:
        """Write messages as long as there are some and there is room for them."""
        limit = self._setup.most_messages
        while most > 0 and not self.ended and self._has_room:
            if limit and self.taken >= limit:
                self.quit()
                return
            job = self._supply.take()
            if job is None:
                return
            if not self._supply.may_send(job):  # too late; nothing of it was written
                self._supply.returned(job, is_suspect=False)
                return
            self.taken += 1
            most -= 1
            self._write_whole(job)

    @property
    def _has_room(self) -> bool:
        if not self._flights:
            return True
        depth = 1 if self.is_slow else self._setup.depth
        return len(self._flights) < depth and self._flying < _MOST_BYTES

    def _write_whole(self, job: JobT) -> None:
        if self._flights or self._dirty:
            self._dirty = False
            self._send(b"RSET\r\n", self._reset)
        body = job.body
        size = len(body)
        self._out += (
            b"MAIL FROM:<%b>\r\nRCPT TO:<%b>\r\nBDAT %d LAST\r\n"
            % (job.sender, job.recipient, size),
            body,
        )
        self._expected.extend((self._mail_judged, self._rcpt_judged, self._whole_judged))
        self._flights.append(_Flight(job, size))
        self._flying += size

    def _mail_judged(self, reply: Reply) -> None:
        if reply.code == 421:
            self._fail(Problem("closed", reply.code, reply.text))
        elif reply.code != 250:
            self._flights[0].refused = ("mail", reply)

    def _rcpt_judged(self, reply: Reply) -> None:
        flight = self._flights[0]
        if flight.refused is None and not 200 <= reply.code < 300:
            flight.refused = ("rcpt", reply)
        if reply.code == 421:
            self._fail(Problem("closed", reply.code, reply.text))

    def _whole_judged(self, reply: Reply) -> None:
        flight = self._flights[0]
        if reply.code in _NOT_KNOWN and flight.refused is None:
            self.refuses_chunks = True
            self._fail(Problem("protocol", reply.code, reply.text))
            return
        self._flights.popleft()
        self._flying -= flight.size
        self._dirty = not 200 <= reply.code < 300
        self.answers += 1
        self._supply.answered(flight.job, *(flight.refused or ("end", reply)))
        if reply.code == 421:
            self._fail(Problem("closed", reply.code, reply.text))
        else:
            self._fill(1)

    # Messages step by step, for servers that only take DATA

    def _start(self) -> None:
        """Send the envelope of the next message, if there is one."""
        limit = self._setup.most_messages
        if limit and self.taken >= limit:
            self.quit()
            return
        job = self._supply.take()
        if job is None:
            return
        self._current, self._refused = job, None
        self.taken += 1
        if self._dirty:
            self._dirty = False
            self._send(b"RSET\r\n", self._reset)
            if not self._pipelining:
                return
        self._send_envelope(job)

    def _send_envelope(self, job: JobT) -> None:
        mail, rcpt, data = _envelope(job)
        if self._pipelining:
            self._out.append(mail + rcpt + data)
            self._expected.extend((self._mail_answered, self._rcpt_answered, self._data_answered))
        else:
            self._send(mail, self._mail_answered)

    def _reset(self, reply: Reply) -> None:
        if reply.code != 250:
            self._fail(Problem("protocol", reply.code, reply.text))
        elif not self._pipelining and self._current is not None:
            self._send_envelope(self._current)

    def _mail_answered(self, reply: Reply) -> None:
        if reply.code == 250:
            if not self._pipelining and self._current is not None:
                self._send(_envelope(self._current)[1], self._rcpt_answered)
        elif reply.code == 421:
            self._fail(Problem("closed", reply.code, reply.text))
        else:
            self._refuse("mail", reply)

    def _rcpt_answered(self, reply: Reply) -> None:
        if self._refused is not None:
            return  # the sender was refused, so this one is a consequence
        if 200 <= reply.code < 300:
            if not self._pipelining:
                self._send(b"DATA\r\n", self._data_answered)
            return
        if reply.code == 421:
            self._refused = ("rcpt", reply)
            self._settle()
            self._fail(Problem("closed", reply.code, reply.text))
        else:
            self._refuse("rcpt", reply)

    def _refuse(self, stage: Stage, reply: Reply) -> None:
        self._refused = (stage, reply)
        if not self._pipelining:
            self._settle()
            self._dirty = True
            self._start()

    def _settle(self) -> None:
        """Report the refusal of the envelope."""
        job, refused = self._current, self._refused
        self._current, self._refused = None, None
        if job is not None and refused is not None:
            self.answers += 1
            self._supply.answered(job, *refused)

    def _data_answered(self, reply: Reply) -> None:
        if reply.code == 421:
            if self._refused is not None:
                self._settle()
            self._fail(Problem("closed", reply.code, reply.text))
        elif reply.code != 354:
            self._refused = self._refused or ("data", reply)
            self._settle()
            self._dirty = True
            self._start()
        elif self._refused is not None:  # accepts data for nobody: give it none
            self._settle()
            self._send(b".\r\n", self._nothing_ended)
        else:
            self._body()

    def _nothing_ended(self, reply: Reply) -> None:
        if reply.code == 421:
            self._fail(Problem("closed", reply.code, reply.text))
        else:
            self._start()

    def _body(self) -> None:
        job = self._current
        assert job is not None
        if not self._supply.may_send(job):  # too late: only a broken connection takes a DATA back
            self._fail(Problem("closed"))
            return
        self._current, self._sending = None, job
        body = stuffed(job.body) if job.may_have_dots else job.body
        self._out.append(body)
        self._send(b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n", self._ended)
        if self._pipelining:
            self._start_behind()

    def _start_behind(self) -> None:
        """Let the next envelope ride behind the final dot."""
        limit = self._setup.most_messages
        if not limit or self.taken < limit:
            self._start()

    def _ended(self, reply: Reply) -> None:
        job, self._sending = self._sending, None
        assert job is not None
        self.answers += 1
        self._supply.answered(job, "end", reply)
        if reply.code == 421:
            self._fail(Problem("closed", reply.code, reply.text))
        elif self._current is None:
            self._start()

    # Ends

    def _send(self, data: bytes, then: Callable[[Reply], None]) -> None:
        self._out.append(data)
        self._expected.append(then)

    def _fail(self, problem: Problem) -> None:
        if self.ended:
            return
        self.ended, self.problem = True, problem
        sending, current = self._sending, self._current
        self._sending = self._current = None
        self._expected.clear()
        if sending is not None:
            self._supply.uncertain(sending)
        flights, self._flights, self._flying = self._flights, deque(), 0
        is_known = problem.code == 421 or self.refuses_chunks  # what comes after it was not taken
        self.broke = bool(flights or sending) and not is_known
        for flight in flights:
            if flight.refused is not None:
                self.answers += 1
                self._supply.answered(flight.job, *flight.refused)
            elif is_known:
                self._supply.returned(flight.job, is_suspect=False)
            else:
                self._supply.uncertain(flight.job)
        if current is not None:
            # One that only rode behind another's body is not the reason of the loss.
            self._supply.returned(current, is_suspect=sending is None)


def stuffed(data: bytes) -> bytes:
    """Return a message with CRLF as DATA wants it: dots at the beginning of lines doubled (RFC 5321 §4.5.2)."""
    data = data.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data.startswith(b".") else data


def _envelope(job: Job) -> tuple[bytes, bytes, bytes]:
    return (
        b"MAIL FROM:<" + job.sender + b">\r\n",
        b"RCPT TO:<" + job.recipient + b">\r\n",
        b"DATA\r\n",
    )
