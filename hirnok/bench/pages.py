"""Pages as the web process answers them, in a process of its own with its database role: row-level security counts.

`python -m hirnok.bench.pages` reads `{"user": id, "times": n, "urls": […]}` from standard input and writes, for each
URL, how many milliseconds each answer took at the server: request to rendered page, sign-in and middleware included.
"""

import json
import sys
import time

import django


class Refused(Exception):
    """A page did not answer with 200, so its time would be worth nothing."""


def main() -> None:
    """Ask for each page once to warm up, then as often as wanted."""
    django.setup()
    from django.test import Client  # noqa: PLC0415 - only now

    from hirnok.accounts.models import User  # noqa: PLC0415

    asked = json.load(sys.stdin)
    client = Client(SERVER_NAME="localhost")
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(User.objects.get(pk=asked["user"]), backend=backend)
    found = {}
    for url in asked["urls"]:
        times = []
        for _ in range(1 + asked["times"]):
            began = time.perf_counter()
            response = client.get(url)
            times.append(1000 * (time.perf_counter() - began))
            if response.status_code != 200:
                raise Refused(
                    f"{url}: {response.status_code} {response.headers.get('Location', '')}"
                )
        found[url] = times[1:]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
