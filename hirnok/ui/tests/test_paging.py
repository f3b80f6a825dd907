from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hirnok.tenants.models import AuditEntry, Tenant
from hirnok.ui import paging
from hirnok.ui.paging import keyset, sort_key

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDERS = (("at", "pk"), ("-at", "-pk"), ("action", "-at", "pk"), ("-action", "pk"))


@pytest.fixture
def tenant(db: None) -> Tenant:
    return Tenant.objects.create(slug="kovacs", name="Kovács Kertészet", created_at=NOON)


def entries(tenant: Tenant, rows: Sequence[tuple[int, str]]) -> None:
    AuditEntry.objects.all().delete()
    AuditEntry.objects.bulk_create(
        AuditEntry(tenant=tenant, at=NOON + timedelta(hours=hours), actor="person", action=action)
        for hours, action in rows
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a", "b", "é"])), max_size=14),
    key=st.sampled_from(ORDERS),
    size=st.integers(1, 5),
)
def test_it_visits_each_row_once_in_both_directions(
    tenant: Tenant, rows: list[tuple[int, str]], key: Sequence[str], size: int
) -> None:
    entries(tenant, rows)
    everything = AuditEntry.objects.all()
    ordered = [entry.pk for entry in everything.order_by(*key)]
    pages = [keyset(everything, key=key, size=size)]
    while pages[-1].next:
        pages.append(keyset(everything, key=key, after=pages[-1].next, size=size))
    assert [row.pk for page in pages for row in page.rows] == ordered
    back = [pages[-1]]
    while back[-1].previous:
        back.append(keyset(everything, key=key, after=back[-1].previous, size=size))
    turned = [row.pk for page in reversed(back) for row in page.rows]
    assert turned == ordered
    assert pages[0].previous is None


def test_it_shows_the_first_page_for_a_token_of_another_order(tenant: Tenant) -> None:
    entries(tenant, [(hour, "a") for hour in range(4)])
    rows = AuditEntry.objects.all()
    token = keyset(rows, key=("at", "pk"), size=2).next
    page = keyset(rows, key=("-at", "-pk"), after=token, size=2)
    assert page.previous is None
    assert page.rows[0].at == NOON + timedelta(hours=3)


@pytest.mark.parametrize("token", ["", "x", "é", "gAAAAA", "' OR 1=1 --", "\x00", "A" * 5000])
def test_it_shows_the_first_page_for_a_forged_token(tenant: Tenant, token: str) -> None:
    entries(tenant, [(0, "a"), (1, "b")])
    page = keyset(AuditEntry.objects.all(), key=("at", "pk"), after=token, size=1)
    assert (page.rows[0].action, page.previous) == ("a", None)


def test_it_refuses_a_token_with_one_changed_character(tenant: Tenant) -> None:
    entries(tenant, [(0, "a"), (1, "b")])
    token = keyset(AuditEntry.objects.all(), key=("at", "pk"), size=1).next
    assert token
    forged = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    page = keyset(AuditEntry.objects.all(), key=("at", "pk"), after=forged, size=1)
    assert page.rows[0].action == "a"


def test_it_keeps_what_the_key_holds_out_of_the_address(tenant: Tenant) -> None:
    entries(tenant, [(0, "dora@example.com"), (1, "emil@example.com")])
    token = keyset(AuditEntry.objects.all(), key=("action", "pk"), size=1).next
    assert token
    assert "dora" not in token


def test_it_goes_to_the_first_page_when_what_followed_is_gone(tenant: Tenant) -> None:
    entries(tenant, [(hour, "a") for hour in range(4)])
    rows = AuditEntry.objects.all()
    token = keyset(rows, key=("at", "pk"), size=2).next
    AuditEntry.objects.filter(at__gt=NOON + timedelta(hours=1)).delete()
    page = keyset(rows, key=("at", "pk"), after=token, size=2)
    assert len(page.rows) == 2
    assert page.previous is None


def test_it_takes_the_first_order_when_the_one_asked_for_does_not_exist() -> None:
    orders = {"email": ("email", "pk"), "-created": ("-created_at", "-pk")}
    assert sort_key("-created", orders) == ("-created_at", "-pk")
    assert sort_key("password", orders) == ("email", "pk")
    assert sort_key(None, orders) == ("email", "pk")


@pytest.mark.parametrize(
    "value",
    [NOON, date(2026, 11, 21), Decimal("1.50"), UUID(int=7), 1.5, 3, "ő", True],
)
def test_it_carries_values_of_each_kind(value: object) -> None:
    assert paging._unpacked(paging._packed(value)) == value


def test_it_refuses_keys_that_can_be_null() -> None:
    with pytest.raises(TypeError, match="never null"):
        paging._packed(None)
