"""`python -m hirnok.receiver`: take mail until told to end."""

import asyncio
import logging
import signal
import ssl
import sys

from hirnok.lib import clock, env, sql
from hirnok.receiver.server import Receiver
from hirnok.receiver.store import Store


def main() -> int:
    """Listen where the settings say; returns the exit status."""
    logging.basicConfig(
        level=env.get("HIRNOK_LOG_LEVEL").upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    smtp, lmtp = _port("HIRNOK_RECEIVER_SMTP_PORT"), _port("HIRNOK_RECEIVER_LMTP_PORT")
    if smtp is None and lmtp is None:
        sys.stderr.write(
            "The receiver needs HIRNOK_RECEIVER_SMTP_PORT or HIRNOK_RECEIVER_LMTP_PORT.\n"
        )
        return 1
    asyncio.run(_serve(smtp, lmtp))
    return 0


async def _serve(smtp: int | None, lmtp: int | None) -> None:
    receiver = Receiver(
        Store(sql.dsn("edge")),
        clock.now,
        env.get("HIRNOK_RECEIVER_BIND"),
        smtp_port=smtp,
        lmtp_port=lmtp,
        largest=env.number("HIRNOK_RECEIVER_MB") * 1024 * 1024,
        tls=_tls(),
    )
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    await receiver.start()
    await ending.wait()
    await receiver.stop()


def _port(name: str) -> int | None:
    return env.number(name) if env.get(name) else None


def _tls() -> ssl.SSLContext | None:
    certificate = env.get("HIRNOK_RECEIVER_CERTIFICATE")
    if not certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, env.get("HIRNOK_RECEIVER_KEY") or None)
    return context


if __name__ == "__main__":
    raise SystemExit(main())
