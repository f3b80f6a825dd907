"""The one password of the demo's people."""

import base64

from hirnok.lib import keys


def password() -> str:
    """Return it: the same at every run, another on every installation."""
    return base64.b32encode(keys.derive("demo")[:10]).decode().lower()
