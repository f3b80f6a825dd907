"""A file read by a process of its own gives what reading it here gives."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from hirnok.contacts import feeding
from hirnok.contacts.feeding import feed
from hirnok.contacts.opening import Opened, open_file
from hirnok.contacts.reader import Said
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.tests.test_imports import uploaded
from tests.world import World

HEAD = "E-mail cím;Vezetéknév;Keresztnév;Címkék;Nyelv\n"


def opened(world: World, tmp_path: Path, text: bytes) -> Opened:
    run = uploaded(world, HEAD + "egy@example.hu;Kovács;Ágnes;kert;hu\n")
    path = tmp_path / "list.csv"
    path.write_bytes(text)
    return open_file(run, path)


def lines(count: int) -> str:
    return "".join(
        f'a{n % (count - 3)}@example.hu;Kovács \\{n};Ág\tnes;kert, "piac\\tér";hu\n'
        for n in range(count)
    )


def heard(file: Opened, size: int = 40) -> list[Said]:
    with feed(file, size) as fed:
        return list(fed)


def test_both_ways_give_the_same_chunks(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = opened(world, tmp_path, (HEAD + lines(100) + "nem cím;;;;\n").encode())
    here = heard(file)
    monkeypatch.setattr(feeding, "LARGE", 0)
    assert heard(file) == here
    assert here[0] == 101
    done = [one[0] for one in here[1:] if isinstance(one, tuple)]
    assert done == [40, 80, 101]
    chunks = [one[1] for one in here if isinstance(one, tuple)]
    assert sum(len(chunk.rows) for chunk in chunks) == 97
    assert [len(chunk.rejections) for chunk in chunks] == [0, 0, 4]
    assert all(list(chunk.rows) == sorted(chunk.rows) for chunk in chunks)


def test_a_file_that_breaks_says_so_before_its_first_chunk(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "LARGE", 0)
    text = (HEAD + lines(4000)).encode()
    broken = opened(
        world, tmp_path, text + b'x@example.hu;"never closed' + b";" * 600 + b"\n" * 2000
    )
    with pytest.raises(Problem) as caught, feed(broken, 40) as fed:
        next(fed)
    assert (caught.value.code, caught.value.details) == ("cell_too_long", {"row": 4002})


def test_a_reader_that_is_killed_is_noticed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(feeding, "LARGE", 0)
    monkeypatch.setattr(feeding.subprocess, "Popen", Watched)
    file = opened(world, tmp_path, (HEAD + lines(20_000)).encode())
    with pytest.raises(feeding.ReaderDied), feed(file, 5_000) as fed:
        next(fed)
        os.kill(started[0].pid, signal.SIGKILL)
        list(fed)
    assert started[0].returncode == -signal.SIGKILL
