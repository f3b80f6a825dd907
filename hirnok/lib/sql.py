"""Connection strings by role. The three roles of a database D are its owner, `D_web` and `D_edge`."""

from typing import Any

from psycopg import conninfo

from hirnok.lib import env, keys

ROLES = ("web", "edge")


def role_name(database: str, role: str) -> str:
    """Return the login role's name: `hirnok`, `web` -> `hirnok_web`."""
    return f"{database}_{role}"


def parameters(role: str | None = None, url: str | None = None) -> dict[str, Any]:
    """Return libpq parameters of `DATABASE_URL` (or `url`) for owner, web or edge; {} when none is set."""
    wanted = role or env.get("HIRNOK_ROLE")
    given: dict[str, Any] = dict(conninfo.conninfo_to_dict(url or env.get("DATABASE_URL")))
    if not given or wanted == "owner":
        return given
    if wanted not in ROLES:
        raise ValueError("HIRNOK_ROLE must be web, edge or owner")
    name = role_name(str(given["dbname"]), wanted)
    return given | {"user": name, "password": keys.role_password(name)}


def dsn(role: str | None = None, url: str | None = None) -> str:
    """Return the same as one connection string."""
    return conninfo.make_conninfo("", **parameters(role, url))
