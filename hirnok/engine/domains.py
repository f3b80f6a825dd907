"""To which provider a recipient's domain belongs, asked of the domain name system beside the sending.

A domain of the table is known at once. For another one the answer is the domain itself until its MX records have
come; nobody waits for them. Answers are kept for a day, failures for ten minutes.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from hirnok.lib.dns import Resolver, Unanswered
from hirnok.mail.pacing import providers

_DAY, _SOON = 86_400.0, 600.0
_MOST_KNOWN, _MOST_WAITING, _AT_ONCE = 200_000, 10_000, 8


class Domains:
    """The domains this engine has met."""

    def __init__(
        self, mail_servers: Callable[[str], Sequence[tuple[int, str]]] | None = None
    ) -> None:
        """Take the question for MX records; without, those of the system's resolver."""
        self._table = providers.shipped()
        self._ask = mail_servers or Resolver(patience=3.0).mail_servers
        self._known: dict[str, tuple[str, float]] = {}
        self._waiting: dict[str, None] = {}
        self._threads = ThreadPoolExecutor(_AT_ONCE, "mx")

    def provider(self, domain: str) -> str:
        """Return the provider of a lower-case domain: as far as is known, at once."""
        found = self._table.by_domain(domain)
        if found is not None:
            return found
        known = self._known.get(domain)
        if known is None or known[1] < time.monotonic():
            if len(self._waiting) < _MOST_WAITING:
                self._waiting[domain] = None
            return known[0] if known else domain
        return known[0]

    def kept_as(self, provider: str) -> str:
        """Return what may be stored of a provider beside a delivery."""
        return self._table.kept_as(provider)

    async def resolve(self) -> None:
        """Look up what was asked for since the last time."""
        some = [self._waiting.popitem()[0] for _ in range(min(len(self._waiting), 4 * _AT_ONCE))]
        if not some:
            return
        loop = asyncio.get_running_loop()
        answers = await asyncio.gather(
            *(loop.run_in_executor(self._threads, self._look_up, domain) for domain in some)
        )
        if len(self._known) + len(answers) > _MOST_KNOWN:
            self._known.clear()
        self._known.update(answers)

    def close(self) -> None:
        """Ask no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _look_up(self, domain: str) -> tuple[str, tuple[str, float]]:
        try:
            hosts = [host for _, host in self._ask(domain)]
        except Unanswered:
            return domain, (domain, time.monotonic() + _SOON)
        found = self._table.by_mail_servers(hosts)
        return domain, (found or domain, time.monotonic() + _DAY)
