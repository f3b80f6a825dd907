"""What the tests of the whole may ask for beside `/conftest.py`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest

from tests import postfix as real

StartPostfix = Callable[..., real.Postfix]


@pytest.fixture
def postfix() -> Iterator[StartPostfix]:
    """Return `tests.postfix.running` as a function; what it starts ends with the test.

    `postfix(("127.0.0.1", port))` hands everything on to that port; `transports` names other ports by domain.
    """
    with ExitStack() as stack:

        def start(
            default: real.Place, transports: Mapping[str, real.Next] | None = None
        ) -> real.Postfix:
            return stack.enter_context(real.running(default, transports))

        yield start
