"""Read by Python at the start of every process of the installation under test: its one clock, `hirnok.lib.clock`, runs as
far from the true one as the file named by CHAOS_CLOCK says (seconds, with sign)."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from hirnok.lib import clock

_true = clock.now
_file = Path(os.environ["CHAOS_CLOCK"])


def _now() -> datetime:
    return _true() + timedelta(seconds=int(_file.read_text()))


clock.now = _now
