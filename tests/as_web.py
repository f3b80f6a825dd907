"""Middleware of the tests: requests reach the database as the role web, so that row-level security counts."""

import threading
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse

from hirnok.lib import sql

_nothing_runs = threading.Condition()
_running = 0


def wait_until_idle(patience: float = 30) -> bool:
    """Wait until no request is being answered, as a browser that was closed leaves some behind.

    Emptying the tables beside a running request is a deadlock.
    """
    with _nothing_runs:
        return _nothing_runs.wait_for(lambda: _running == 0, patience)


def _count(change: int) -> None:
    global _running
    with _nothing_runs:
        _running += change
        _nothing_runs.notify_all()


class AsWeb:
    """Take the role for the length of a request; a failed transaction is rolled back to before it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _count(+1)
        try:
            return self.answer(request)
        finally:
            _count(-1)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer the request in the role."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            row = cursor.fetchone()
            assert row
            cursor.execute(f'SET ROLE "{sql.role_name(row[0], "web")}"')
        try:
            return self.get_response(request)
        finally:
            if not connection.needs_rollback:
                with connection.cursor() as cursor:
                    cursor.execute("RESET ROLE")
                    cursor.execute(
                        "SELECT set_config('app.tenant', '', true), set_config('app.user', '', true)"
                    )
