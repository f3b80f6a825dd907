"""The document of technical and organisational measures (32; N36): what the installation really does, and what the
register says of each activity. Facts are asked of the settings and the models, never assumed."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hirnok.accounts import policy
from hirnok.lib import env
from hirnok.register import declarations, describing
from hirnok.register.answers import name_of
from hirnok.register.models import Activity
from hirnok.tenants.models import Tenant
from hirnok.tenants.rows import owned_models
from hirnok.ui.words import moment, number

Document = dict[str, Any]


def document(tenant: Tenant, language: str, at: datetime) -> Document:
    """Return the document for a tenant, in the shape that pages and `privacy.printing` draw."""
    with translation.override(language):
        sections = [
            _list(_("Access control"), _access(tenant)),
            _list(_("Separation of customers and purposes"), _separation()),
            _list(_("Encryption and pseudonymisation"), _encryption()),
            _list(_("Input control and accountability"), _input()),
            _list(_("Availability and restoring"), _availability()),
            _list(_("Deletion"), _deletion()),
        ]
        own = _of_activities(tenant, language)
        if own:
            sections.append(
                {
                    "heading": _("Measures of single activities"),
                    "blocks": [{"kind": "facts", "rows": own}],
                }
            )
        return {
            "title": _("Technical and organisational measures"),
            "language": language,
            "stand": f"{tenant.name} · {moment(at)}",
            "sections": sections,
        }


def _access(tenant: Tenant) -> list[str]:
    rules = policy.of(tenant)
    found = [
        _(
            "Users are members with roles (owner, marketer, privacy officer, viewer), each for all brands or chosen ones."
        ),
        _("Passwords are stored as Argon2 hashes; known passwords are refused.")
        if "argon2" in settings.PASSWORD_HASHERS[0].lower()
        else _("Passwords are stored as salted hashes; known passwords are refused."),
        _("A session ends after %(minutes)s idle minutes and at the latest after %(hours)s hours.")
        % {"minutes": number(rules.idle_minutes), "hours": number(rules.life_hours)},
        _(
            "The operator's staff enter a customer's account only for a visit with an end, which the customer sees."
        ),
    ]
    if rules.second_factor:
        found.append(_("A second factor (passkey or one-time code) is required."))
    else:
        found.append(
            _("A second factor (passkey or one-time code) can be set up, but is not required.")
        )
    return found


def _separation() -> list[str]:
    count = len(owned_models())
    return [
        ngettext(
            "Row-level security of the database keeps the rows of each customer apart, in %(count)s table.",
            "Row-level security of the database keeps the rows of each customer apart, in %(count)s tables.",
            count,
        )
        % {"count": number(count)},
        _("The database roles of the processes own no table and cannot bypass this."),
        _(
            "Personal data are kept only under a registered purpose, and each purpose ends by itself."
        ),
    ]


def _encryption() -> list[str]:
    found = [
        _(
            "Persons are found by a keyed hash (HMAC-SHA256) of the address, under a key of each customer."
        ),
        _(
            "Passwords of other systems and signing keys are encrypted at rest; the key is derived from the installation's secret, which is not in the database."
        ),
    ]
    if env.flag("HIRNOK_HTTPS"):
        found.append(_("Pages are served over TLS only, with HSTS and secure cookies."))
    else:
        found.append(_("This installation does not serve its pages over TLS."))
    return found


def _input() -> list[str]:
    return [
        _("Every change is in an audit log that can only be added to: who, what, when."),
        _(
            "The audit log is chained by hashes; its heads are signed every day and kept outside of the database."
        ),
        _(
            "Each column of the database is classified as personal or not (columns: %(count)s); an unclassified one stops the program."
        )
        % {"count": number(sum(len(one.columns) for one in declarations.declared().values()))},
    ]


def _availability() -> list[str]:
    return [
        _("Sending survives the end of any process: what was sent is recorded before and after."),
        _(
            "Erasures are written to a ledger outside of the database, which is replayed after a backup was restored."
        ),
    ]


def _deletion() -> list[str]:
    return [
        _(
            "What has passed its period is deleted by the program, the database cascading to all that belongs to it."
        ),
        _("Only one function of the database may delete personal data; legal holds stop it."),
    ]


def _of_activities(tenant: Tenant, language: str) -> list[list[str]]:
    rows = Activity.objects.of(tenant).filter(active=True).order_by("pk")
    found = [(one, describing.in_language(one.security_measures, language)) for one in rows]
    return [[name_of(one, language), text] for one, text in found if text]


def _list(heading: str, items: list[str]) -> dict[str, Any]:
    return {"heading": heading, "blocks": [{"kind": "list", "title": "", "items": items}]}
