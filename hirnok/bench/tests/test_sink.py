"""The sink counts what it accepts, however the bytes are cut."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirnok.bench.place import free_port
from hirnok.bench.sink import Session
from hirnok.process import ports


def told(pieces: list[bytes]) -> tuple[bytes, bytes]:
    """Return what a session answers to pieces, and what it has noted."""
    noted: list[bytes] = []
    session, buffer, answers = Session(b"250 sink\r\n", noted), bytearray(1 << 16), b""
    for piece in pieces:
        buffer[: len(piece)] = piece
        answers += session.take(buffer, len(piece))
    return answers, b"".join(noted)


HEAD = b"Subject: x\r\nMessage-ID: <%d@x>\r\n\r\n"


def message(number: int, body: bytes) -> bytes:
    return (
        b"MAIL FROM:<a@x>\r\nRCPT TO:<r%d@x>\r\nDATA\r\n" % number
        + HEAD % number
        + body
        + b"\r\n.\r\n"
    )


@given(
    bodies=st.lists(
        st.sampled_from([b"", b"a", b"x\r\n.y", b"=2E\r\n..\r\n..", b"z" * 5000, b"\r\n" * 9]),
        max_size=5,
    ),
    cuts=st.lists(st.integers(0, 30_000), max_size=40),
)
def test_it_finds_each_end_however_the_bytes_are_cut(bodies: list[bytes], cuts: list[int]) -> None:
    messages = [message(number, body) for number, body in enumerate(bodies)]
    # A client waits for 354 before it sends a body, so a piece never goes beyond the next DATA line.
    stream = b"EHLO x\r\n" + b"".join(messages)
    stops, at = {len(stream)}, 0
    while (at := stream.find(b"DATA\r\n", at) + 6) > 5:
        stops.add(at)
    edges = sorted({0, *stops, *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[low:high] for low, high in pairwise(edges)]
    answers, noted = told(pieces)
    assert noted.splitlines() == [b"r%d@x %d@x" % (n, n) for n in range(len(bodies))]
    assert answers.count(b"accepted") == answers.count(b"354 ") == len(bodies)
    assert b"500" not in answers


@given(cuts=st.lists(st.integers(0, 400), max_size=20))
def test_it_takes_chunks_by_their_length(cuts: list[int]) -> None:
    body = HEAD % 7 + b"\r\n.\r\nQUIT\r\n"
    stream = (
        b"MAIL FROM:<a@x>\r\nRCPT TO:<r@x>\r\nBDAT %d\r\n" % len(body)
        + body
        + b"BDAT 3 LAST\r\nabcMAIL FROM:<a@x>\r\nRCPT TO:<s@x>\r\nBDAT 2 LAST\r\nxyQUIT\r\n"
    )
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    answers, noted = told([stream[low:high] for low, high in pairwise(edges)])
    assert noted.splitlines() == [b"r@x 7@x", b"s@x "]
    assert answers.count(b"250 2.0.0 accepted") == 3
    assert answers.endswith(b"bye\r\n")


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    port, file = free_port(), tmp_path / "accepted"
    command = [sys.executable, "-m", "hirnok.bench.sink", "--port", str(port), "--file", str(file)]
    process = subprocess.Popen([*command, "--delay", "0.01"])
    try:
        end = time.monotonic() + 60
        while not ports.answers("127.0.0.1", port) and time.monotonic() < end:
            time.sleep(0.05)
        yield port, file
    finally:
        process.terminate()
        process.wait(60)


def test_it_serves_on_a_socket(sink: tuple[int, Path]) -> None:
    port, file = sink
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        lines = client.makefile("rb")
        assert lines.readline().startswith(b"220")
        client.sendall(b"EHLO x\r\n")
        offered = []
        while not offered or offered[-1][3:4] == b"-":
            offered.append(lines.readline())
        assert any(b"CHUNKING" in line for line in offered)
        client.sendall(b"MAIL FROM:<>\r\nRCPT TO:<r@x>\r\nDATA\r\n")
        assert [lines.readline()[:3] for _ in range(3)] == [b"250", b"250", b"354"]
        client.sendall(b".\r\nQUIT\r\n")
        assert [lines.readline()[:3] for _ in range(2)] == [b"250", b"221"]
        assert lines.read() == b""
    assert file.read_bytes() == b"r@x \n"
