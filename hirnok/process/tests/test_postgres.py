"""The embedded server: made, started, adopted, killed, stopped. Real programs, real signals."""

import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from hirnok.process import layout, postgres, unprivileged
from hirnok.process.layout import Cluster
from hirnok.process.tests.places import alive, eventually, open_folder, throwaway


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with open_folder() as folder, throwaway(folder / "postgres") as made:
        yield made


@pytest.fixture
def durable(cluster: Cluster) -> Cluster:
    """The same place as a server that nobody may wipe and that does not cut corners."""
    return Cluster(cluster.base)


def ask(cluster: Cluster, query: str) -> object:
    with psycopg.connect(postgres.superuser_url(cluster), autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


def children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_it_starts_answers_and_stops(cluster: Cluster) -> None:
    with postgres.running(cluster):
        assert ask(cluster, "SELECT lower('ŐÚ')") == "őú"
        assert ask(cluster, "SHOW server_encoding") == "UTF8"
        assert ask(cluster, "SHOW data_checksums") == "on"
        assert ask(cluster, "SHOW listen_addresses") == ""
        running = postgres.postmaster(cluster)
        assert running
    assert postgres.postmaster(cluster) is None
    assert not alive(running)


def test_it_never_runs_as_root(cluster: Cluster) -> None:
    with postgres.running(cluster):
        assert Path(f"/proc/{postgres.postmaster(cluster)}").stat().st_uid != 0


def test_it_adopts_a_server_that_runs(cluster: Cluster) -> None:
    assert postgres.start(cluster) is True
    before = postgres.postmaster(cluster)
    assert postgres.start(cluster) is False
    assert postgres.postmaster(cluster) == before


def test_it_is_started_once_by_two_at_once(cluster: Cluster) -> None:
    with ThreadPoolExecutor(2) as pool:
        started = list(pool.map(postgres.start, [cluster, cluster]))
    assert sorted(started) == [False, True]


def test_it_is_stopped_by_its_last_user(cluster: Cluster) -> None:
    with postgres.running(cluster):
        with postgres.running(cluster):
            pass
        assert postgres.postmaster(cluster) is not None
    assert postgres.postmaster(cluster) is None


def test_it_keeps_what_was_committed_when_the_server_is_killed(durable: Cluster) -> None:
    postgres.start(durable)
    ask(durable, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    killed = postgres.postmaster(durable)
    assert killed
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: not alive(killed))
    assert postgres.start(durable) is True
    assert ask(durable, "SELECT count(*) FROM kept") == 1000


def test_it_comes_back_when_everything_is_killed(durable: Cluster) -> None:
    postgres.start(durable)
    ask(durable, "CREATE TABLE kept AS SELECT 7 AS number")
    server = postgres.postmaster(durable)
    assert server
    for pid in (server, *children(server)):
        os.kill(pid, signal.SIGKILL)
    postgres.start(durable)
    assert ask(durable, "SELECT number FROM kept") == 7


def test_it_is_not_fooled_by_a_stale_pid_file(cluster: Cluster) -> None:
    postgres.start(cluster)
    text = (cluster.data / "postmaster.pid").read_text().splitlines()
    postgres.stop(cluster)
    (cluster.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *text[1:], ""]))
    assert postgres.postmaster(cluster) is None
    assert postgres.start(cluster) is True
    assert ask(cluster, "SELECT 1") == 1


def test_it_is_made_anew_when_making_it_was_cut_off(cluster: Cluster) -> None:
    half = cluster.data.with_name("data.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    assert postgres.start(cluster) is True


def test_it_wipes_a_throwaway_that_does_not_start(cluster: Cluster) -> None:
    postgres.start(cluster)
    postgres.stop(cluster)
    shutil.rmtree(cluster.data / "global")
    assert postgres.start(cluster) is True
    assert ask(cluster, "SELECT 1") == 1


def test_it_says_why_it_does_not_start(durable: Cluster) -> None:
    postgres.start(durable)
    postgres.stop(durable)
    shutil.rmtree(durable.data / "global")
    with pytest.raises(postgres.DidNotStart, match="global"):
        postgres.start(durable)


def test_it_trusts_nobody(cluster: Cluster) -> None:
    postgres.start(cluster)
    for url in (
        postgres.url(cluster, "postgres", "wrong", "postgres"),
        f"postgresql:///postgres?user=postgres&host={cluster.socket}",
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url, passfile="/dev/null")


def test_it_has_a_short_socket_however_deep_its_data_is() -> None:
    with open_folder() as folder, throwaway(folder / ("deep" * 20) / ("er" * 40)) as cluster:
        assert cluster.socket.parent == layout.TEMPORARY
        assert postgres.start(cluster) is True
        assert ask(cluster, "SELECT 1") == 1
        assert cluster.socket.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs under another account")
def test_it_finds_a_shelter_when_a_folder_above_is_closed_and_leaves_it_closed() -> None:
    with open_folder() as folder:
        folder.chmod(0o700)
        with throwaway(folder / "postgres") as cluster:
            assert not cluster.data.is_relative_to(folder)
            assert postgres.start(cluster) is True
            assert ask(cluster, "SELECT 1") == 1
            assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs under another account")
def test_it_copies_its_programs_when_the_account_cannot_reach_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open_folder() as folder, throwaway(folder / "postgres") as cluster:
        monkeypatch.setattr(layout, "SHELTER", folder / "shelter")
        monkeypatch.setattr(unprivileged, "reachable", lambda path: path == cluster.base)
        assert layout.programs().is_relative_to(folder / "shelter")
        assert postgres.start(cluster) is True
        assert ask(cluster, "SELECT 1") == 1
