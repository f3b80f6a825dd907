"""Trying again what another transaction was in the way of."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, transaction
from psycopg.errors import DeadlockDetected, ForeignKeyViolation

P = ParamSpec("P")
R = TypeVar("R")
ATTEMPTS = 4
# A deadlock that we lost; a row that was there when the statement began and is not when its end is checked.
_IN_THE_WAY = (DeadlockDetected, ForeignKeyViolation)


def retried(act: Callable[P, R]) -> Callable[P, R]:
    """Run each call in a transaction (a savepoint) of its own, and again when another one was in its way.

    What it does beside the database must bear being done twice.
    """

    @wraps(act)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(ATTEMPTS - 1):
            try:
                with transaction.atomic():
                    return act(*args, **kwargs)
            except DatabaseError as error:
                if not isinstance(error.__cause__, _IN_THE_WAY):
                    raise
        with transaction.atomic():
            return act(*args, **kwargs)

    return guarded
