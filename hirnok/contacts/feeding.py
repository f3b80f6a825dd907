"""Gives the chunks of a file: a large one is read by a process of its own, so that reading and loading overlap.

Both ways give the same chunks in the same places, so a run that was killed finds them again.
"""

import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from hirnok.contacts import reader
from hirnok.contacts.opening import Opened
from hirnok.contacts.reader import CHUNK, Broke, Said
from hirnok.contacts.reading.problems import Problem

LARGE = 20_000  # rows; starting a process costs as much as reading so many


class ReaderDied(Exception):
    """The process that read the file ended: killed, out of memory, or by a fault of ours."""


@contextmanager
def feed(opened: Opened, size: int = CHUNK) -> Iterator[Iterator[Said]]:
    """Give what `reader.said` yields."""
    if opened.table.estimated_rows < LARGE:
        yield reader.said(opened.recipe, opened.table, size)
        return
    command = [sys.executable, "-m", reader.__name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stdin
        assert process.stdout
        try:
            pickle.dump((opened.recipe, size), process.stdin)
            process.stdin.close()
            yield _heard(process.stdout)
        finally:
            process.kill()


def _heard(stream: IO[bytes]) -> Iterator[Said]:
    """What our own process has to say; nobody else can write there."""
    while True:
        try:
            one = pickle.load(stream)  # noqa: S301
        except (EOFError, pickle.UnpicklingError) as error:
            raise ReaderDied from error
        if one is None:
            return
        if isinstance(one, Broke):
            raise ReaderDied(one.where)
        if isinstance(one, tuple) and isinstance(one[0], str):
            raise Problem(one[0], **one[1])
        yield one
