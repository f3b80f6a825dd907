"""Kinds of personal data, as declarations and registers name them, in words for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy

ADDRESS = "e-mail address"
NAME = "name"
FAMILY_NAME = "family name"
GIVEN_NAME = "given name"
COMPANY = "company"
PHONE = "phone number"
MESSAGE = "message and attachments"
VOICE = "recording of the call"
TECHNICAL = "technical data"
BROWSER_LANGUAGE = "browser language"
PAGE = "address of the page"
COOKIE = "cookie identifier"
POSTAL_ADDRESS = "postal address"
MESSENGER = "Messenger identifier"
CONVERSATION = "conversation"
BIRTH = "place and date of birth"
MOTHERS_NAME = "mother's name"
EDUCATION = "education"
EXPERIENCE = "work experience"
INVOICING = "invoicing data"
WEB_SITE = "web site"
FIELD = "field of activity"
COUNTRY = "country"

_WORDS: dict[str, Promise] = {
    ADDRESS: pgettext_lazy("data", "e-mail address"),
    NAME: pgettext_lazy("data", "name"),
    FAMILY_NAME: pgettext_lazy("data", "family name"),
    GIVEN_NAME: pgettext_lazy("data", "given name"),
    COMPANY: pgettext_lazy("data", "company"),
    PHONE: pgettext_lazy("data", "phone number"),
    MESSAGE: pgettext_lazy("data", "what the message and its attachments contain"),
    VOICE: pgettext_lazy("data", "the recorded call and what is said in it"),
    TECHNICAL: pgettext_lazy("data", "technical data: IP address, approximate location"),
    BROWSER_LANGUAGE: pgettext_lazy("data", "language set in the browser"),
    PAGE: pgettext_lazy("data", "address of the page visited"),
    COOKIE: pgettext_lazy("data", "identifier in a cookie"),
    POSTAL_ADDRESS: pgettext_lazy("data", "postal address"),
    MESSENGER: pgettext_lazy("data", "Messenger identifier"),
    CONVERSATION: pgettext_lazy("data", "the conversation"),
    BIRTH: pgettext_lazy("data", "place and date of birth"),
    MOTHERS_NAME: pgettext_lazy("data", "mother's name"),
    EDUCATION: pgettext_lazy("data", "education"),
    EXPERIENCE: pgettext_lazy("data", "work experience"),
    INVOICING: pgettext_lazy("data", "invoicing data"),
    WEB_SITE: pgettext_lazy("data", "web site"),
    FIELD: pgettext_lazy("data", "field of activity"),
    COUNTRY: pgettext_lazy("data", "country"),
    "language": pgettext_lazy("data", "language"),
    "further fields": pgettext_lazy("data", "further data that the person gave"),
    "lists and tags": pgettext_lazy("data", "lists and tags"),
    "opens and clicks": pgettext_lazy("data", "opens, clicks and their country"),
    "mails sent and what became of them": pgettext_lazy(
        "data", "mails sent and what became of them"
    ),
    "circumstances of the sign-up": pgettext_lazy("data", "time, place and text of the sign-up"),
    "user account": pgettext_lazy("data", "user account"),
    "credentials": pgettext_lazy("data", "password and other credentials, as hashes"),
    "requests and their course": pgettext_lazy("data", "requests and what became of them"),
    "letters on requests": pgettext_lazy("data", "letters on requests"),
    "orders of authorities": pgettext_lazy("data", "orders of authorities"),
    "pseudonym": pgettext_lazy("data", "keyed hash of the address"),
    "what is held, why, since and until when": pgettext_lazy(
        "data", "what is held, why, since and until when"
    ),
}


def words(category: str) -> str:
    """Return a category in the language that is active; one of somebody's own as it is."""
    known = _WORDS.get(category)
    return str(known) if known is not None else gettext(category)
