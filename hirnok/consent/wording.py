"""What forms, pages and mails of a sign-up say in one language: the tenant's own words, else Hirnok's."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.consent.models import ConsentText, Form, FormText
from hirnok.tenants.models import Brand


@dataclass(frozen=True)
class Words:
    """Every text of a form in one language, none of them empty but `introduction`."""

    language: str
    title: str
    introduction: str
    thanks: str
    confirmed: str
    confirm_subject: str
    confirm_body: str
    known_subject: str
    known_body: str
    welcome_subject: str
    welcome_body: str


NAMES = (
    "title",
    "introduction",
    "thanks",
    "confirmed",
    "confirm_subject",
    "confirm_body",
    "known_subject",
    "known_body",
    "welcome_subject",
    "welcome_body",
)


def words(form: Form, language: str) -> Words:
    """Return the texts of a form in one of its languages."""
    own = FormText.objects.filter(
        tenant_id=form.tenant_id, form_id=form.pk, language=language
    ).first()
    ours = defaults(form.list.brand, language)
    return Words(language, **{name: getattr(own, name, "") or ours[name] for name in NAMES})


def defaults(brand: Brand, language: str) -> dict[str, str]:
    """Return Hirnok's own words for a brand's form."""
    with translation.override(language):
        name = {"brand": brand.name}
        return {key: say() % name for key, say in _DEFAULTS.items()}


def default_consent(brand: Brand, language: str) -> str:
    """Return what stands beside the box until the tenant writes its own."""
    with translation.override(language):
        return _(
            "I would like to get the newsletter of %(brand)s by e-mail, and a welcome mail after signing up."
            " I can unsubscribe at any time with the link in every mail."
        ) % {"brand": brand.name}


def languages(form: Form) -> list[str]:
    """Return the languages that a form has, the brand's first."""
    rows = FormText.objects.filter(tenant_id=form.tenant_id, form_id=form.pk)
    found = sorted(rows.values_list("language", flat=True))
    first = form.list.brand.language
    return sorted(found, key=lambda one: (one != first, one))


def consent_text(form: Form, language: str) -> ConsentText | None:
    """Return the latest version of the words beside the box, None for a language the form never had."""
    found: ConsentText | None = (
        ConsentText.objects.filter(
            tenant_id=form.tenant_id, form_id=form.pk, language=language, recipient=None
        )
        .order_by("-version")
        .first()
    )
    return found


_DEFAULTS: dict[str, Callable[[], str]] = {
    "title": lambda: _("Sign up for the newsletter of %(brand)s"),
    "introduction": lambda: "",
    "thanks": lambda: _(
        "If you can be signed up with this address, a mail is on its way to you. Please open it and confirm"
        " your sign-up: until then you get no newsletter."
    ),
    "confirmed": lambda: _(
        "Your sign-up is confirmed. The next newsletter of %(brand)s comes to you."
    ),
    "confirm_subject": lambda: _("Please confirm your sign-up for the newsletter of %(brand)s"),
    "confirm_body": lambda: _(
        "Somebody, hopefully you, signed up this address for the newsletter of %(brand)s."
    ),
    "known_subject": lambda: _("You get the newsletter of %(brand)s already"),
    "known_body": lambda: _(
        "Somebody, hopefully you, signed up this address for the newsletter of %(brand)s. It is"
        " subscribed already, so nothing has changed and there is nothing for you to do."
    ),
    "welcome_subject": lambda: _("Welcome to the newsletter of %(brand)s"),
    "welcome_body": lambda: _(
        "Thank you for signing up for the newsletter of %(brand)s. The next one comes to you."
    ),
}
