"""Adding to files."""

import stat
from pathlib import Path

from hirnok.lib import durable


def test_it_makes_the_file_with_its_folder_and_adds(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log.jsonl"
    durable.append(path, b"one\n")
    durable.append(path, b"two\n")
    assert path.read_bytes() == b"one\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
