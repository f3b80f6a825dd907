"""A name server on loopback, of real UDP packets, for tests: zones are a table that the test may change."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

Zone = dict[tuple[str, str], list[str]]


@dataclass
class NameServer:
    """Where it listens, what it answers ((name, type): texts of records), what it was asked."""

    address: str
    records: Zone
    asked: list[tuple[str, str]] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)  # names that are answered with SERVFAIL


@contextmanager
def name_server(records: Mapping[tuple[str, str], list[str]]) -> Iterator[NameServer]:
    """Answer from the table until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.1)
        server = NameServer(f"127.0.0.1:{listening.getsockname()[1]}", dict(records))
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(listening, server, ended), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            thread.join()


def _serve(listening: socket.socket, server: NameServer, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            data, peer = listening.recvfrom(4096)
        except TimeoutError:
            continue
        listening.sendto(_answer(server, data), peer)


def _answer(server: NameServer, data: bytes) -> bytes:
    query = dns.message.from_wire(data)
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    question = query.question[0]
    name = question.name.to_text(omit_final_dot=True).lower()
    kind = dns.rdatatype.to_text(question.rdtype)
    server.asked.append((name, kind))
    found = server.records.get((name, kind), [])
    if name in server.failing:
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif found:
        reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
    elif not any(known == name for known, _kind in server.records):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()
