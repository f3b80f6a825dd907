"""Every address there is: visitors, strangers, objects of others, and that GET changes nothing.

The addresses are read from the resolver, so a new page is tried without a word here, unless it is open to
strangers: then it needs a line in `PUBLIC` that says why.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter

from hirnok.accounts.models import User
from hirnok.register import founding
from hirnok.register.models import Controller
from hirnok.tenants.models import Tenant
from hirnok.tenants.rows import owned_models
from tests.invariants.making import Maker
from tests.world import World

pytestmark = pytest.mark.django_db
MINE, YOURS = 800_001, 900_001
PUBLIC = {
    "account_login": "signing in",
    "account_logout": "signing out, asks first",
    "account_reset_password": "a forgotten password",
    "account_reset_password_done": "says that a mail is on its way",
    "account_reset_password_from_key": "by the key in that mail",
    "account_reset_password_from_key_done": "says that it is done",
    "mfa_authenticate": "the second factor, between password and session",
    "oidc_sign_in": "leads to the OpenID provider",
    "oidc_callback": "whoever comes back from there, with the state of the own session",
    "mfa_login_webauthn": "signing in with a passkey alone",
    "consent:unsubscribe": "by the token in a newsletter",
    "consent:image": "a picture of a newsletter",
    "consent:sign_up": "a form for everybody",
    "consent:sign_up_thanks": "says that a mail may be on its way",
    "consent:confirm_sign_up": "by the token in the mail that asks to confirm",
    "consent:preferences": "the reader's own page, by the token in a mail",
    "consent:renew": "by the token in the mail that asks to agree anew",
    "consent:receipt": "what the reader agreed to, signed",
    "consent:preferences_data": "what it shows, as a file",
    "returns:provider_events": "a provider's events, by the secret in the address and its signature",
    "campaigns:shared_report": "by the token in a link, no contact data (A4)",
    "privacy:public_notice": "a privacy notice, for everybody, at its permanent address",
    "privacy:notice_pdf": "the same, as PDF",
    "privacy:notice_json": "the same, as JSON",
    "rights:portal_home": "the portal of rights, for everybody, at its permanent address",
    "rights:portal_ask": "a form of it; what is asked has to be confirmed by a link",
    "rights:portal_sent": "says that a link may be on its way",
    "rights:portal_confirm": "by the token in that mail",
    "rights:portal_request": "how a request stands, by its secret address",
    "rights:portal_letter": "a letter on it, by the same",
    "rights:portal_copy": "the copy that was asked for, by the same",
    "breaches:report_violation": "anybody may say that rights were violated (N35)",
    "breaches:security_txt": "whom to tell of a vulnerability (RFC 9116)",
    "ui:gallery": "components, only with DEBUG",
    "ui:gallery_page": "components, only with DEBUG",
    "site:health": "whether the process answers",
}
# Without a tenant, for everybody who is signed in; visitors are sent to sign in.
SIGNED_IN = {
    "account_change_password",
    "account_set_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "own_profile",
    "own_address",
    "own_address_confirm",
    "own_sessions",
    "session_end",
    "sessions_end",
    "site:home",
}
# Append-only logs: when somebody was last seen, who took which data out, who looked at whose data.
LOGS = {"django_session", "accounts_usersession", "tenants_auditentry", "register_look"}


@dataclass(frozen=True)
class Page:
    """One address of the resolver."""

    name: str
    route: str
    converters: dict[str, Any]

    @property
    def numbers(self) -> list[str]:
        return [name for name, kind in self.converters.items() if isinstance(kind, IntConverter)]

    def url(self, tenant: str, **numbers: int) -> str:
        path = self.route
        for name, converter in self.converters.items():
            value = tenant if name == "tenant" else str(numbers.get(name, "x"))
            kind = next(
                k
                for k in ("slug", "int", "str", "uuid", "path", "base36", "")
                if _part(k, name) in path
            )
            path = path.replace(_part(kind, name), value)
            assert converter
        return f"/{path}"


def _part(kind: str, name: str) -> str:
    return f"<{kind}:{name}>" if kind else f"<{name}>"


def _pages(resolver: URLResolver, before: str = "", space: str = "") -> Iterator[Page]:
    for entry in resolver.url_patterns:
        route = f"{before}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from _pages(entry, route, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            yield Page(f"{space}{entry.name}", route, {**entry.pattern.converters})


ALL = list(_pages(get_resolver()))
OF_TENANTS = [page for page in ALL if "tenant" in page.converters]


def _ask(client: Client, url: str) -> HttpResponse:
    """GET, or POST where the page takes nothing else."""
    answer = _get(client, url)
    return client.post(url) if answer.status_code == 405 else answer  # type: ignore[return-value]


def _get(client: Client, url: str) -> HttpResponse:
    """GET, to the end of a download, which then lets go what it had open."""
    answer = client.get(url)
    if answer.streaming:
        answer.getvalue()
    return answer  # type: ignore[return-value]


def _client(world: World | None = None, user: User | None = None) -> Client:
    """A browser, signed in or not, to which a page that fails is a 500."""
    client = world.client(user) if world and user else Client()
    client.raise_request_exception = False
    return client


def _asks_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/account/sign-in/")


def _make_objects(world: World, tenant: Tenant, number: int) -> None:
    """One row of every model, all with the same id; the user in them is one who is no member yet."""
    maker = Maker(
        tenant,
        number=number,
        **{
            "accounts.User": world.nobody,
            "register.Controller": Controller.objects.get(tenant=tenant),
        },
    )
    for model in owned_models():
        maker.of(model)


@pytest.fixture
def without_the_second_lock(settings: Any) -> None:
    """Requests as the owner, whom row-level security lets pass: what refuses then is the view."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != "tests.as_web.AsWeb"]


def test_a_page_without_a_tenant_is_public_for_a_reason_or_asks_to_sign_in(world: World) -> None:
    wrong = {}
    before = _written()
    for page in ALL:
        if "tenant" in page.converters:
            continue
        answer = _client().get(page.url("", **dict.fromkeys(page.numbers, 1)))
        if page.name in PUBLIC:
            right = answer.status_code in {200, 302, 404, 405}
        else:
            right = page.name in SIGNED_IN and _asks_to_sign_in(answer)
        if not right or _written() != before:
            wrong[page.name] = answer.status_code
    assert wrong == {}, "a public page needs its reason in PUBLIC, and a GET changes nothing"


def test_a_visitor_is_sent_to_sign_in(world: World) -> None:
    wrong = {}
    for page in OF_TENANTS:
        answer = _ask(_client(), page.url("alma", **dict.fromkeys(page.numbers, 1)))
        if not _asks_to_sign_in(answer):
            wrong[page.name] = answer.status_code
    assert wrong == {}


def test_a_stranger_finds_nothing(world: World) -> None:
    wrong = {}
    for stranger in (world.bela, world.nobody, world.olga):
        client = _client(world, stranger)
        for page in OF_TENANTS:
            url = page.url("alma", **dict.fromkeys(page.numbers, 1))
            answers = {_get(client, url).status_code, client.post(url).status_code}
            if not answers <= {404, 405} or answers == {405}:
                wrong[page.name] = answers
    assert wrong == {}


def test_a_member_never_gets_an_object_of_another_tenant(
    world: World, without_the_second_lock: None
) -> None:
    """In each place of the address in turn, the other places with objects of the own tenant."""
    _make_objects(world, world.alma, MINE)
    _make_objects(world, world.barack, YOURS)
    client = _client(world, world.anna)
    wrong = {}
    for page in OF_TENANTS:
        for place in page.numbers:
            url = page.url("alma", **{**dict.fromkeys(page.numbers, MINE), place: YOURS})
            answers = {_get(client, url).status_code, client.post(url).status_code}
            if not answers <= {403, 404, 405} or answers == {405}:
                wrong[f"{page.name} {place}"] = answers
    assert wrong == {}


def test_a_get_changes_nothing(world: World) -> None:
    _make_objects(world, world.alma, MINE)
    client = _client(world, world.anna)
    wrong: dict[str, object] = {}
    for page in OF_TENANTS:
        if set(page.converters) - {"tenant"} - set(page.numbers):
            continue  # an address with a word in it, which the test cannot know
        before = _written()
        answer = _get(client, page.url("alma", **dict.fromkeys(page.numbers, MINE)))
        changed = {table for table, _ in _written().items() ^ before.items()}
        if answer.status_code >= 500 or answer.status_code == 404 or changed:
            wrong[page.name] = (answer.status_code, changed)
    assert wrong == {}


def test_no_tenant_can_be_named_as_an_address_that_there_is() -> None:
    first = {page.route.split("/")[0] for page in ALL} - {"", "<slug:tenant>"}
    assert {name for name in first if "<" not in name} | {"static"} <= founding.RESERVED


def _written() -> dict[str, tuple[int, ...]]:
    """How many rows were written in this transaction, by table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables"
        )
        return {name: tuple(rest) for name, *rest in cursor.fetchall() if name not in LOGS}
