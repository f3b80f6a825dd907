"""The letters of a sign-up: please confirm, you are subscribed already, welcome. In the reader's language.

Each stands under the holding of its cause and goes with it. No letter carries what was typed into the form: a
stranger could make us send somebody else's words.
"""

from datetime import datetime
from email.utils import make_msgid

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hirnok.consent import wording
from hirnok.consent.models import Form, PendingSignUp
from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.mail import letters as building
from hirnok.outbox import letters
from hirnok.register.models import Activity, Holding
from hirnok.tenants.models import Brand
from hirnok.ui import words as ui_words


def confirm_url(brand: Brand, pending_id: int) -> str:
    """Return where a sign-up is confirmed."""
    return f"{_base(brand)}/k/{tokens.recipient(keys.derive('confirm'), pending_id)}/"


def preferences_path(contact_id: int) -> str:
    """Return the path of a contact's own page."""
    return f"/p/{tokens.recipient(keys.derive('preferences'), contact_id)}/"


def form_url(form: Form) -> str:
    """Return the address of a form."""
    return f"{_base(form.list.brand)}/f/{form.token}/"


def ask_to_confirm(form: Form, pending: PendingSignUp, *, log: Activity, at: datetime) -> None:
    """Ask the owner of the address whether the sign-up is meant."""
    words = wording.words(form, pending.language)
    with translation.override(pending.language), timezone.override(form.tenant.time_zone):
        text = confirmation_text(form, words, confirm_url(form.list.brand, pending.pk), pending)
    _post(form, pending.holding, pending.email, words.confirm_subject, text, at, log)


def say_already_subscribed(form: Form, contact: Contact, language: str, *, at: datetime) -> None:
    """Tell a reader that nothing needs to be done."""
    brand = form.list.brand
    with translation.override(language):
        subject = _("You get the newsletter of %(brand)s already") % {"brand": brand.name}
        text = _paragraphs(
            _(
                "Somebody, hopefully you, signed up this address for the newsletter of %(brand)s. It is"
                " subscribed already, so nothing has changed and there is nothing for you to do."
            )
            % {"brand": brand.name},
            _own_page(brand, contact),
            _signature(brand),
        )
    _post(form, contact.holding, contact.email, subject, text, at)


def welcome(form: Form, contact: Contact, language: str, *, at: datetime) -> None:
    """Greet a reader who has confirmed; the caller knows that the consent covers it."""
    words = wording.words(form, language)
    with translation.override(language):
        text = welcome_text(form, words, preferences_path(contact.pk))
    _post(form, contact.holding, contact.email, words.welcome_subject, text, at)


def confirmation_text(
    form: Form, words: wording.Words, url: str, pending: PendingSignUp | None = None
) -> str:
    """Return the body of the letter that asks to confirm, in the language that is active."""
    until = pending.holding.expires_at if pending else None
    last = (
        _(
            "If it was not you, do nothing: you get no newsletter, and the address is deleted here on %(day)s."
        )
        % {"day": ui_words.day(until)}
        if until
        else _("If it was not you, do nothing: you get no newsletter, and the address is deleted.")
    )
    return _paragraphs(
        words.confirm_body,
        _("Please open this page and confirm there:") + f"\n{url}",
        last,
        _signature(form.list.brand),
    )


def welcome_text(form: Form, words: wording.Words, path: str) -> str:
    """Return the body of the letter that welcomes, in the language that is active."""
    brand = form.list.brand
    return _paragraphs(
        words.welcome_body,
        _("Change your data or unsubscribe at any time:") + f"\n{_base(brand)}{path}",
        _signature(brand),
    )


def _own_page(brand: Brand, contact: Contact) -> str:
    address = f"{_base(brand)}{preferences_path(contact.pk)}"
    return _("Change your data or unsubscribe at any time:") + f"\n{address}"


def _signature(brand: Brand) -> str:
    return f"{brand.sender_name}\n{', '.join(brand.postal_address.splitlines())}"


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _post(
    form: Form,
    holding: Holding,
    address: str,
    subject: str,
    text: str,
    at: datetime,
    log: Activity | None = None,
) -> None:
    brand: Brand = form.list.brand
    domain = brand.from_address.rpartition("@")[2]
    message = building.build(
        building.Letter(
            from_name=brand.sender_name,
            from_address=brand.from_address,
            to_name="",
            to_address=address,
            reply_to=brand.reply_to,
            subject=subject,
            text=text,
            message_id=make_msgid(domain=domain).strip("<>"),
        ),
        at=at,
    )
    letters.post(
        form.tenant,
        holding,
        recipient=address,
        return_path=brand.from_address,
        data=building.as_bytes(message),
        at=at,
        log=log,
    )


def _base(brand: Brand) -> str:
    return (brand.public_base_url or settings.PUBLIC_URL).rstrip("/")
