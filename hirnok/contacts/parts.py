"""The uploaded file, in pieces in the database, so that any host's worker can read it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from hirnok.contacts.models import Import, ImportPart
from hirnok.contacts.reading.problems import Problem

PIECE = 1 << 20


def store(run: Import, pieces: Iterable[bytes], *, limit: int) -> int:
    """Keep a file; return its size in bytes. Problem when it is larger than `limit`."""
    size = 0
    for number, piece in enumerate(_even(pieces)):
        size += len(piece)
        if size > limit:
            raise Problem("too_large", limit=limit >> 20)
        ImportPart.objects.create(tenant_id=run.tenant_id, run=run, number=number, data=piece)
    return size


@contextmanager
def file_of(run: Import) -> Iterator[Path]:
    """Give the file as a temporary one that goes with the block."""
    numbers = ImportPart.objects.filter(tenant_id=run.tenant_id, run=run).order_by("number")
    with NamedTemporaryFile(prefix="hirnok-import-") as file:
        for number in numbers.values_list("number", flat=True):
            file.write(numbers.values_list("data", flat=True).get(number=number))
        file.flush()
        yield Path(file.name)


def drop(run: Import) -> None:
    """Remove the file."""
    ImportPart.objects.filter(tenant_id=run.tenant_id, run=run).delete()


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut into pieces of one size, whatever sizes come."""
    kept = bytearray()
    for piece in pieces:
        kept += piece
        while len(kept) >= PIECE:
            yield bytes(kept[:PIECE])
            del kept[:PIECE]
    if kept:
        yield bytes(kept)
