"""A member for some brands finds nothing of the others: not by address, not in a list, not in a file, not by token.

The addresses are read from the resolver and the models from the registry, so a new page or table is tried without
a word here; docs/decisions/0008 says how the rights work.
"""

import io
import zipfile
from typing import Any

import pytest
from django.db import models
from django.test import Client

from hirnok.accounts import people, tokens
from hirnok.accounts.models import Membership, Role, User
from hirnok.register.models import Controller
from hirnok.tenants.models import Brand
from hirnok.tenants.rows import TenantOwned, owned_models
from tests.invariants.making import Maker
from tests.invariants.test_every_url import OF_TENANTS, Page, _client, _get
from tests.world import NOON, World

MINE, YOURS = 800_001, 900_001
# They lead to a brand by a foreign key, but are everybody's in the tenant. Say why.
WHOLE_TENANT: dict[str, str] = {
    "returns.Returned": "whose it is shows only when it is sorted; its pages are closed to members for some brands",
}


def _leads_to_a_brand(model: type[TenantOwned]) -> bool:
    """Whether a foreign key names a brand, or a row that is a brand's."""
    targets = [field.related_model for field in model._meta.concrete_fields if field.is_relation]
    return any(
        isinstance(target, type) and issubclass(target, TenantOwned) and target.of_brand is not None
        for target in targets
        if target is not model
    )


def test_every_model_that_leads_to_a_brand_says_how() -> None:
    silent = {m._meta.label for m in owned_models() if _leads_to_a_brand(m) and m.of_brand is None}
    assert silent == set(WHOLE_TENANT), "set of_brand (docs/decisions/0008), or say why not"


def test_every_path_to_a_brand_ends_there() -> None:
    for model in owned_models():
        if model.of_brand is None or model is Brand:
            continue
        target: Any = model
        for part in model.of_brand.split("__"):
            field = target._meta.get_field(part)
            assert isinstance(field, models.ForeignKey), model
            target = field.related_model
        assert target is Brand, model


@pytest.fixture
def halves(world: World) -> World:
    """Two brands of Alma with one row of every model each; Mark and Vera work for the first of them only."""
    first = _maker(world)
    for model in owned_models():
        first.of(model)
    common = {
        label: row
        for label, row in first.made.items()
        if not (isinstance(row, TenantOwned) and row.of_brand)
    }
    second = Maker(world.alma, number=YOURS, **common)
    for model in owned_models():
        if model.of_brand is not None:
            second.of(model)
    for user in (world.mark, world.vera):
        membership = Membership.objects.get(user=user)
        brands = [first.of(Brand)]
        role = Role(membership.role)
        people.change_role(membership, role, brands=brands, actor="user:1", at=NOON)
    return world


def _maker(world: World) -> Maker:
    return Maker(
        world.alma,
        number=MINE,
        **{
            "accounts.User": world.nobody,
            "register.Controller": Controller.objects.get(tenant=world.alma),
        },
    )


@pytest.fixture
def without_the_second_lock(settings: Any) -> None:
    """Requests as the owner: what refuses then is the view."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != "tests.as_web.AsWeb"]


def _own(page: Page, **others: int) -> str:
    """The page's address with objects of the own brand, but for `others`."""
    return page.url("alma", **{**dict.fromkeys(page.numbers, MINE), **others})


@pytest.mark.django_db
def test_nothing_of_another_brand_is_found_by_its_address(
    halves: World, without_the_second_lock: None
) -> None:
    """In each place of the address in turn, the other places with objects of the own brand."""
    wrong = {}
    for user in (halves.mark, halves.vera):
        client = _client(halves, user)
        for page in OF_TENANTS:
            for place in page.numbers:
                url = _own(page, **{place: YOURS})
                answers = {_get(client, url).status_code, client.post(url).status_code}
                if 403 in answers and 403 in {
                    _get(client, _own(page)).status_code,
                    client.post(_own(page)).status_code,
                }:
                    continue  # the role does not open this page, whatever the object
                if not answers <= {404, 405} or answers == {405}:
                    wrong[f"{user} {page.name} {place}"] = answers
    assert wrong == {}


# What the brands have in common is changed by those who work for all of them; a field is one row for all brands, and
# whose a mail that came back is shows only when it is sorted.
FOR_ALL_BRANDS = {
    "contacts:new_field",
    "contacts:edit_field",
    "contacts:delete_field",
    "contacts:new_tag",
    "contacts:edit_tag",
    "contacts:delete_tag",
    "outbox:queue",
    "returns:returned_mails",
    "returns:returned_mail",
}


@pytest.mark.django_db
def test_what_is_of_the_own_brand_is_found(halves: World) -> None:
    """Else the test above would prove nothing."""
    people.join(halves.alma, halves.olga, Role.MARKETER, actor="user:1", at=NOON)  # for all brands
    wrong = {}
    mark, olga = _client(halves, halves.mark), _client(halves, halves.olga)
    for page in OF_TENANTS:
        if set(page.converters) - {"tenant"} - set(page.numbers):
            continue  # an address with a word in it, which the test cannot know
        codes = [_get(client, _own(page)).status_code for client in (mark, olga)]
        if codes[0] != codes[1] and page.name not in FOR_ALL_BRANDS:
            wrong[page.name] = codes
    assert wrong == {}
    for name in FOR_ALL_BRANDS:
        page = next(one for one in OF_TENANTS if one.name == name)
        assert _get(mark, _own(page)).status_code == 403, name


@pytest.mark.django_db
def test_nothing_of_another_brand_is_shown_on_any_page(
    halves: World, without_the_second_lock: None
) -> None:
    """The rows of the other brand are called x900001: no list, fragment, file or choice has that."""
    seen: dict[str, set[str]] = {}
    for user in (halves.anna, halves.mark, halves.vera):
        client = _client(halves, user)
        seen[user.name] = {page.name for page in OF_TENANTS if _shows(client, page)}
    assert seen["Mark"] == seen["Vera"] == set()
    assert {
        "contacts:contacts",
        "contacts:lists",
        "contacts:imports",
        "contacts:export_csv",
        "contacts:export_xlsx",
        "contacts:new_list",
        "contacts:import_upload",
        "campaigns:campaigns",
        "campaigns:reports",
        "campaigns:images",
        "campaigns:new_campaign",
        "consent:forms",
        "consent:form_new",
        "site:overview",
        "site:search",
    } <= seen["Anna"], "an owner sees it, so the test sees something"


def _shows(client: Client, page: Page) -> bool:
    """Whether a page, all its places filled with what is of the own brand, has a row of the other one."""
    if set(page.converters) - {"tenant"} - set(page.numbers):
        return False
    url = _own(page) + "?q=x900001"
    bodies = []
    for query in (url, url.partition("?")[0]):
        answer: Any = client.get(query)
        if answer.status_code == 200:
            body = answer.getvalue() if answer.streaming else answer.content
            bodies.append(_unpacked(body).replace(b"?q=x900001", b"").replace(_SEARCHED, b""))
    return any(b"x900001" in body for body in bodies)


_SEARCHED = b'value="x900001"'


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return b"".join(book.read(name) for name in book.namelist())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "field", "given"),
    [
        ("lists/new/", "brand", {"name": "Neu", "brand": YOURS}),
        ("campaigns/new/", "brand", {"name": "Neu", "brand": YOURS}),
        ("forms/new/", "list", {"name": "Neu", "list": YOURS, "languages": ["hu"]}),
        ("contacts/add/", "lists", {"email": "uj@example.hu", "lists": [YOURS]}),
        ("imports/new/", "list", {"list": YOURS}),
        ("imports/new/?kind=suppressions", "brand", {"brand": ""}),
        ("imports/new/?kind=suppressions", "brand", {"brand": YOURS}),
        ("images/", "alternative_text", {"brand": YOURS}),
    ],
)
def test_nothing_is_made_for_another_brand(
    halves: World, path: str, field: str, given: dict[str, Any]
) -> None:
    answer = halves.client(halves.mark).post(f"/alma/{path}", given)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["maker", "token"])
def test_a_token_sees_no_more_than_its_brands_and_those_of_its_maker(
    halves: World, by: str
) -> None:
    own = Brand.objects.get(pk=MINE)
    maker: User = halves.mark if by == "maker" else halves.anna
    made = tokens.make(
        halves.alma,
        maker,
        name="Bolt",
        scopes=["contacts:read"],
        days=1,
        at=NOON,
        brands=None if by == "maker" else [own],
    )
    bearer = tokens.authenticate(f"Bearer {made}", at=NOON)
    assert bearer is not None
    assert bearer.tenant.only_brands == {MINE}
    for model in owned_models():
        if model.of_brand is None or model.__name__ == "ApiTokenBrand":
            continue
        brands = model.objects.of(bearer.tenant).values_list(model.of_brand, flat=True)
        assert set(brands) <= {MINE}, model  # some rows hang from nothing of a brand
