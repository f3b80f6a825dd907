"""`python -m hirnok.bench.sink`: a lean SMTP server that accepts everything and remembers who got what.

Made so that it is not what is measured: one loop without asyncio that looks only at envelopes, the head of a message and
its end (about ten microseconds a message of 32 KB). For every message it appends a line `recipient message-id` to a file
before it says 250, so that what was accepted can be counted by anybody. Like Postfix and Exim it offers PIPELINING
(RFC 2920) and CHUNKING (RFC 3030); `--delay` holds each answer back as a network with that round trip would.
"""

import argparse
import heapq
import os
import re
import select
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType

_END = b"\r\n.\r\n"
_HEAD = 2048  # the Message-ID is looked for in so many bytes
_LOOK = 4096  # behind the final dot come at most the next envelope's commands
_AT_ONCE = 4  # connections that are read before they are answered
_ANSWERS = {
    b"MAIL": b"250 2.1.0 OK\r\n",
    b"RCPT": b"250 2.1.5 OK\r\n",
    b"RSET": b"250 2.0.0 OK\r\n",
    b"NOOP": b"250 2.0.0 OK\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}
_ACCEPTED = b"250 2.0.0 accepted\r\n"
_UNKNOWN = b"500 5.5.2 what?\r\n"
# What a client that pipelines says at once, and the answers to it.
_ENVELOPE = re.compile(
    rb"(RSET\r\n)?MAIL FROM:<[^\r\n]*\r\nRCPT TO:<([^>\r\n]*)>[^\r\n]*\r\n(?:(DATA)|BDAT (\d+) LAST)\r\n"
)
_TAKEN = _ANSWERS[b"MAIL"] + _ANSWERS[b"RCPT"]
_TAKEN_FOR_DATA = _TAKEN + _ANSWERS[b"DATA"]


class Session:
    """One connection: bytes in, answers out. What it has accepted it adds as lines to `noted`."""

    def __init__(self, hello: bytes, noted: list[bytes]) -> None:
        self._hello, self._noted = hello, noted
        self._line = b""
        self._recipient = b""
        self._head = b""
        self._tail = b""
        self._in_body = False
        self._chunk = 0  # bytes of a BDAT chunk that are still to come
        self._is_last = False
        self._replies: list[bytes] = []

    def take(self, data: bytearray, length: int) -> bytes:
        """Take the first bytes of a buffer, which is looked at only now; returns what to answer."""
        if self._line:  # a command that has not ended yet
            data = bytearray(self._line) + data[:length]
            length, self._line = len(data), b""
        at = 0
        while at < length:
            if self._in_body:
                at = self._body(data, at, length)
            elif self._chunk:
                at = self._chunked(data, at, length)
            else:
                at = self._command(data, at, length)
        answer = b"".join(self._replies)
        self._replies.clear()
        return answer

    def _command(self, data: bytearray, at: int, length: int) -> int:
        envelope = _ENVELOPE.match(data, at, length)
        if envelope is not None:
            self._head, self._recipient = b"", envelope[2]
            if envelope[1]:
                self._replies.append(_ANSWERS[b"RSET"])
            if envelope[3]:
                self._in_body, self._tail = True, b"\r\n"
                self._replies.append(_TAKEN_FOR_DATA)
            else:
                self._replies += (_TAKEN, self._bdat(int(envelope[4]), is_last=True))
            return envelope.end()
        end = data.find(b"\r\n", at, length)
        if end < 0:
            self._line = bytes(data[at:length])
            return length
        self._replies.append(self._told(bytes(data[at:end])))
        return end + 2

    def _told(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"RCPT":
            self._recipient = line[line.find(b"<") + 1 : line.rfind(b">")]
        elif verb == b"MAIL":
            self._head = b""
        elif verb == b"DATA":
            self._in_body, self._tail = True, b"\r\n"
        elif verb in {b"EHLO", b"HELO"}:
            return self._hello
        elif verb == b"BDAT":
            words = line.split()
            return self._bdat(int(words[1]), is_last=len(words) > 2)
        return _ANSWERS.get(verb, _UNKNOWN)

    def _bdat(self, size: int, *, is_last: bool) -> bytes:
        self._chunk, self._is_last = size, is_last
        if size:
            return b""
        return self._accepted() if is_last else _ACCEPTED

    def _chunked(self, data: bytearray, at: int, length: int) -> int:
        end = min(length, at + self._chunk)
        self._remember(data, at, end)
        self._chunk -= end - at
        if not self._chunk:
            self._replies.append(self._accepted() if self._is_last else _ACCEPTED)
        return end

    def _body(self, data: bytearray, at: int, length: int) -> int:
        """Look for the end where it can be: across the border to the bytes before, and near the end of these."""
        tail = self._tail
        border = (tail + data[at : min(at + 4, length)]).find(_END)
        if border >= 0:
            end = at + border + len(_END) - len(tail)
        else:
            found = data.rfind(_END, max(at, length - _LOOK), length)
            end = found + len(_END) if found >= 0 else -1
        self._remember(data, at, end if end >= 0 else length)
        if end < 0:
            self._tail = (tail + data[max(at, length - 4) : length])[-4:]
            return length
        self._in_body = False
        self._replies.append(self._accepted())
        return end

    def _remember(self, data: bytearray, at: int, end: int) -> None:
        """Keep the beginning, where the Message-ID is."""
        if len(self._head) < _HEAD:
            self._head += data[at : min(end, at + _HEAD)]

    def _accepted(self) -> bytes:
        at = self._head.find(b"Message-ID: <")
        name = self._head[at + 13 : self._head.find(b">", at)] if at >= 0 else b""
        self._noted.append(b"%b %b\n" % (self._recipient, name))
        return _ACCEPTED


class _Stopped(Exception):
    """The signal to end."""


@dataclass
class _Server:
    """All connections, one loop, one buffer."""

    listener: socket.socket
    file: int
    hello: bytes
    delay: float
    _poll: select.epoll = field(default_factory=select.epoll)
    _noted: list[bytes] = field(default_factory=list)
    _buffer: bytearray = field(default_factory=lambda: bytearray(1 << 18))
    _open: dict[int, tuple[socket.socket, Session]] = field(default_factory=dict)
    _later: list[tuple[float, int, socket.socket, bytes]] = field(default_factory=list)
    _number: int = 0

    def serve(self) -> None:
        """Serve for ever."""
        self.listener.setblocking(False)
        listening = self.listener.fileno()
        self._poll.register(listening, select.EPOLLIN)
        while True:
            answers = []
            for number, _ in self._poll.poll(self._patience(), _AT_ONCE):
                if number == listening:
                    answers += self._greeted()
                elif answer := self._read(number):
                    answers.append((self._open[number][0], answer))
            if self._noted:  # before anybody is told
                os.write(self.file, b"".join(self._noted))
                self._noted.clear()
            for client, answer in answers:
                if self.delay:
                    self._number += 1
                    due = (time.monotonic() + self.delay, self._number, client, answer)
                    heapq.heappush(self._later, due)
                else:
                    self._send(client, answer)
            while self._later and self._later[0][0] <= time.monotonic():
                self._send(*heapq.heappop(self._later)[2:])

    def _patience(self) -> float:
        return max(0.0, self._later[0][0] - time.monotonic()) if self._later else -1

    def _greeted(self) -> list[tuple[socket.socket, bytes]]:
        try:
            client, _ = self.listener.accept()
        except OSError:
            return []
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = client.fileno()
        self._open[number] = client, Session(self.hello, self._noted)
        self._poll.register(number, select.EPOLLIN)
        return [(client, b"220 sink ESMTP\r\n")]

    def _read(self, number: int) -> bytes:
        client, session = self._open[number]
        try:
            length = client.recv_into(self._buffer)
        except BlockingIOError:
            return b""
        except OSError:
            length = 0
        if length:
            return session.take(self._buffer, length)
        self._close(number)
        return b""

    def _send(self, client: socket.socket, answer: bytes) -> None:
        number = client.fileno()
        if number < 0:  # gone while its answer was held back
            return
        try:
            client.sendall(answer)  # few bytes; whoever does not read them is let go
        except OSError:
            self._close(number)
        else:
            if answer.endswith(_ANSWERS[b"QUIT"]):
                self._close(number)

    def _close(self, number: int) -> None:
        self._poll.unregister(number)
        self._open.pop(number)[0].close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(
        "hirnok.bench.sink", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", required=True, help="where a line for each message is appended")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--no-chunking", action="store_true", help="do not offer BDAT")
    given = parser.parse_args(arguments)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _Stopped

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    offers = ["sink", "PIPELINING", "SIZE 50000000", "8BITMIME", "ENHANCEDSTATUSCODES"]
    offers += [] if given.no_chunking else ["CHUNKING"]
    hello = [f"250-{offer}\r\n" for offer in offers[:-1]] + [f"250 {offers[-1]}\r\n"]
    file = os.open(given.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with socket.create_server(("127.0.0.1", given.port), backlog=1024) as listener:
        try:
            _Server(listener, file, "".join(hello).encode(), given.delay).serve()
        except _Stopped:
            os.close(file)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
