"""References to a few rows that very many name: checked once for a statement, not once for each row.

A foreign key asks for every row of an import whether its brand is there (3.5 µs each, half of the time of loading). A
model names such references in `guarded`; the database then refuses the same, by triggers: a statement may only add rows
whose targets are there (they are locked FOR KEY SHARE, as a foreign key does, so that a delete at the same time waits),
and what a deleted target is named by is refused or goes with it, as `db_on_delete` says. docs/decisions/0007 says why.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from hirnok.tenants.keys import ForeignKeyWanted

# Every name in braces is one of ours, from the models.
_CHECK = """
CREATE OR REPLACE FUNCTION {table}_guard_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE one record;
BEGIN
{checks}
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION {table}_guard_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE one record;
BEGIN
{rechecks}
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS {table}_guard_added ON {table};
CREATE TRIGGER {table}_guard_added AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard_added();
DROP TRIGGER IF EXISTS {table}_guard_changed ON {table};
CREATE TRIGGER {table}_guard_changed AFTER UPDATE OF {columns} ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_guard_changed();
"""
_ONE = """    FOR one IN {rows} LOOP
        PERFORM FROM {target} p WHERE {matches} FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}', TABLE = '{table}',
                MESSAGE = 'insert or update on table "{table}" violates foreign key constraint "{name}"';
        END IF;
    END LOOP;"""
_DELETED = """
CREATE OR REPLACE FUNCTION {name}_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
{action}
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS {name}_deleted ON {target};
CREATE TRIGGER {name}_deleted AFTER DELETE OR UPDATE OF {target_columns} ON {target}
FOR EACH ROW EXECUTE FUNCTION {name}_deleted();
"""
_REFUSE = """    IF EXISTS (SELECT FROM {table} c WHERE {named}) AND (TG_OP = 'DELETE' OR ({new}) IS DISTINCT FROM ({old})) THEN
        RAISE EXCEPTION USING ERRCODE = 'restrict_violation', CONSTRAINT = '{name}', TABLE = '{table}',
            MESSAGE = 'update or delete on table "{target}" violates foreign key constraint "{name}" on table "{table}"';
    END IF;"""
_CASCADE = """    IF TG_OP = 'DELETE' THEN
        DELETE FROM {table} c WHERE {named};
        RETURN NULL;
    END IF;"""


def settle(cursor: Any, guarded: Iterable[ForeignKeyWanted]) -> None:
    """Make the database guard these references; what is there already as it should be stays."""
    by_table: dict[str, list[ForeignKeyWanted]] = {}
    for key in guarded:
        by_table.setdefault(key.table, []).append(key)
    for table, keys in by_table.items():
        _settle(cursor, f"{table}_guard_added", _check(table, keys))
        for key in keys:
            _settle(cursor, f"{key.name}_deleted", _deleted(key))


def _settle(cursor: Any, function: str, statements: str) -> None:
    digest = hashlib.sha256(statements.encode()).hexdigest()[:16]
    cursor.execute(
        "SELECT obj_description(p.oid, 'pg_proc') FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'public' AND p.proname = %s",
        [function],
    )
    if cursor.fetchone() != (digest,):
        cursor.execute(statements)
        cursor.execute(f"COMMENT ON FUNCTION {function}() IS '{digest}'")


def _check(table: str, keys: list[ForeignKeyWanted]) -> str:
    return _CHECK.format(
        table=table,
        columns=", ".join(key.columns[-1] for key in keys),
        checks="\n".join(_one(key, _distinct(key)) for key in keys),
        rechecks="\n".join(_one(key, _of_new(key)) for key in keys),
    )


def _one(key: ForeignKeyWanted, rows: str) -> str:
    pairs = zip(key.target_columns, key.columns, strict=True)
    matches = " AND ".join(f"p.{target} = one.{column}" for target, column in pairs)
    return _ONE.format(
        rows=rows, target=key.target, matches=matches, name=key.name, table=key.table
    )


def _distinct(key: ForeignKeyWanted) -> str:
    return (
        f"SELECT DISTINCT {', '.join(key.columns)} FROM added WHERE {key.columns[-1]} IS NOT NULL"  # noqa: S608
    )


def _of_new(key: ForeignKeyWanted) -> str:
    columns = ", ".join(f"NEW.{column} AS {column}" for column in key.columns)
    return f"SELECT {columns} WHERE NEW.{key.columns[-1]} IS NOT NULL"


def _deleted(key: ForeignKeyWanted) -> str:
    pairs = list(zip(key.columns, key.target_columns, strict=True))
    parts = {
        "table": key.table,
        "target": key.target,
        "name": key.name,
        "named": " AND ".join(f"c.{column} = OLD.{target}" for column, target in pairs),
        "new": ", ".join(f"NEW.{target}" for _, target in pairs),
        "old": ", ".join(f"OLD.{target}" for _, target in pairs),
    }
    refuse = _REFUSE.format(**parts)
    action = _CASCADE.format(**parts) + "\n" + refuse if key.on_delete == "CASCADE" else refuse
    return _DELETED.format(action=action, target_columns=", ".join(key.target_columns), **parts)
