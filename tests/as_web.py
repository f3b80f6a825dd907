"""Middleware of the tests: requests reach the database as the role web, so that row-level security counts."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse

from hirnok.lib import sql


class AsWeb:
    """Take the role for the length of a request; a failed transaction is rolled back to before it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
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
