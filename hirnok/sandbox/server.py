"""A sandbox as a thing that can be started and stopped: by the command, or inside a test in a thread.

with server.start(folder, rules=rules.DEMO) as sandbox:
    …send to sandbox.host, sandbox.port…
    sandbox.store.newest()
"""

import asyncio
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import uvloop

from hirnok.sandbox import web
from hirnok.sandbox.rules import Book, Rule
from hirnok.sandbox.smtp import Options, Session, Site
from hirnok.sandbox.store import Store

DEFAULT_LIMIT = 512 * 1024 * 1024


@dataclass(frozen=True)
class Address:
    """Where to listen; port 0 takes a free one."""

    host: str = "127.0.0.1"
    smtp_port: int = 0
    web_port: int = 0


class Sandbox:
    """A running sandbox."""

    def __init__(self, site: Site, address: Address) -> None:
        """Bind both servers and serve in threads; OSError when a port is taken."""
        self.site, self.store, self.host = site, site.store, address.host
        self._loop = uvloop.new_event_loop()
        self._server = self._loop.run_until_complete(self._listen(address))
        self.port = int(self._server.sockets[0].getsockname()[1])
        try:
            self._web = web.serve(site.store, address.host, address.web_port)
        except OSError:
            self._server.close()
            self._loop.close()
            raise
        self.web_port = int(self._web.server_address[1])
        self._threads = [
            threading.Thread(target=self._loop.run_forever, name="sandbox-smtp", daemon=True),
            threading.Thread(
                target=self._web.serve_forever, args=(0.1,), name="sandbox-web", daemon=True
            ),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def url(self) -> str:
        """Return the address of the pages."""
        return f"http://{self.host}:{self.web_port}"

    def stop(self) -> None:
        """Close both servers and the files. May be called twice."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._web.shutdown()
        self._web.server_close()
        for thread in self._threads:
            thread.join(10)
        self._loop.close()
        self.store.close()

    def disconnect(self) -> None:
        """Cut every open SMTP connection (for tests)."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    def __enter__(self) -> "Sandbox":
        """Return itself, running."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    async def _listen(self, address: Address) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(
            lambda: Session(self.site),
            address.host,
            address.smtp_port,
            ssl=self.site.options.tls,
            backlog=1024,
        )

    async def _shut(self) -> None:
        self._server.close()
        await self._cut()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._server.wait_closed(), 5)

    async def _cut(self) -> None:
        for session in list(self.site.open):
            session.close()
        await asyncio.sleep(0)


def start(
    folder: Path,
    *,
    rules: Iterable[Rule] = (),
    options: Options | None = None,
    address: Address | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Sandbox:
    """Start a sandbox that keeps its mail in `folder`."""
    store = Store(folder, limit)
    site = Site(store, Book(rules), options or Options())
    try:
        return Sandbox(site, address or Address())
    except OSError:
        store.close()
        raise
