"""From a file to chunks, without Django: in this process, or as one of its own beside the loading (`feeding`).

As a process (`python -m hirnok.contacts.reader`) it takes a pickled `Recipe` and gives, pickled, what `said` yields,
then None; a `Problem` or `Broke` instead where it cannot go on.
"""

import gc
import pickle
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from hirnok.contacts.reading.files import Chosen, open_table
from hirnok.contacts.reading.mapping import Mapping
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.rows import Outcome, read_rows
from hirnok.contacts.reading.table import Table
from hirnok.contacts.reading.values import Field
from hirnok.contacts.sorting import Chunk, Sorter

CHUNK = 50_000
# The first chunks are small, so that the planner hears of a tenant's rows before there are many (docs/decisions/0006).
FIRST = (1_000, 10_000)

Said = int | tuple[int, Chunk]


@dataclass(frozen=True)
class Recipe:
    """How a file is opened and read."""

    path: Path
    filename: str
    chosen: Chosen
    mapping: Mapping
    fields: tuple[Field, ...]
    language: str
    status: str | None
    zone: ZoneInfo
    tenant_id: int

    def table(self) -> Table:
        """Open the file."""
        return open_table(self.path, filename=self.filename, **self.chosen)

    def outcomes(self, table: Table) -> Iterator[Outcome]:
        """Read the rows. Problem where the mapping or the file does not allow it."""
        return read_rows(
            table,
            self.mapping,
            fields=self.fields,
            language=self.language,
            status=self.status,
            zone=self.zone,
        )


@dataclass(frozen=True)
class Broke:
    """What went wrong in the reader: the places in the code, without any value of the file."""

    where: str


def said(recipe: Recipe, table: Table, size: int = CHUNK) -> Iterator[Said]:
    """Yield the number of rows, once the file was read to its end, then chunks, each with how many rows are behind.

    Problem, before the first chunk, where the file breaks anywhere.
    """
    yield sum(1 for _ in table.rows())
    sorter = Sorter(recipe.tenant_id, address_at=recipe.mapping.index_of("email"))
    yield from chunks(recipe.outcomes(table), sorter, size)


def chunks(outcomes: Iterator[Outcome], sorter: Sorter, size: int) -> Iterator[tuple[int, Chunk]]:
    """Yield chunks and how many rows are behind when each is done; the same ones for the same file and size."""
    done = 0
    first = iter(FIRST)
    while found := list(islice(outcomes, min(size, next(first, size)))):
        done += len(found)
        yield done, sorter.sort(found)


def main() -> None:
    """Read the file of a recipe that comes in."""
    recipe, size = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    gc.disable()  # rows hold no cycles; looking for some costs a tenth of the time
    out = sys.stdout.buffer
    try:
        for one in said(recipe, recipe.table(), size):
            pickle.dump(one, out, protocol=5)
            out.flush()
        pickle.dump(None, out)
    except Problem as problem:
        pickle.dump((problem.code, problem.details), out)
    except BrokenPipeError:
        return
    except Exception as error:  # noqa: BLE001 - the top of this process; told to its parent
        frames = "".join(traceback.format_tb(error.__traceback__))
        pickle.dump(Broke(f"{type(error).__name__}\n{frames}"), out)


if __name__ == "__main__":
    main()
