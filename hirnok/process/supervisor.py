"""`hirnok up`: every process and the embedded database under one parent.

It promises: a process that ends is started again (waiting longer each time it ends early), the embedded
database too; all output has the process's name before it; SIGINT and SIGTERM stop everything within
seconds; when the supervisor itself is killed its processes end. What the processes do is left to them.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hirnok.lib import env, maintenance
from hirnok.process import database, locks, ports, postgres, programs
from hirnok.process.programs import Program

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the next start of a process that ends early
EARLY = 60.0  # seconds; who lives longer starts again at the first pause
GRACE = 15.0  # seconds between asking and killing; the engine hands its work back within ten
LOOK = 1.0  # seconds between two looks at the embedded database
LONGEST_LINE = 1 << 20
DURING_MAINTENANCE = ("web", "sandbox")  # the web process says so to everybody

_DEFAULTS = {setting.name: setting.default for setting in env.SETTINGS}

Say = Callable[[str, str], None]


class AlreadyUp(Exception):
    """`hirnok up` already runs on this data folder."""


def to_terminal(name: str, line: str) -> None:
    """Write one line with the name of the process it comes from."""
    sys.stdout.write(f"{name:>8} | {line}\n")
    sys.stdout.flush()


def up(*, demo: bool = False, sandbox: bool = False, say: Say = to_terminal) -> int:
    """Run everything until told to stop; with `sandbox` also the mail sandbox, with `demo` that and the demo job.

    Returns an exit status.
    """
    sandbox = sandbox or demo
    folder = env.var() / "run"
    signal.signal(signal.SIGTERM, _interrupt)
    (env.var() / "static").mkdir(parents=True, exist_ok=True)  # the web process looks for it
    with only_one(folder), contextlib.suppress(KeyboardInterrupt):
        address(
            ports.choose(
                (*programs.PORTS, *(programs.SANDBOX_PORTS if sandbox else ())),
                folder / "ports.json",
            )
        )
        if sandbox:
            os.environ["HIRNOK_PRIVATE_RELAYS"] = "1"  # the sandbox is one
        if demo:
            os.environ["HIRNOK_PROXIES"] = "1"  # its readers come from afar, as they say themselves
        say("hirnok", "starting the database")
        with database.running():
            serving = [
                programs.SERVING[name]()
                for name in programs.SERVING
                if (sandbox or name != "sandbox") and programs.is_configured(name)
            ]
            longest = float(env.number("HIRNOK_LONGEST_PAUSE"))
            supervisor = Supervisor(
                serving,
                folder,
                say,
                demo=programs.demo() if demo else None,
                pauses=tuple(min(pause, longest) for pause in PAUSES),
            )
            return asyncio.run(supervisor.run())
    return 0


def single(program: Program) -> int:
    """Become one process of a production set-up; with the embedded database stay as its supervisor."""
    (env.var() / "static").mkdir(parents=True, exist_ok=True)
    if env.get("DATABASE_URL"):
        os.execve(program.command[0], program.command, os.environ | program.environment)  # noqa: S606
    signal.signal(signal.SIGTERM, _interrupt)
    with contextlib.suppress(KeyboardInterrupt), database.running():
        return asyncio.run(Supervisor([program], env.var() / "run", migrated=True).run())
    return 0


def address(chosen: Mapping[str, int]) -> None:
    """Put the chosen ports, and the URLs that follow from them, into the environment of all processes."""
    os.environ.update({name: str(port) for name, port in chosen.items()})
    for setting, port in (
        ("HIRNOK_PUBLIC_URL", "HIRNOK_WEB_PORT"),
        ("HIRNOK_TRACKER_URL", "HIRNOK_TRACKER_PORT"),
    ):
        if env.get(setting) == _DEFAULTS[setting]:
            os.environ[setting] = f"http://localhost:{env.get(port)}"


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder's lock and PID file; AlreadyUp when somebody else does."""
    try:
        with locks.alone(folder / "up.lock", patience=0):
            (folder / "up.pid").write_text(str(os.getpid()))
            yield
            (folder / "up.pid").unlink(missing_ok=True)
    except locks.StillLocked as error:
        raise AlreadyUp from error


@dataclass
class Supervisor:
    """Keeps processes alive. `migrated`: they are a part of something that is set up and announced elsewhere."""

    serving: Sequence[Program]
    folder: Path
    say: Say = to_terminal
    demo: Program | None = None
    migrated: bool = False
    pauses: Sequence[float] = PAUSES
    grace: float = GRACE
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """Start everything and wait for a signal."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        self.folder.mkdir(parents=True, exist_ok=True)
        if going_on := maintenance.current():
            self.say(
                "hirnok", f"UNDER MAINTENANCE, nothing but the excuse is served: {going_on.why}"
            )
        elif not self.migrated:
            self.say("hirnok", "bringing the database up to date")
            first = [programs.migrate()] if self.demo else [programs.migrate(), programs.begin()]
            for program in first:
                if await self._once(program) != 0:
                    return 1
        tasks = [asyncio.create_task(self._keep(program)) for program in self.serving]
        tasks.append(asyncio.create_task(self._keep_database()))
        if not self.migrated:
            tasks.append(asyncio.create_task(self._greet()))
        await self._stopping.wait()
        self.say("hirnok", "stopping")
        await asyncio.gather(*tasks)
        return 0

    async def _keep(self, program: Program) -> None:
        """Start a process again whenever it ends, until we stop."""
        failures = 0
        while not self._stopping.is_set():
            if program.name not in DURING_MAINTENANCE and maintenance.current():
                await self._pause(LOOK)
                continue
            started = time.monotonic()
            try:
                ending = _ending(await self._once(program))
            except OSError as error:  # the machine has no process, file or pipe to give now
                ending = f"cannot start: {error.strerror}"
            if self._stopping.is_set():
                return
            failures = 0 if time.monotonic() - started > EARLY else failures + 1
            pause = self.pauses[min(failures, len(self.pauses)) - 1] if failures else self.pauses[0]
            self.say("hirnok", f"{program.name} ended ({ending}); starts again in {pause:g} s")
            await self._pause(pause)

    async def _once(self, program: Program) -> int:
        """Run a process to its end, or end it when we stop; returns its status."""
        process, relay = await self._started(program)
        pid_file = self.folder / f"{program.name}.pid"
        with contextlib.suppress(OSError):  # for people; a full disk is no reason not to serve
            pid_file.write_text(str(process.pid))
        waiting = [
            asyncio.create_task(process.wait()),
            asyncio.create_task(self._asked_to_end(program)),
        ]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        waiting[1].cancel()
        status = await _ended(process, self.grace)
        await asyncio.wait([relay], timeout=self.grace)
        relay.cancel()
        with contextlib.suppress(OSError):
            pid_file.unlink(missing_ok=True)
        return status

    async def _asked_to_end(self, program: Program) -> None:
        """Wait until this process has to end: we stop, or maintenance begins."""
        while not await self._pause(LOOK):
            if (
                program.name in programs.SERVING.keys() - DURING_MAINTENANCE
                and maintenance.current()
            ):
                return

    async def _started(
        self, program: Program
    ) -> tuple[asyncio.subprocess.Process, asyncio.Task[None]]:
        """Start a process in a session of its own, and relay its output.

        The pipe is ours: with asyncio's, `wait` would also wait for whoever else holds its other end.
        """
        read, write = os.pipe()
        shim = (sys.executable, "-m", "hirnok.process.child", str(os.getpid()))
        process = await asyncio.create_subprocess_exec(
            *shim,
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=write,
            stderr=write,
            env=os.environ | program.environment,
            start_new_session=True,
        )
        os.close(write)
        return process, asyncio.create_task(self._relay(program.name, read))

    async def _relay(self, name: str, pipe: int) -> None:
        """Say every line that comes out of a pipe; one longer than LONGEST_LINE is dropped."""
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb")
        )
        try:
            while True:
                try:
                    line = await reader.readline()
                except ValueError:
                    continue
                if not line:
                    return
                self.say(name, line.decode(errors="replace").rstrip())
        finally:
            transport.close()

    async def _keep_database(self) -> None:
        """Revive the embedded database when it is gone."""
        cluster = database.embedded()
        if env.get("DATABASE_URL") != database.embedded_url(cluster):
            return
        while not self._stopping.is_set():
            if postgres.postmaster(cluster) is None:
                self.say("hirnok", "the database is gone; starting it again")
                try:
                    await asyncio.to_thread(postgres.start, cluster)
                except (
                    postgres.DidNotStart,
                    locks.StillLocked,
                    OSError,
                    subprocess.TimeoutExpired,
                ) as error:
                    self.say("hirnok", f"the database does not start: {error}")
                    await self._pause(self.pauses[-1])
            await self._pause(LOOK)

    async def _greet(self) -> None:
        """Say where we are once every port answers, and run the demo."""
        host = env.get("HIRNOK_BIND")
        awaited = [env.number(program.port) for program in self.serving if program.port]
        while not all(
            await asyncio.gather(
                *(asyncio.to_thread(ports.answers, host, port) for port in awaited)
            )
        ):
            if await self._pause(0.2):
                return
        self.say("hirnok", f"ready: {env.get('HIRNOK_PUBLIC_URL')}  (Ctrl-C stops everything)")
        if self.demo is not None:
            status = await self._once(self.demo)
            if not self._stopping.is_set():
                self.say(
                    "hirnok",
                    "the demo is ready" if status == 0 else f"the demo failed ({_ending(status)})",
                )

    async def _pause(self, seconds: float) -> bool:
        """Wait, or less when we stop; whether we stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()


async def _ended(process: asyncio.subprocess.Process, grace: float) -> int:
    """End a process and all it started: ask, wait, kill. Returns the status of the process itself."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), grace)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return await process.wait()


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
