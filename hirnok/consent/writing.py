"""The letters of a sign-up: please confirm, you are subscribed already, welcome. In the reader's language.

Each stands under the holding of its cause and goes with it. No letter carries what was typed into the form: a
stranger could make us send somebody else's words.
"""

from datetime import datetime
from enum import StrEnum

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hirnok.consent import lettering, wording
from hirnok.consent.lettering import Said
from hirnok.consent.models import Form, PendingSignUp
from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.outbox import letters
from hirnok.register import retention
from hirnok.register.models import Activity, Holding
from hirnok.register.readymade import SIGN_UP
from hirnok.tenants.models import Brand
from hirnok.ui import words as ui_words


class Kind(StrEnum):
    """Which letter."""

    CONFIRM = "confirm"
    KNOWN = "known"
    WELCOME = "welcome"


def confirm_url(brand: Brand, pending_id: int) -> str:
    """Return where a sign-up is confirmed."""
    return f"{lettering.public_base(brand)}/k/{_token('confirm', pending_id)}/"


def preferences_path(contact_id: int) -> str:
    """Return the path of a contact's own page."""
    return f"/p/{_token('preferences', contact_id)}/"


def form_url(form: Form) -> str:
    """Return the address of a form."""
    return f"{lettering.public_base(form.list.brand)}/f/{form.token}/"


def ask_to_confirm(form: Form, pending: PendingSignUp, *, log: Activity, at: datetime) -> None:
    """Ask the owner of the address whether the sign-up is meant. `log` is the tenant's sending log."""
    until = pending.holding.expires_at
    with translation.override(pending.language), timezone.override(form.tenant.time_zone):
        day = ui_words.day(until) if until else ""
        said = what_is_said(form, Kind.CONFIRM, pending.language, has_end=bool(day))
    data = lettering.written(
        _look(form, pending.language),
        said,
        address=pending.email,
        token=_token("confirm", pending.pk),
        day=day,
        at=at,
    )
    _post(form, pending.holding, pending.email, data, at, log)


def say_already_subscribed(form: Form, contact: Contact, language: str, *, at: datetime) -> None:
    """Tell a reader that nothing needs to be done."""
    _write_to(form, contact, Kind.KNOWN, language, at)


def welcome(form: Form, contact: Contact, language: str, *, at: datetime) -> None:
    """Greet a reader who has confirmed; the caller knows that the consent covers it."""
    _write_to(form, contact, Kind.WELCOME, language, at)


def preview(form: Form, kind: Kind, language: str, *, at: datetime) -> bytes:
    """Return a letter as it would be sent, to nobody and with links that lead to no person."""
    brand = form.list.brand
    served = Activity.objects.filter(tenant_id=form.tenant_id, code=SIGN_UP).first()
    until = (retention.expiry(served, at) if served else None) or at
    with translation.override(language), timezone.override(form.tenant.time_zone):
        day = ui_words.day(until)
        said = what_is_said(form, kind, language)
    return lettering.written(
        _look(form, language), said, address=brand.from_address, day=day, at=at
    )


def what_is_said(form: Form, kind: Kind, language: str, *, has_end: bool = True) -> Said:
    """Return the words of a letter in a language, which is the active one."""
    words = wording.words(form, language)
    otherwise = _("If the button does not work, open this address:")
    if kind == Kind.CONFIRM:
        return Said(
            subject=words.confirm_subject,
            opening=words.confirm_body,
            lead=_("Please open this page and confirm there:"),
            button=_("Confirm my sign-up"),
            page="k",
            closing=_(
                "If it was not you, do nothing: you get no newsletter, and the address is deleted here on %(day)s."
            )
            if has_end
            else _(
                "If it was not you, do nothing: you get no newsletter, and the address is deleted."
            ),
            otherwise=otherwise,
        )
    return Said(
        subject=getattr(words, f"{kind}_subject"),
        opening=getattr(words, f"{kind}_body"),
        lead=_("Change your data or unsubscribe at any time:"),
        button=_("Change my data or unsubscribe"),
        page="p",
        otherwise=otherwise,
    )


def _write_to(form: Form, contact: Contact, kind: Kind, language: str, at: datetime) -> None:
    with translation.override(language):
        said = what_is_said(form, kind, language)
    token = _token("preferences", contact.pk)
    look = _look(form, language)
    data = lettering.written(look, said, address=contact.email, token=token, at=at)
    _post(form, contact.holding, contact.email, data, at)


def _look(form: Form, language: str) -> lettering.Look:
    return lettering.look(form.list.brand, form.tenant.accent, language)


def _post(
    form: Form,
    holding: Holding,
    address: str,
    data: bytes,
    at: datetime,
    log: Activity | None = None,
) -> None:
    letters.post(
        form.tenant,
        holding,
        recipient=address,
        return_path=form.list.brand.from_address,
        data=data,
        at=at,
        log=log,
    )


def _token(purpose: str, number: int) -> str:
    return tokens.recipient(keys.derive(purpose), number)
