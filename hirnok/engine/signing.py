"""Messages of a brand that signs are made and signed before they are handed out, by a thread for each processor.

An RSA signature takes ten times as long as everything else that happens to a message, and OpenSSL makes it without
holding Python's lock. So a window is signed in small parts by several threads, while the other lanes send theirs.
"""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from hirnok.engine.jobs import Delivery, Sign, Unsendable

_PART = 16
_THREADS = ThreadPoolExecutor(os.cpu_count() or 1, "sign")


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
