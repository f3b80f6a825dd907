"""Encrypted backups: one folder each, `hirnok-20260131T031500Z`, complete or not there.

    manifest.json        what it is of, when, sizes and SHA-256 of the parts, and an HMAC over all of that
    database.dump.age    pg_dump's custom format
    files.tar.age        what lies beside the database and belongs to it: erasure ledger, trail of suppressions,
                         audit checkpoints

Parts are encrypted while they are made, in the format age (age-encryption.org/v1, X25519), for a key that derives
from the installation secret and lies nowhere in the backup. A backup is written under another name, read again to
its end, and only then given its name. Beside the backups `erasures/`, `suppressions/` and `checkpoints/` follow the live ones, for
a ledger that is older than the backup cannot bring it up to date.
"""

import hashlib
import hmac
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

import psycopg
import pyrage

from hirnok import __version__
from hirnok.lib import durable, env, keys
from hirnok.process import layout, locks

PREFIX = "hirnok-"
STAMP = "%Y%m%dT%H%M%SZ"
MANIFEST = "manifest.json"
DUMP = "database.dump.age"
FILES = "files.tar.age"
BESIDE = ("erasures", "suppressions", "checkpoints")  # folders of var/ that are never set back
FORMAT = 1
CHUNK = 1 << 20
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # BIP 173


class BackupFailed(Exception):
    """The backup was not made; nothing is left of it."""


class WrongKey(Exception):
    """The backup was made under another installation secret: give that one in HIRNOK_OLD_SECRET_KEYS."""


class Altered(Exception):
    """The backup is not what was written: something in it is changed, cut off or missing."""


@dataclass(frozen=True)
class Part:
    """A file of a backup: its size and SHA-256 as it lies there, and the SHA-256 of what is in it."""

    name: str
    size: int
    sha256: str
    content_sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    version: str
    database: str
    server: int
    at: str
    recipient: str
    parts: tuple[Part, ...]

    def signed(self) -> bytes:
        """Return what the HMAC is over."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()


def back_up(folder: Path, url: str, at: datetime) -> Path:
    """Write, read again and name a backup of the database at `url` (its owner's); BackupFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    with locks.alone(folder / ".lock", patience=0):
        for left in folder.glob(f"{PREFIX}*.part"):  # of one that was killed
            shutil.rmtree(left)
        name = f"{PREFIX}{at.astimezone(UTC):{STAMP}}"
        half = folder / f"{name}.part"
        try:
            half.mkdir(mode=0o700)
            _write(half, url, at)
            verify(half)
            durable.sync(half)
            half.rename(folder / name)
            durable.sync(folder)
        except (OSError, pyrage.EncryptError, Altered, psycopg.Error) as error:
            shutil.rmtree(half, ignore_errors=True)
            raise BackupFailed(str(error)) from error
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
    follow(folder)
    return folder / name


def follow(folder: Path) -> None:
    """Bring the copies of erasure ledger and checkpoints beside the backups up to date; they only grow."""
    for name in BESIDE:
        for source in sorted((env.var() / name).glob("*.jsonl")):
            add_lines(source.read_bytes(), folder / name / source.name)


def add_lines(given: bytes, target: Path) -> int:
    """Add to a file of lines those that it does not have, whole ones only; how many."""
    have = set(target.read_bytes().splitlines()) if target.exists() else set()
    ends = given.rfind(b"\n") + 1
    missing = [line for line in given[:ends].splitlines() if line and line not in have]
    if missing:
        durable.append(target, b"\n" + b"\n".join(missing) + b"\n")
    return len(missing)


def backups(folder: Path) -> list[tuple[datetime, Path]]:
    """Return the complete backups in a folder with the instants of their names, the oldest first."""
    found = []
    for path in folder.glob(f"{PREFIX}*"):
        try:
            at = datetime.strptime(path.name.removeprefix(PREFIX), STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue
        found.append((at, path))
    return sorted(found)


def forget(folder: Path, before: datetime) -> list[Path]:
    """Delete the backups that were made before an instant; returns which."""
    gone = []
    for at, path in backups(folder):
        if at < before:
            leaving = path.with_name(f"{path.name}.part")
            path.rename(leaving)  # never half a backup under its name
            shutil.rmtree(leaving)
            gone.append(path)
    return gone


def verify(backup: Path) -> Manifest:
    """Read a whole backup and hold it against its manifest; WrongKey, Altered."""
    manifest = read_manifest(backup)
    for part in manifest.parts:
        sink = _Hashed(None)
        try:
            with (backup / part.name).open("rb") as stored:
                source = _Hashed(stored)
                pyrage.decrypt_io(source, sink, [_identity_of(manifest)])
        except (OSError, pyrage.DecryptError) as error:
            raise Altered(f"{part.name}: {error}") from error
        if (source.size, source.hex, sink.hex) != (part.size, part.sha256, part.content_sha256):
            raise Altered(part.name)
    return manifest


def read_manifest(backup: Path) -> Manifest:
    """Return what a backup says of itself; WrongKey, Altered."""
    try:
        told = json.loads((backup / MANIFEST).read_bytes())
        signature = bytes.fromhex(told.pop("hmac"))
        manifest = Manifest(**told | {"parts": tuple(Part(**part) for part in told["parts"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Altered(f"{MANIFEST}: {error}") from error
    if manifest.recipient not in _recipients():
        raise WrongKey(backup)
    key = keys.rotating("backup-manifest")[_recipients().index(manifest.recipient)]
    if not hmac.compare_digest(hmac.digest(key, manifest.signed(), hashlib.sha256), signature):
        raise Altered(MANIFEST)
    if manifest.format != FORMAT or {part.name for part in manifest.parts} != {DUMP, FILES}:
        raise Altered(f"{MANIFEST}: another form of backup")
    return manifest


def opened(backup: Path, manifest: Manifest, name: str, sink: IO[bytes]) -> None:
    """Decrypt a part into `sink`; Altered."""
    try:
        with (backup / name).open("rb") as stored:
            pyrage.decrypt_io(stored, sink, [_identity_of(manifest)])
    except pyrage.DecryptError as error:
        raise Altered(f"{name}: {error}") from error


def files(backup: Path, manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a backup that belong beside the database: path below var/, content."""
    held = io.BytesIO()
    opened(backup, manifest, FILES, held)
    held.seek(0)
    with tarfile.open(fileobj=held) as archive:
        for member in archive:
            content = archive.extractfile(member)
            folder, _, name = member.name.partition("/")
            if content is not None and folder in BESIDE and "/" not in name:
                yield member.name, content.read()


def program(name: str, server: int) -> Path:
    """Return pg_dump or pg_restore that fits a server (its version as a number, 150004): the same major
    version of the system if it is there, or the embedded one's."""
    wanted = server // 10000
    debian = Path(f"/usr/lib/postgresql/{wanted}/bin/{name}")
    return debian if debian.exists() else layout.programs() / name


def connection_environment(url: str) -> dict[str, str]:
    """Return the environment in which libpq's programs find a database; the password is in no command line."""
    names = {
        "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
        "password": "PGPASSWORD", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "options": "PGOPTIONS",
    }  # fmt: skip
    given = psycopg.conninfo.conninfo_to_dict(url)
    return os.environ | {names[key]: str(value) for key, value in given.items() if key in names}


def _write(half: Path, url: str, at: datetime) -> None:
    with psycopg.connect(url, connect_timeout=30) as connection:
        server, name = connection.info.server_version, connection.info.dbname
    dump = [program("pg_dump", server), "--format=custom", "--compress=6", "--no-owner"]
    parts = (
        _encrypted(half / FILES, _files_beside),
        _encrypted(half / DUMP, lambda: _dumped([str(word) for word in dump], url)),
    )
    manifest = Manifest(
        FORMAT, __version__, name, server, at.astimezone(UTC).isoformat(), _recipients()[0], parts
    )
    signature = hmac.digest(keys.rotating("backup-manifest")[0], manifest.signed(), hashlib.sha256)
    told = asdict(manifest) | {"hmac": signature.hex()}
    durable.replace(half / MANIFEST, json.dumps(told, indent=1).encode())


def _encrypted(path: Path, source: Callable[[], Any]) -> Part:
    """Write one part while it is made."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source() as plain, os.fdopen(descriptor, "wb") as stored:
        reading, writing = _Hashed(plain), _Hashed(stored)
        recipient = pyrage.x25519.Recipient.from_str(_recipients()[0])
        pyrage.encrypt_io(reading, writing, [recipient])
        stored.flush()
        os.fsync(stored.fileno())
    return Part(path.name, writing.size, writing.hex, reading.hex)


def _files_beside() -> IO[bytes]:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for folder in BESIDE:
            for path in sorted((env.var() / folder).glob("*.jsonl")):
                content = path.read_bytes()  # it may grow meanwhile
                member = tarfile.TarInfo(f"{folder}/{path.name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    held.seek(0)
    return held


class _dumped:  # noqa: N801 (a context, used as a function)
    """The output of pg_dump; that it ended well is known at the end."""

    def __init__(self, command: list[str], url: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=connection_environment(url)
        )

    def __enter__(self) -> IO[bytes]:
        return cast("IO[bytes]", self.process.stdout)

    def __exit__(self, failure: object, *_: object) -> None:
        if failure is not None:
            self.process.kill()
        said = self.process.communicate()[1]
        if failure is None and self.process.returncode != 0:
            raise BackupFailed(said.decode(errors="replace").strip()[-500:])


class _Hashed(io.RawIOBase):
    """A file that counts and hashes what goes through; without a file, that alone."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self.file, self.size, self._hash = file, 0, hashlib.sha256()

    @property
    def hex(self) -> str:
        return self._hash.hexdigest()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert self.file is not None
        found = self.file.read(size)
        self._count(found)
        return found

    def write(self, data: Any) -> int:
        self._count(bytes(data))
        if self.file is not None:
            self.file.write(data)
        return len(data)

    def _count(self, data: bytes) -> None:
        self.size += len(data)
        self._hash.update(data)


def _identity_of(manifest: Manifest) -> Any:
    return _identities()[_recipients().index(manifest.recipient)]


def _recipients() -> list[str]:
    return [str(identity.to_public()) for identity in _identities()]


def _identities() -> list[Any]:
    """The keys of backups, of the newest secret first."""
    return [
        pyrage.x25519.Identity.from_str(_bech32("age-secret-key-", key).upper())
        for key in keys.rotating("backup")
    ]


def _bech32(prefix: str, data: bytes) -> str:
    """Return bytes in Bech32 (BIP 173), as age writes its keys."""
    bits = int.from_bytes(data, "big") << (-len(data) * 8 % 5)
    count = -(-len(data) * 8 // 5)
    words = [bits >> 5 * (count - 1 - index) & 31 for index in range(count)]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = _polymod([*expanded, *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [check >> 5 * (5 - index) & 31 for index in range(6)]
    return f"{prefix}1" + "".join(_BECH32[word] for word in words)


def _polymod(words: list[int]) -> int:
    checksum = 1
    for word in words:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ word
        for index, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            checksum ^= generator if top >> index & 1 else 0
    return checksum
