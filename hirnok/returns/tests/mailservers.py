"""A mailbox to look into: IMAP and POP as far as polling goes, with what lies in it as a list; over TLS from the first
octet, after STARTTLS (RFC 9051 §6.2.1, RFC 2595), or plain."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Box(socketserver.ThreadingTCPServer):
    """The server: `mails` by UID (IMAP) or in order (POP)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, handler: "type[Speaking]", mails: list[bytes]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.mails = {number + 1: mail for number, mail in enumerate(mails)}
        self.marked: set[int] = set()
        self.readonly = False
        self.tls: ssl.SSLContext | None = None
        self.at_once = False  # TLS from the first octet
        self.said: list[tuple[bool, str]] = []  # whether over TLS, and what

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Speaking(socketserver.StreamRequestHandler):
    """A session: says hello, then answers line by line; TLS as the box has it."""

    server: Box

    def handle(self) -> None:
        try:
            if self.server.at_once:
                self.secure()
            self.talk()
        except (OSError, ValueError):
            return  # whoever does not trust the certificate hangs up
        finally:
            self.connection.close()

    def talk(self) -> None:
        raise NotImplementedError

    def lines(self) -> Iterator[str]:
        while line := self.rfile.readline():
            text = line.decode().strip()
            self.server.said.append((isinstance(self.connection, ssl.SSLSocket), text))
            yield text

    def secure(self) -> None:
        assert self.server.tls is not None
        self.connection = self.request = self.server.tls.wrap_socket(self.connection, server_side=True)  # fmt: skip
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = socketserver._SocketWriter(self.connection)  # type: ignore[attr-defined]


class Imap(Speaking):
    def talk(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.lines():
            tag, _, rest = line.partition(" ")
            ok = self.answer(rest)
            self.wfile.write(f"{tag} {ok}\r\n".encode())
            if rest.upper() == "STARTTLS":
                self.secure()
            if rest.upper().startswith("LOGOUT"):
                return

    def answer(self, rest: str) -> str:
        box, upper = self.server, rest.upper()
        if upper.startswith("CAPABILITY"):
            self.wfile.write(b"* CAPABILITY IMAP4rev1" + (b" STARTTLS" if box.tls else b"") + b"\r\n")  # fmt: skip
        elif upper.startswith("LOGIN"):
            return "OK done" if '"titok"' in rest else "NO [AUTHENTICATIONFAILED] wrong password"
        elif upper.startswith(("SELECT", "EXAMINE")):
            box.readonly = upper.startswith("EXAMINE")
            if "INBOX" not in upper:
                return "NO no such folder"
            self.wfile.write(f"* {len(box.mails)} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n".encode())
            return "OK [READ-ONLY] done" if box.readonly else "OK [READ-WRITE] done"
        elif match := re.match(r"UID SEARCH UID (\d+):\*", rest):
            found = [uid for uid in box.mails if uid >= int(match[1])] or list(box.mails)[-1:]
            self.wfile.write(f"* SEARCH {' '.join(map(str, found))}\r\n".encode())
        elif match := re.match(r"UID FETCH (\d+)", rest):
            raw = box.mails[int(match[1])]
            self.wfile.write(
                b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n%s)\r\n" % (match[1].encode(), len(raw), raw)
            )
        elif match := re.match(r"UID STORE (\d+) \+FLAGS.SILENT \(\\Deleted\)", rest):
            box.marked.add(int(match[1]))
        elif upper.startswith("EXPUNGE"):
            box.mails = {uid: raw for uid, raw in box.mails.items() if uid not in box.marked}
        elif upper.startswith("LOGOUT"):
            self.wfile.write(b"* BYE\r\n")
        return "OK done"


class Pop(Speaking):
    def talk(self) -> None:
        self.wfile.write(b"+OK ready\r\n")
        gone: set[int] = set()
        for line in self.lines():
            word, _, rest = line.partition(" ")
            match word.upper():
                case "CAPA":
                    self.wfile.write(b"+OK\r\n" + (b"STLS\r\n" if self.server.tls else b"") + b".\r\n")  # fmt: skip
                    continue
                case "STLS":
                    self.wfile.write(b"+OK go\r\n")
                    self.secure()
                    continue
                case "PASS" if rest != "titok":
                    self.wfile.write(b"-ERR wrong password\r\n")
                    continue
                case "STAT":
                    self.wfile.write(f"+OK {len(self.server.mails)} 1\r\n".encode())
                    continue
                case "RETR":
                    self.wfile.write(b"+OK\r\n" + self.server.mails[int(rest)] + b"\r\n.\r\n")
                    continue
                case "DELE":
                    gone.add(int(rest))
            self.wfile.write(b"+OK\r\n")
            if word.upper() == "QUIT":
                self.server.mails = {n: m for n, m in self.server.mails.items() if n not in gone}
                return


@contextmanager
def running(
    handler: type[Speaking], mails: list[bytes], *, tls: ssl.SSLContext | None = None, at_once: bool = False
) -> Iterator[Box]:  # fmt: skip
    """Serve the mails from a thread."""
    with Box(handler, mails) as box:
        box.tls, box.at_once = tls, at_once
        thread = threading.Thread(target=box.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield box
        box.shutdown()
        thread.join(10)
