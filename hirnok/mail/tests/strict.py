"""An own strict reader of messages, apart from the standard library's: what is not legal raises AssertionError."""

import base64
import re

LINE = 76


def parts_of(message: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """The headers (decoded) and the bodies by media type, with LF line ends."""
    assert message.endswith(b"\r\n")
    for line in message.split(b"\r\n"):
        assert b"\n" not in line, "bare LF"
        assert b"\r" not in line, "bare CR"
        assert not line.startswith(b"."), "a line that needs dot-stuffing"
        assert len(line) <= 998
        assert line.isascii()
    head, _, rest = message.partition(b"\r\n\r\n")
    headers = headers_of(head)
    boundary = re.search(r'boundary="(=_[0-9a-f]+)"', headers["content-type"])
    assert boundary
    mark = b"--" + boundary[1].encode()
    pieces = (b"\r\n" + rest).split(b"\r\n" + mark)
    assert pieces[0] == b""
    assert pieces[-1] == b"--\r\n"
    bodies = {}
    for piece in pieces[1:-1]:
        part_head, _, body = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        part_headers = headers_of(part_head)
        assert part_headers["content-transfer-encoding"] == "quoted-printable"
        kind, _, charset = part_headers["content-type"].partition("; ")
        assert charset == "charset=utf-8"
        bodies[kind] = unquoted(body).decode("utf-8").replace("\r\n", "\n")
    return headers, bodies


def headers_of(head: bytes) -> dict[str, str]:
    """Unfolded and decoded headers; each may occur once."""
    headers: dict[str, str] = {}
    for raw in re.split(rb"\r\n(?![ \t])", head):
        name, colon, value = raw.partition(b":")
        assert colon
        assert re.fullmatch(rb"[!-9;-~]+", name), name
        for line in raw.split(b"\r\n"):
            assert line.strip(), "a folded line of blanks only"
            if b"=?" in line:
                assert len(line) <= LINE, "a line with an encoded word is too long"
        text = value.decode("ascii").replace("\r\n", "").strip()
        assert name.lower().decode() not in headers, f"{name!r} twice"
        headers[name.lower().decode()] = words_decoded(text)
    return headers


def words_decoded(text: str) -> str:
    """Encoded words (RFC 2047), each of which must be complete characters and at most 75 long."""
    text = re.sub(r"(\?=)\s+(=\?)", r"\1\2", text)

    def decoded(match: re.Match[str]) -> str:
        assert len(match[0]) <= 75
        charset, encoding, inside = match.groups()
        assert charset.lower() == "utf-8"
        if encoding.lower() == "b":
            return base64.b64decode(inside).decode("utf-8")
        assert re.fullmatch(r"(?:[A-Za-z0-9!*+/_-]|=[0-9A-F]{2})+", inside)
        data = re.sub(
            rb"=([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), inside.replace("_", " ").encode()
        )
        return data.decode("utf-8")

    return re.sub(r"=\?([^?\s]+)\?([^?\s])\?([^?\s]*)\?=", decoded, text)


def unquoted(body: bytes) -> bytes:
    """Quoted-printable as RFC 2045 §6.7 allows it, no more."""
    out = []
    lines = body.split(b"\r\n")
    assert not lines[-1].endswith(b"="), "a soft break without a line break"
    for line in lines:
        assert len(line) <= LINE, f"{len(line)} characters"
        assert not line.endswith((b" ", b"\t")), "a blank at the end of a line"
        soft = line.endswith(b"=")
        content = line[:-1] if soft else line
        assert re.fullmatch(rb"(?:[\t -<>-~]|=[0-9A-F]{2})*", content), content
        out.append(re.sub(rb"=([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), content))
        out.append(b"" if soft else b"\r\n")
    return b"".join(out[:-1])
