"""What a writer can put into a body: merge fields with a fallback, and pictures, in each of the languages."""

from collections.abc import Iterable
from html import escape

from django.utils.translation import gettext as _

from hirnok.campaigns.models import Campaign
from hirnok.contacts.models import Field
from hirnok.tenants.models import Image

Format = Campaign.Format


def examples(fields: Iterable[Field]) -> list[tuple[str, str]]:
    """Return what it is and what to write, ready to be pasted."""
    reader = _("reader")
    own = [
        (
            field.label,
            f"{{{{ contact.{field.key}|date }}}}"
            if field.type == Field.Type.DATE
            else f"{{{{ contact.{field.key}|default('…') }}}}",
        )
        for field in fields
    ]
    return [
        (_("First name"), f"{{{{ contact.first_name|default('{reader}') }}}}"),
        (_("Last name"), f"{{{{ contact.last_name|default('{reader}') }}}}"),
        (_("E-mail address"), "{{ contact.email }}"),
        (_("Language"), "{{ contact.language }}"),
        *own,
        (
            _("Only if something is known"),
            "{% if contact.first_name %}…{% else %}…{% endif %}",
        ),
        (_("Brand"), "{{ brand.name }}"),
        (_("Unsubscribe link"), "{{ unsubscribe_url }}"),
        (_("Link to the reader's own page"), "{{ preferences_url }}"),
    ]


def picture(image: Image, form: str, public_base: str) -> str:
    """Return what shows a picture in a body of this format."""
    url = f"{public_base}/m/{image.token}"
    text = escape(image.alternative_text)
    match form:
        case Format.MARKDOWN:
            words = image.alternative_text.replace("\\", "\\\\")
            words = words.replace("[", "\\[").replace("]", "\\]")
            return f"![{words}]({url})"
        case Format.MJML:
            return f'<mj-image src="{url}" alt="{text}" width="{min(image.width, 600)}px" />'
        case _:
            return f'<img src="{url}" alt="{text}" width="{min(image.width, 600)}">'
