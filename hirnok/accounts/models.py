"""Users and their memberships."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from hirnok.tenants.rows import TENANT_POLICY, Access, TenantOwned


class Users(BaseUserManager["User"]):
    """Look-up by the normalised address."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A natural person who works in one tenant or more; personal data of the operator (tenant 1)."""

    tenant = models.ForeignKey(
        "tenants.Tenant", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    holding = models.OneToOneField(
        "register.Holding", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    email = models.CharField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=5, default="en")
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    password_until = models.DateTimeField(null=True, blank=True)  # of one that the program made up

    objects = Users()
    db_on_delete: ClassVar[dict[str, str]] = {"holding": "CASCADE"}

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; `rank` orders those that include each other."""

    OWNER = "owner"
    MARKETER = "marketer"
    PRIVACY_OFFICER = "privacy_officer"
    VIEWER = "viewer"

    def includes(self, wanted: "Role") -> bool:
        """Whether somebody with this role may do what `wanted` may."""
        return wanted in _INCLUDES[self]

    @property
    def has_all_brands(self) -> bool:
        """Owners and privacy officers answer for the whole tenant, so they are never narrowed to brands."""
        return self.includes(Role.OWNER) or self.includes(Role.PRIVACY_OFFICER)

    @property
    def sees_people(self) -> bool:
        """Viewers (a client, A8) see figures, not people."""
        return self.includes(Role.MARKETER) or self.includes(Role.PRIVACY_OFFICER)


_INCLUDES: dict[Any, frozenset[Role]] = {
    Role.OWNER: frozenset(Role),
    Role.MARKETER: frozenset({Role.MARKETER, Role.VIEWER}),
    Role.PRIVACY_OFFICER: frozenset({Role.PRIVACY_OFFICER, Role.VIEWER}),
    Role.VIEWER: frozenset({Role.VIEWER}),
}


class Membership(TenantOwned):
    """A user works in a tenant, with a role; with `visit_until` for maintenance only (`visiting`)."""

    user = models.ForeignKey(
        User, models.DO_NOTHING, db_constraint=False, related_name="memberships"
    )
    role = models.CharField(max_length=16, choices=Role.choices)
    since = models.DateTimeField()
    visit_until = models.DateTimeField(null=True, blank=True)
    all_brands = models.BooleanField(default=True)  # else those of `MembershipBrand`
    brand_names: list[str]  # given by `reach.name_brands`

    access = Access(
        delete=True,
        web_policy=f"{TENANT_POLICY} OR user_id = nullif(current_setting('app.user', true), '')::bigint",
    )
    db_on_delete: ClassVar[dict[str, str]] = {"user": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="member_once_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(all_brands=True) | models.Q(role__in=["marketer", "viewer"]),
                name="owners_and_officers_have_all_brands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class MembershipBrand(TenantOwned):
    """A member who has not all brands works for this one."""

    membership = models.ForeignKey(
        Membership, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    brand = models.ForeignKey(
        "tenants.Brand", models.DO_NOTHING, db_constraint=False, related_name="+"
    )

    of_brand = "brand"
    access = Access(update=False, delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"membership": "CASCADE", "brand": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["membership", "brand"], name="member_of_brand_once")
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} for {self.brand_id}"


class Policy(TenantOwned):
    """How a tenant's people sign in (N7); a tenant without a row has the defaults of `policy.Rules`."""

    one_session = models.BooleanField(default=True)
    idle_minutes = models.SmallIntegerField(default=24)
    life_hours = models.SmallIntegerField(default=12)
    second_factor = models.BooleanField(default=True)
    owner_invites = models.BooleanField(default=False)

    access = Access(
        web_policy=f"{TENANT_POLICY} OR tenant_id IN (SELECT m.tenant_id FROM accounts_membership m"  # noqa: S608
        " WHERE m.user_id = nullif(current_setting('app.user', true), '')::bigint)",
    )

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_policy_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(idle_minutes__gte=5, idle_minutes__lte=480),
                name="idle_minutes_in_a_day_of_work",
            ),
            models.CheckConstraint(
                condition=models.Q(life_hours__gte=1, life_hours__lte=24),
                name="life_hours_within_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"policy of {self.tenant_id}"


class Ended(models.TextChoices):
    """Why a session is over."""

    IDLE = "idle"
    ELSEWHERE = "elsewhere"
    PASSWORD = "password"  # noqa: S105 (a word, no password)
    BY_HAND = "by_hand"
    ADDRESS = "address"
    AGE = "age"
    FACTOR = "factor"
    STAFF = "staff"


class UserSession(models.Model):
    """A user is signed in in one browser, or was; `ended` says why it is over."""

    user = models.ForeignKey(
        User, models.DO_NOTHING, db_constraint=False, related_name="user_sessions"
    )
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=200, blank=True, default="")
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended = models.CharField(max_length=10, choices=Ended.choices, blank=True, default="")
    expires_at = models.DateTimeField()

    db_on_delete: ClassVar[dict[str, str]] = {"user": "CASCADE"}

    def __str__(self) -> str:
        return f"session of {self.user_id}"


class AddressChange(models.Model):
    """A user asked for another e-mail address; it holds once the link sent to that address is used (`profile`)."""

    user = models.OneToOneField(
        User, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    email = models.CharField(max_length=254)
    token_hash = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    db_on_delete: ClassVar[dict[str, str]] = {"user": "CASCADE"}

    def __str__(self) -> str:
        return f"another address for {self.user_id}"


class ApiToken(TenantOwned):
    """A program may act in the tenant, in the name of the member who made the token (`tokens`)."""

    made_by = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="+")
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    token_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    all_brands = models.BooleanField(default=True)  # else those of `ApiTokenBrand`

    access = Access(delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"made_by": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="token_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.name


class ApiTokenBrand(TenantOwned):
    """A token that is not for all brands is for this one."""

    token = models.ForeignKey(
        ApiToken, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    brand = models.ForeignKey(
        "tenants.Brand", models.DO_NOTHING, db_constraint=False, related_name="+"
    )

    of_brand = "brand"
    access = Access(update=False, delete=True)
    db_on_delete: ClassVar[dict[str, str]] = {"token": "CASCADE", "brand": "CASCADE"}

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["token", "brand"], name="token_of_brand_once")
        ]

    def __str__(self) -> str:
        return f"{self.token_id} for {self.brand_id}"
