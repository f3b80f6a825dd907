"""The encoding of a text file: one pass over its bytes, then scoring by the letters of languages.

UTF-8 and UTF-16 are proven by the bytes. The one-byte encodings are told apart by decoding a sample
with each and asking which language uses just these letters: Hungarian ő ű against õ û, Romanian ă ș ț
against ã º þ. charset-normalizer decides only what this leaves open.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Limits

CHUNK = 1 << 20
SAMPLE = 1 << 18

_LEGACY = ("cp1250", "iso8859-2", "cp1252", "iso8859-16")
_NAMES = {
    "cp1250": "windows-1250",
    "cp1252": "windows-1252",
    "iso8859-1": "ISO-8859-1",
    "iso8859-2": "ISO-8859-2",
    "iso8859-16": "ISO-8859-16",
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-16": "UTF-16 with BOM",
}

# Letters beyond ASCII by language, and how likely the language is on our lists.
_LANGUAGES: tuple[tuple[str, float], ...] = (
    ("áéíóöőúüű", 1.0),
    ("ăâîșțşţ", 1.0),
    ("áéíóöőúüűăâîșțşţ", 0.97),
    ("äöüß", 0.96),
    ("àâæçéèêëîïôœùûüÿ", 0.95),
    ("áäčďéíĺľňóôŕšťúýž", 0.94),
    ("áčďéěíňóřšťúůýž", 0.94),
    ("ąćęłńóśźż", 0.94),
    ("čćđšž", 0.94),
    ("áéíñóúü", 0.93),
    ("áàâãçéêíóôõúü", 0.92),
    ("àèéìîòóùú", 0.92),
    ("åäöæøé", 0.9),
    ("áðéíóúýþæö", 0.5),
)
_SIGNS = frozenset("„”“’‘»«–—…€§°©®·\xa0•´")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Encoded:
    """How to decode the file, and what the pass over it counted on the way."""

    codec: str
    label: str
    lines: int
    size: int
    sample: str

    @property
    def is_central_european(self) -> bool:
        return self.codec in {"cp1250", "iso8859-2"}


def label_of(codec: str) -> str:
    """The name people know: `windows-1250` for Python's `cp1250`."""
    return _NAMES.get(codec, codec)


def detect(path: Path, limits: Limits, *, override: str | None = None) -> Encoded:
    """Reads the file once in chunks; raises Problem for binary data, an endless line, bad UTF-8."""
    if path.stat().st_size > limits.file_bytes:
        raise Problem("too_large", limit=limits.file_bytes >> 20)
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    codec = _known(override) if override else _by_mark(head)
    if codec is not None and codec.startswith("utf-16"):
        scan = _Scan(wide=True)
    else:
        scan = _Scan(wide=False)
    scan.run(path, limits)
    if codec is None:
        codec = "utf-8" if scan.broken_at is None else _legacy(head, path, scan)
    sample = _decode_sample(head, codec)
    return Encoded(codec, label_of(codec), scan.lines, scan.size, sample)


def locate_broken(path: Path, codec: str) -> Problem:
    """The Problem for the first place that `codec` cannot decode: row (line) and byte, from 1."""
    decoder = codecs.getincrementaldecoder(codec)()
    row, at = 1, 0
    with path.open("rb") as file:
        while True:
            line = file.readline(CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(line, final=not line)
            except UnicodeDecodeError as error:
                byte = at - pending + error.start + 1
                return Problem("broken_encoding", encoding=label_of(codec), row=row, byte=byte)
            if not line:
                return Problem("broken_encoding", encoding=label_of(codec), row=row, byte=at)
            row += text.count("\n")
            at += len(line)


class _Scan:
    """One pass: counts lines, proves UTF-8, refuses what is not text."""

    def __init__(self, *, wide: bool) -> None:
        self.wide = wide
        self.lines = 0
        self.size = 0
        self.broken_at: int | None = None
        self.multibyte = 0

    def run(self, path: Path, limits: Limits) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")()
        longest = limits.line * (2 if self.wide else 4)
        open_line = 0
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                open_line = self._lines(chunk, open_line, longest, limits)
                if not self.wide:
                    self._text(chunk, decoder)
                self.size += len(chunk)
        if not self.wide and self.broken_at is None and decoder.getstate()[0]:
            self.broken_at = self.size - len(decoder.getstate()[0])

    def _lines(self, chunk: bytes, open_line: int, longest: int, limits: Limits) -> int:
        feeds = chunk.count(b"\n")
        ends = feeds or chunk.count(b"\r")
        self.lines += ends
        if not ends:
            open_line += len(chunk)
        else:
            open_line = len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        if open_line > longest:
            raise Problem("line_too_long", row=self.lines + 1, limit=limits.line)
        return open_line

    def _text(self, chunk: bytes, decoder: codecs.IncrementalDecoder) -> None:
        nul = chunk.find(b"\0")
        if nul >= 0:
            self._refuse_nul(chunk, nul)
        if self.broken_at is not None or (chunk.isascii() and not decoder.getstate()[0]):
            return
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            self.broken_at = self.size - pending + error.start
            before = chunk[: max(error.start - pending, 0)]
            self.multibyte += len(before) - len(before.decode("utf-8", "ignore"))
            return
        self.multibyte += len(chunk) + pending - len(text)

    def _refuse_nul(self, chunk: bytes, nul: int) -> None:
        control = sum(chunk[:4096].count(value) for value in (*range(9), *range(14, 32)))
        if self.size == 0 and control > 0.05 * len(chunk[:4096]) + 2:
            raise Problem("binary")
        row = self.lines - chunk.count(b"\n") + chunk.count(b"\n", 0, nul) + 1
        raise Problem("nul_bytes", row=row, byte=self.size + nul + 1)


def _known(name: str) -> str:
    try:
        codec = codecs.lookup(name).name
    except LookupError as error:
        raise Problem("unknown_encoding", encoding=name) from error
    if codec.startswith(("utf-16", "utf-8", "cp", "iso8859", "ascii", "latin", "koi8", "mac")):
        return codec
    raise Problem("unknown_encoding", encoding=name)


def _by_mark(head: bytes) -> str | None:
    """UTF by its byte order mark, or UTF-16 without one by where its zero bytes stand."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Problem("unknown_encoding", encoding="UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le" if _decodes(head, "utf-16-le") else None
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be" if _decodes(head, "utf-16-be") else None
    return None


def _decodes(head: bytes, codec: str) -> bool:
    try:
        text = head[: len(head) // 2 * 2].decode(
            codec, "strict" if len(head) < SAMPLE else "ignore"
        )
    except UnicodeDecodeError:
        return False
    controls = sum(1 for char in text if char < " " and char not in "\t\r\n")
    return controls < 0.01 * len(text) + 1


def _legacy(head: bytes, path: Path, scan: _Scan) -> str:
    """A one-byte encoding; Problem where the file is UTF-8 but for a few broken bytes."""
    if scan.broken_at is not None and scan.multibyte >= 2:
        # Valid multi-byte letters before the first error: this is damaged UTF-8, not another encoding.
        raise locate_broken(path, "utf-8")
    if _looks_binary(head):
        raise Problem("binary")
    return legacy_codec(_beyond_ascii(head, path, scan))


def _looks_binary(head: bytes) -> bool:
    control = sum(head.count(value) for value in (*range(9), *range(14, 27), *range(28, 32)))
    return control > 0.02 * len(head) + 2


def _beyond_ascii(head: bytes, path: Path, scan: _Scan) -> bytes:
    """The sample to judge: the beginning, or what is around the first letters beyond ASCII."""
    if scan.broken_at is None or scan.broken_at < len(head) - CHUNK // 8:
        return head
    with path.open("rb") as file:
        file.seek(max(0, scan.broken_at - 1024))
        return file.read(SAMPLE)


def legacy_codec(sample: bytes) -> str:
    """The one-byte codec whose text looks most like a language; ties go to windows-1250."""
    words = _foreign_words(sample)
    scores = {codec: _score(words, codec) for codec in _LEGACY}
    best = max(scores.values())
    leaders = [codec for codec in _LEGACY if best - scores[codec] < 0.01]
    if best < 0.6:
        return _second_opinion(sample, leaders)
    return leaders[0]


def _second_opinion(sample: bytes, leaders: list[str]) -> str:
    match = from_bytes(sample[:65536], cp_isolation=list(_LEGACY)).best()
    if match is not None and match.encoding in {"cp1250", "cp1252"}:
        return match.encoding
    return leaders[0]


def _foreign_words(sample: bytes) -> Counter[bytes]:
    """Words with bytes beyond ASCII, with how often they come."""
    return Counter(re.findall(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*", sample))


def _score(words: Counter[bytes], codec: str) -> float:
    """At most 1: the share of letters that one language has, less what no text has."""
    letters: Counter[str] = Counter()
    good = bad = 0.0
    total = 0
    for raw, times in words.items():
        text = raw.decode(codec, "replace")
        foreign = [char for char in text if char > "\x7f"]
        total += times * len(foreign)
        for char in foreign:
            if char.isalpha():
                letters[char.lower()] += times
            elif char in _SIGNS and not _is_inside_word(text, char):
                good += times
            else:
                bad += times * (2.0 if "\x80" <= char < "\xa0" or char == "\ufffd" else 0.3)
        bad += times * 0.5 * _case_breaks(text)
    best = max(_coverage(letters, alphabet) * prior for alphabet, prior in _LANGUAGES)
    return (best + good - bad) / max(total, 1)


def _is_inside_word(text: str, sign: str) -> bool:
    """`Za©titi` and `©ťastný` are no words: © stands behind one at most, quotation marks on one side."""
    at = text.index(sign)
    if sign in "§°©®·´":
        return any(char.isalpha() for char in text[at + 1 :])
    before, after = text[at - 1 : at].isalpha(), text[at + 1 : at + 2].isalpha()
    return sign not in "’–—\xa0" and before and after


def _coverage(letters: Counter[str], alphabet: str) -> float:
    inside = sum(times for letter, times in letters.items() if letter in alphabet)
    return inside - 1.0 * (letters.total() - inside)


def _case_breaks(text: str) -> int:
    """Capitals beyond ASCII after a small letter: `SzegÕ` happens, `leÕny` does not."""
    return sum(
        1
        for before, char, after in zip(text, text[1:], (*text[2:], ""), strict=False)
        if char > "\x7f" and char.isupper() and before.islower() and after.islower()
    )


def _decode_sample(head: bytes, codec: str) -> str:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    return decoder.decode(head)
