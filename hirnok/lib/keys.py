"""Keys, all derived from one installation secret that lives outside the database.

The secret is `HIRNOK_SECRET_KEY` or the file `var/secret.key`, made at first start with mode 0600. Losing
it loses suppression lists, links in mails already sent and stored relay passwords: back it up.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from hirnok.lib import env


class CannotDecrypt(Exception):
    """A stored secret was written under another installation secret."""


def derive(purpose: str, version: int = 1) -> bytes:
    """Return 32 bytes bound to a purpose: HMAC-SHA256 of the installation secret."""
    return hmac.digest(_secret(), f"hirnok/{purpose}/{version}".encode(), hashlib.sha256)


def blind_index_key(tenant_id: int, version: int = 1) -> bytes:
    """Return the key under which a tenant's addresses are indexed (design.md §3)."""
    return derive(f"blind-index/{tenant_id}", version)


def role_password(role: str) -> str:
    """Return the password of a database role, derived so that it is stored nowhere."""
    return derive(f"database-role/{role}").hex()


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


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive("seal")))


def _secret() -> bytes:
    given = env.get("HIRNOK_SECRET_KEY")
    return given.encode() if given else _stored_secret(env.var() / "secret.key")


@lru_cache(maxsize=4)
def _stored_secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f"secret.key.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip().encode()
