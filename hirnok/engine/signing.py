"""DKIM: messages of a brand that signs are made and signed before they are handed out, by a thread for each processor.

An RSA signature takes ten times as long as everything else that happens to a message, and OpenSSL makes it without
holding Python's lock. So a window is signed in small parts by several threads, while the other lanes send theirs.
"""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from hirnok.engine.jobs import Delivery, Sign, Unsendable, with_crlf
from hirnok.lib import keys
from hirnok.mail import dkim

_PART = 16
_THREADS = ThreadPoolExecutor(os.cpu_count() or 1, "sign")


@lru_cache(256)
def signer(domain: str, key_domain: str | None, selector: str, sealed: str) -> Sign | None:
    """Return what signs the mail of a From domain: None where its brand does not, or the key is of another domain.

    keys.CannotDecrypt where the key cannot be read: rather not sent than sent unsigned.
    """
    if not key_domain or key_domain != domain.lower():
        return None
    return dkim.Signer(key_domain, selector, keys.unseal(sealed)).sign


async def signed_letter(data: bytes, sign: Sign) -> bytes:
    """Return a single mail (any line ends) with CRLF and signed."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, sign, with_crlf(data))


async def signed(jobs: Sequence[Delivery], sign: Sign) -> list[Delivery]:
    """Return the deliveries with their signed messages; those that cannot be made are refused and left out."""
    ready = [job for job in jobs if _is_made(job)]
    loop = asyncio.get_running_loop()
    parts = [ready[at : at + _PART] for at in range(0, len(ready), _PART)]
    await asyncio.gather(
        *(loop.run_in_executor(_THREADS, _sign_part, part, sign) for part in parts)
    )
    return ready


def _sign_part(part: Sequence[Delivery], sign: Sign) -> None:
    for job in part:
        job.body = sign(job.body)


def _is_made(job: Delivery) -> bool:
    try:
        job.prepare()
    except Unsendable as error:
        job.refused(str(error))
        return False
    return True
