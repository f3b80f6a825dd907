"""`python -m hirnok.bench.sink`: a lean SMTP server that accepts everything and remembers who got what.

Made so that it is not what is measured: it looks only at envelopes, the head of a message and its end (about ten
microseconds a message of 32 KB). For every message it appends a line `recipient message-id` to a file before it says
250, so that what was accepted can be counted by anybody. PIPELINING (RFC 2920) and, when asked for, CHUNKING
(RFC 3030) are offered; `--delay` holds each answer back as a network with that round trip would.
"""

import argparse
import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from functools import partial

import uvloop

Later = Callable[[Callable[[bytes], None], bytes], object]

_END = b"\r\n.\r\n"
_HEAD = 2048  # the Message-ID is looked for in so many bytes
_LOOK = 4096  # behind the final dot come at most the next envelope's commands
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


class Session(asyncio.BufferedProtocol):
    """One connection. What is received lies in a buffer that all share: it is looked at before anything else comes."""

    shared = bytearray(1 << 18)

    def __init__(self, file: int, later: Later | None, hello: bytes) -> None:
        self._file, self._later, self._hello = file, later, hello
        self._transport: asyncio.Transport
        self._line = b""
        self._recipient = b""
        self._head = b""
        self._tail = b""
        self._in_body = False
        self._chunk = 0  # bytes of a BDAT chunk that are still to come
        self._is_last = False
        self._replies: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # uvloop's classes are its own
        self._answer([b"220 sink ESMTP\r\n"])

    def get_buffer(self, sizehint: int) -> memoryview:
        return memoryview(self.shared)

    def buffer_updated(self, nbytes: int) -> None:
        if self._line:  # a command that has not ended yet
            data = bytearray(self._line) + self.shared[:nbytes]
            self._line = b""
            self._take(data, len(data))
        else:
            self._take(self.shared, nbytes)

    def _take(self, data: bytearray, length: int) -> None:
        at = 0
        while at < length:
            if self._in_body:
                at = self._body(data, at, length)
            elif self._chunk:
                at = self._chunked(data, at, length)
            else:
                at = self._command(data, at, length)
        if self._replies:
            self._answer(self._replies)
            self._replies = []

    def _command(self, data: bytearray, at: int, length: int) -> int:
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
            return self._bdat(line)
        return _ANSWERS.get(verb, _UNKNOWN)

    def _bdat(self, line: bytes) -> bytes:
        words = line.split()
        self._chunk, self._is_last = int(words[1]), len(words) > 2
        if self._chunk:
            return b""
        return self._accepted() if self._is_last else _ACCEPTED

    def _chunked(self, data: bytearray, at: int, length: int) -> int:
        end = min(length, at + self._chunk)
        self._remember(data, at, end)
        self._chunk -= end - at
        if not self._chunk:
            self._replies.append(self._accepted() if self._is_last else _ACCEPTED)
        return end

    def _body(self, data: bytearray, at: int, length: int) -> int:
        """Look for the end where it can be: across the border to the bytes before, and near the end of these."""
        border = (self._tail + data[at : min(at + 4, length)]).find(_END)
        if border >= 0:
            end = at + border + len(_END) - len(self._tail)
        else:
            found = data.find(_END, max(at, length - _LOOK), length)
            end = found + len(_END) if found >= 0 else -1
        self._remember(data, at, end if end >= 0 else length)
        if end < 0:
            self._tail = (self._tail + data[max(at, length - 4) : length])[-4:]
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
        os.write(self._file, b"%b %b\n" % (self._recipient, name))
        return _ACCEPTED

    def _answer(self, replies: list[bytes]) -> None:
        answer = b"".join(replies)
        if self._later is not None:
            self._later(self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)
            if answer.endswith(_ANSWERS[b"QUIT"]):
                self._transport.close()


async def _serve(given: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    file = os.open(given.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    offers = ["sink", "PIPELINING", "SIZE 50000000", "8BITMIME", "ENHANCEDSTATUSCODES"]
    offers += ["CHUNKING"] if given.chunking else []
    hello = [f"250-{offer}\r\n" for offer in offers[:-1]] + [f"250 {offers[-1]}\r\n"]
    later = partial(loop.call_later, given.delay) if given.delay else None
    server = await loop.create_server(
        lambda: Session(file, later, "".join(hello).encode()),
        "127.0.0.1",
        given.port,
        backlog=1024,
    )
    async with server:
        await stop.wait()
    os.close(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(
        "hirnok.bench.sink", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", required=True, help="where a line for each message is appended")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--chunking", action="store_true", help="offer BDAT")
    uvloop.run(_serve(parser.parse_args(arguments)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
