"""Keys, all derived from one installation secret that lives outside the database.

The secret is `HIRNOK_SECRET_KEY` or the file `var/secret.key`, made at first start with mode 0600. Losing
it loses suppression lists, links in mails already sent, stored relay passwords and every backup: keep a copy apart.

It can be changed (`rotate`); earlier ones stay behind it, one a line, or in `HIRNOK_OLD_SECRET_KEYS`. What can be
made anew (passwords of roles, sessions, what is sealed, backups) goes with the newest. What was once computed and
has to be found again (blind indexes, links in mails, signatures) stays with the first, for ever.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from hirnok.lib import durable, env


class CannotDecrypt(Exception):
    """A stored secret was written under another installation secret."""


class CannotRotate(Exception):
    """The secret is given by HIRNOK_SECRET_KEY: put a new one there, the old one into HIRNOK_OLD_SECRET_KEYS."""


def derive(purpose: str, version: int = 1) -> bytes:
    """Return 32 bytes bound to a purpose that no rotation changes: HMAC-SHA256 of the first secret."""
    return _derived(_secrets()[-1], purpose, version)


def rotating(purpose: str) -> list[bytes]:
    """Return 32 bytes of every secret for a purpose, the newest first: it makes, any of them reads."""
    return [_derived(secret, purpose) for secret in _secrets()]


def rotate() -> None:
    """Put a fresh secret before the earlier ones in the file; processes have it from their next start."""
    if env.get("HIRNOK_SECRET_KEY"):
        raise CannotRotate
    path = env.var() / "secret.key"
    lines = [secret.decode() for secret in _stored_secrets(path)]
    durable.replace(path, "\n".join([secrets.token_urlsafe(48), *lines, ""]).encode())
    _stored_secrets.cache_clear()


def _derived(secret: bytes, purpose: str, version: int = 1) -> bytes:
    return hmac.digest(secret, f"hirnok/{purpose}/{version}".encode(), hashlib.sha256)


def blind_index_key(tenant_id: int, version: int = 1) -> bytes:
    """Return the key under which a tenant's addresses are indexed (design.md §3)."""
    return derive(f"blind-index/{tenant_id}", version)


def role_password(role: str) -> str:
    """Return the password of a database role, derived so that it is stored nowhere."""
    return rotating(f"database-role/{role}")[0].hex()


def seal(text: str) -> str:
    """Encrypt a secret that has to be used again (a relay's password) for storing."""
    return _fernet().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """Decrypt what `seal` made; CannotDecrypt when the key is another one."""
    if not sealed:
        return ""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotDecrypt from error


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in rotating("seal")])


def _secrets() -> tuple[bytes, ...]:
    """The secrets, the newest first."""
    given = env.get("HIRNOK_SECRET_KEY")
    older = env.get("HIRNOK_OLD_SECRET_KEYS").split()
    found = (given.encode(),) if given else _stored_secrets(env.var() / "secret.key")
    return (*found, *(secret.encode() for secret in older))


@lru_cache(maxsize=4)
def _stored_secrets(path: Path) -> tuple[bytes, ...]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f"secret.key.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return tuple(path.read_text().strip().encode().splitlines())
