"""Proof of work: a number that makes the hash of the form's stamp begin with zero bits (hashcash). Pure.

It is bound to the stamp, which is signed for one form and has a lifetime: so has the proof. `proof.js` finds it.
"""

import hashlib
import re

BITS = 16  # some 65,000 hashes of SHA-256: well under a second on a phone
_NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)


def is_valid(stamp: str, proof: str) -> bool:
    """Whether SHA-256 of `stamp:proof` begins with `BITS` zero bits; the proof is a decimal number."""
    if not _NUMBER.fullmatch(proof):
        return False
    digest = hashlib.sha256(f"{stamp}:{proof}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - BITS) == 0
