"""Two engines on two hosts share one database over the network; one of them loses its network in the middle."""

from collections import Counter
from pathlib import Path
from urllib.parse import quote

from psycopg import conninfo

from hirnok.outbox.models import Batch, Message, Repetition, State
from hirnok.sandbox import server
from tests import hosts
from tests.edge.sending import (
    PATIENCE,
    Sending,
    accepted,
    addresses,
    finished,
    repeated,
    states,
    wait_until,
)

LANES, WINDOW, CONNECTIONS = 1, 32, 4
OPTIONS = ("--lanes", str(LANES), "--window", str(WINDOW), "--lease", "4")


def test_two_hosts_finish_a_campaign_although_one_loses_its_network(
    sending: Sending, tmp_path: Path
) -> None:
    everywhere = server.Address("0.0.0.0")
    parts = conninfo.conninfo_to_dict(sending.url)
    socket = Path(str(parts["host"])) / f".s.PGSQL.{parts.get('port') or 5432}"
    with (
        hosts.hosts(2) as (near, far),
        hosts.forwarded(socket) as port,
        server.start(tmp_path / "world", address=everywhere) as sandbox,
    ):
        sending.point_to(sandbox, host=hosts.US, connections=CONNECTIONS, messages_per_second=250)
        url = (
            f"postgresql://{quote(str(parts['user']))}:{quote(str(parts['password']))}"
            f"@{hosts.US}:{port}/{parts['dbname']}"
        )
        with (
            sending.engine(*OPTIONS, host=near, url=url),
            sending.engine(*OPTIONS, host=far, url=url) as cut_off,
        ):
            message = sending.launch(addresses(6000))
            wait_until(lambda: len(_owners(message)) == 2, "both have a batch")
            before = len(accepted(sandbox))
            wait_until(lambda: len(accepted(sandbox)) > before + 200)
            far.link("down")
            assert states(message)[State.QUEUED] > 2 * WINDOW, "it was over before the cut"
            wait_until(finished(message), "the other host finishes alone")
            assert states(message) == {State.SENT: 6000}
            assert {to for _, to in accepted(sandbox)} == set(addresses(6000))
            far.link("up")
            wait_until(lambda: "taken over" in sending.log(), "the fence")
            cut_off.terminate()
            assert cut_off.wait(PATIENCE) == 0
        assert states(message) == {State.SENT: 6000}
        # What the lost host had on the wire may still arrive: one for each of its connections.
        assert repeated(sandbox) <= LANES * WINDOW + CONNECTIONS
        listed = {
            email
            for (email,) in Repetition.objects.filter(message=message).values_list(
                "delivery__contact__email"
            )
        }
        got = Counter(to for _, to in accepted(sandbox))
        assert {to for to, times in got.items() if times > 1} <= listed


def _owners(message: Message) -> set[str]:
    found = Batch.objects.filter(message=message, done=False, lease_owner__isnull=False)
    return set(found.values_list("lease_owner", flat=True))
