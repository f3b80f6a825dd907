"""Finding contacts by any part of an address or a name, among very many, under row-level security.

Each contact has a `SearchKey`: numbers for the letters and pairs of letters that its address and names have. A search
asks an index for contacts that have all of those of its words; the few that come are then compared as they are. Where so
many have them that a page fills quickly, the page just walks along its order. Keys are made by the worker; contacts that
wait for theirs (`Unsearched`) are always candidates, so that a search finds the same at any moment. A key goes with its
contact, by the database.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.db import connection, transaction

from hirnok.tenants.models import Tenant

FEW = 4_000  # candidates that are looked at one by one
AT_ONCE = 20_000

_TAKE = """
DELETE FROM contacts_unsearched WHERE id IN (
    SELECT id FROM contacts_unsearched ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING contact_id
"""
_READ = """
SELECT id, tenant_id, email, first_name, last_name FROM contacts_contact WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE
"""
_STAGE = """
DROP TABLE IF EXISTS pg_temp.search_key;
CREATE TEMP TABLE search_key (id bigint, tenant_id bigint, letters int[]) ON COMMIT DROP
"""
_COPY = "COPY pg_temp.search_key FROM STDIN"
_KEEP = """
INSERT INTO contacts_searchkey (id, tenant_id, letters) SELECT id, tenant_id, letters FROM pg_temp.search_key
ON CONFLICT (id, tenant_id) DO UPDATE SET letters = excluded.letters
"""


def letters(*texts: str) -> set[int]:
    """Return the numbers of each letter and each pair of letters of some texts, whatever their case."""
    found: set[int] = set()
    for text in texts:
        codes = [ord(char) for char in _upper(text)]
        found.update(codes)
        found.update(_PAIRS + (one * 4099 + two) % _PAIRS for one, two in pairwise(codes))
    return found


_PAIRS = 1 << 30  # numbers from here on are pairs; two pairs with one number only cost a look


def candidates(tenant: Tenant, words: Sequence[str]) -> list[int] | None:
    """Return the contacts among which all are that have these words; None where there are too many to list."""
    wanted = letters(*words)
    if not wanted:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contacts_candidates(%s, %s, %s)", [tenant.pk, sorted(wanted), FEW + 1]
        )
        found = [number for (number,) in cursor.fetchall()]
    return None if len(found) > FEW or None in found else found


def make_keys(at_once: int = AT_ONCE) -> int:
    """Make the keys of contacts that wait for theirs; returns how many waited. Each step is one transaction."""
    done = 0
    while taken := _make_some(at_once):
        done += taken
    return done


@transaction.atomic
def _make_some(at_once: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [at_once])
        numbers = [number for (number,) in cursor.fetchall()]
        if not numbers:
            return 0
        cursor.execute(_READ, [numbers])
        rows = cursor.fetchall()
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for number, tenant_id, *texts in rows:
                copy.write(
                    f"{number}\t{tenant_id}\t{_array(tenant_id, letters(*texts))}\n".encode()
                )
        cursor.execute(_KEEP)
    return len(numbers)


def _array(tenant_id: int, found: Iterable[int]) -> str:
    """Write an array with the tenant's own number, below zero, so that the index keeps tenants apart."""
    return "{" + ",".join(map(str, (-tenant_id, *sorted(found)))) + "}"


def _upper(text: str) -> str:
    """Upper case letter by letter, as the database's UPPER has it: ß stays what it is."""
    upper = text.upper()
    if len(upper) == len(text):
        return upper
    return "".join(big if len(big := char.upper()) == 1 else char for char in text)
