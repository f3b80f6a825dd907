"""For which brands a member or a token is: all, or chosen ones. `.of(tenant)` heeds it (docs/decisions/0008)."""

from collections.abc import Collection

from hirnok.accounts.models import ApiToken, ApiTokenBrand, Membership, MembershipBrand, Role
from hirnok.tenants.models import Brand


def of(membership: Membership) -> frozenset[int] | None:
    """Return the ids of the brands that a member works for; None: all of them."""
    if membership.all_brands or Role(membership.role).has_all_brands:
        return None
    rows = MembershipBrand.objects.filter(
        tenant_id=membership.tenant_id, membership_id=membership.pk
    )
    return frozenset(rows.values_list("brand_id", flat=True))


def of_token(token: ApiToken, maker: Membership) -> frozenset[int] | None:
    """Return the ids of the brands that a token is good for, never more than its maker has now; None: all."""
    makers = of(maker)
    if token.all_brands:
        return makers
    rows = ApiTokenBrand.objects.filter(tenant_id=token.tenant_id, token_id=token.pk)
    own = frozenset(rows.values_list("brand_id", flat=True))
    return own if makers is None else own & makers


def set_for(membership: Membership, brands: Collection[Brand] | None) -> None:
    """Let a member work for these brands; None: for all. Saves the membership."""
    membership.all_brands = brands is None or Role(membership.role).has_all_brands
    membership.save(update_fields=["role", "all_brands"])
    rows = MembershipBrand.objects.filter(
        tenant_id=membership.tenant_id, membership_id=membership.pk
    )
    rows.delete()
    chosen = () if membership.all_brands else brands or ()
    MembershipBrand.objects.bulk_create(
        MembershipBrand(tenant_id=membership.tenant_id, membership=membership, brand=brand)
        for brand in chosen
    )


def name_brands(memberships: Collection[Membership]) -> None:
    """Give each member who has not all brands `brand_names`, for a page."""
    by_id = {one.pk: one for one in memberships}
    for one in memberships:
        one.brand_names = []
    rows = MembershipBrand.objects.filter(membership_id__in=by_id).order_by("brand__name")
    for number, name in rows.values_list("membership_id", "brand__name"):
        by_id[number].brand_names.append(name)
