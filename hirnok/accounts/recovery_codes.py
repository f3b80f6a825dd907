"""Recovery codes as slow, salted hashes (ASVS 5.0.0 6.5.2), in place of allauth's, which keeps the seed of them.

allauth has no setting for this: `install` puts the class below where allauth looks for its own. The codes themselves
are shown once, from the session in which they were made; they wait there sealed until that page is shown.
"""

import json
import secrets
from typing import Any

from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth, flows
from django.contrib.auth.hashers import get_hasher
from django.db import transaction
from django.utils.crypto import constant_time_compare

from hirnok.accounts.models import User
from hirnok.lib import keys

WAITING = "recovery_codes"  # in the session
HIDDEN = "••••••••"


class HashedCodes(auth.RecoveryCodes):  # type: ignore[misc]
    """The codes of a user: as many hashes as codes are left, all under one salt of the set."""

    instance: Authenticator

    @classmethod
    def activate(cls, user: User) -> "HashedCodes":
        """Make codes for a user who has none."""
        kind = Authenticator.Type.RECOVERY_CODES
        found = Authenticator.objects.filter(user=user, type=kind).first()
        if found is not None:
            return cls(found)
        codes, salt = _draw(), get_hasher().salt()
        hashes = [get_hasher().encode(code, salt) for code in codes]
        made = Authenticator.objects.create(
            user=user, type=kind, data={"salt": salt, "hashes": hashes}
        )
        context.request.session[WAITING] = keys.seal(json.dumps(codes))
        return cls(made)

    def get_unused_codes(self) -> list[str]:
        """Return the codes, the first time in the session that made them; afterwards only how many there are."""
        sealed = context.request.session.pop(WAITING, "")
        return json.loads(keys.unseal(sealed)) if sealed else [HIDDEN] * self.left

    @property
    def left(self) -> int:
        """How many have not been used."""
        return len(self.instance.data.get("hashes", ()))

    @transaction.atomic
    def validate_code(self, code: str) -> bool:
        """Take a code that is right, once."""
        typed = "".join(code.split())
        if len(typed) != app_settings.RECOVERY_CODE_DIGITS or not typed.isdecimal():
            return False
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)
        data: dict[str, Any] = self.instance.data
        tried = get_hasher().encode(typed, data["salt"])
        left = [one for one in data["hashes"] if not constant_time_compare(one, tried)]
        if len(left) == len(data["hashes"]):
            return False
        data["hashes"] = left
        self.instance.save(update_fields=["data"])
        return True


def install() -> None:
    """Let allauth use these (`AccountsConfig.ready`)."""
    auth.RecoveryCodes = flows.RecoveryCodes = HashedCodes


def _draw() -> list[str]:
    digits = app_settings.RECOVERY_CODE_DIGITS
    return [
        f"{secrets.randbelow(10**digits):0{digits}}"
        for _ in range(app_settings.RECOVERY_CODE_COUNT)
    ]
