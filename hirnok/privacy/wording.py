"""What blocks a notice and what changed in one, in people's words."""

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hirnok.register import categories, documents
from hirnok.register.answers import (
    BASES,
    FORMER_GUARANTEES,
    GUARANTEES,
    RECIPIENTS,
    name_of,
)
from hirnok.register.consistency import Finding
from hirnok.register.models import Activity
from hirnok.tenants.models import Tenant

PLACES: dict[str, Promise] = {
    "register": pgettext_lazy("module", "Register of purposes"),
    "accounts": pgettext_lazy("module", "User accounts"),
    "account": pgettext_lazy("module", "Sign-in: addresses"),
    "mfa": pgettext_lazy("module", "Sign-in: second factors"),
    "socialaccount": pgettext_lazy("module", "Sign-in: identity providers"),
    "contacts": pgettext_lazy("module", "Contacts"),
    "outbox": pgettext_lazy("module", "Mails sent"),
    "consent": pgettext_lazy("module", "Sign-ups and consents"),
    "returns": pgettext_lazy("module", "Returned mail"),
    "campaigns": pgettext_lazy("module", "Campaigns"),
    "privacy": pgettext_lazy("module", "Privacy notices"),
    "rights": pgettext_lazy("module", "Requests of persons"),
    "breaches": pgettext_lazy("module", "Breaches"),
    "processing": pgettext_lazy("module", "Processing agreements"),
}
FINDINGS: dict[str, str | Promise] = {
    "no_controller": _("It is not said who the controller is."),
    "controller_unreachable": _("The controller's seat or e-mail address is missing."),
    "answers_too_late": _("Requests must be answered sooner: %(details)s."),
    "not_covered": _("%(about)s: data are held that the register does not name (%(details)s)."),
    "malformed": _("%(about)s: the entry cannot be read (%(details)s)."),
    "text_missing": _("%(about)s: a text is missing in %(details)s."),
    "no_purpose": _("%(about)s: there is no purpose."),
    "no_data": _("%(about)s: a purpose names no data."),
    "no_basis": _("%(about)s: a purpose has no legal basis. %(details)s"),
    "law_not_named": _("%(about)s: the law that obliges is not named."),
    "not_balanced": _("%(about)s: the interest was not balanced, or does not prevail."),
    "special_without_condition": _(
        "%(about)s: special categories of data need a condition of Art. 9 (2); without it they are refused."
    ),
    "start_not_supplied": _(
        "%(about)s: nothing tells when “%(details)s” happens, so nothing would ever end."
    ),
    "law_unknown": _("%(about)s: there is no legal rule “%(details)s”."),
    "kept_too_long": _("%(about)s: kept longer than the law allows (%(details)s)."),
    "kept_too_short": _("%(about)s: kept shorter than the law demands (%(details)s)."),
    "no_contract": _("%(about)s: a processor without a contract."),
    "contract_ended": _("%(about)s: the contract ended on %(details)s."),
    "no_guarantee": _("%(about)s: data go to a third country (%(details)s) without a guarantee."),
    "guarantee_invalid": _(
        "%(about)s: this guarantee does not hold there on that day (%(details)s)."
    ),
    "says_nothing_leaves_eea": _(
        "%(about)s: the notice says that no data leave the EEA, but they go to %(details)s."
    ),
}
CHANGES: dict[str, str | Promise] = {
    "activity_added": _("new activity: %(what)s"),
    "activity_removed": _("activity ended: %(what)s"),
    "data_added": _("%(about)s: more data (%(what)s)"),
    "data_removed": _("%(about)s: fewer data (%(what)s)"),
    "basis_added": _("%(about)s: a further legal basis (%(what)s)"),
    "basis_removed": _("%(about)s: a legal basis less (%(what)s)"),
    "purpose_added": _("%(about)s: a further purpose"),
    "purpose_removed": _("%(about)s: a purpose less"),
    "period": _("%(about)s: another period (%(what)s)"),
    "profiling": _("%(about)s: profiling begins or ends"),
    "automated_decisions": _("%(about)s: automated decisions begin or end"),
    "recipient_added": _("new recipient: %(what)s"),
    "recipient_removed": _("recipient no more: %(what)s"),
    "recipient_of_added": _("%(about)s: gets data of a further activity (%(what)s)"),
    "recipient_of_removed": _("%(about)s: gets data of an activity less (%(what)s)"),
    "country_added": _("%(about)s: a further country (%(what)s)"),
    "country_removed": _("%(about)s: a country less (%(what)s)"),
    "guarantee": _("%(about)s: another guarantee (%(what)s)"),
    "controller": _("the controller's data: %(what)s"),
    "answer_days": _("requests are answered within %(what)s days"),
    "wording": _("other words for the same"),
}
WEIGHTS: dict[str, str | Promise] = {
    "first": _("first version"),
    "editorial": _("in other words"),
    "informative": _("less or safer"),
    "material": _("more, longer or further"),
}


def findings(tenant: Tenant, found: list[Finding], language: str) -> list[str]:
    """Return what blocks, each as a sentence."""
    names = _names(tenant, language)
    return [
        (
            str(FINDINGS[one.code])
            % {"about": names.get(one.about, one.about), "details": one.details}
        ).strip()
        for one in found
    ]


def changes(tenant: Tenant, found: list[dict[str, str]], language: str) -> list[str]:
    """Return what changed, each as a phrase."""
    names = _names(tenant, language)
    with translation.override(language):
        return [
            str(CHANGES[one["kind"]])
            % {
                "about": names.get(one["about"], _bare(one["about"])),
                "what": names.get(one["what"]) or _what(one["kind"], one["what"]),
            }
            for one in found
        ]


def _what(kind: str, what: str) -> str:
    """What was added or changed, in the language that is active."""
    if kind.startswith("data_"):
        return categories.words(what)
    if kind.startswith("basis_"):
        return str(BASES.get(what, what))
    if kind == "guarantee":
        return str((GUARANTEES | FORMER_GUARANTEES).get(what, what or _("none needed")))
    if kind == "period":
        return documents.period_from(what)
    return _bare(what)


def _bare(recipient: str) -> str:
    """A recipient as the snapshot names it, "Name (kind)", in words."""
    name, _sep, kind = recipient.rpartition(" (")
    words = RECIPIENTS.get(kind.removesuffix(")")) if name else None
    return f"{name} ({words})" if words else recipient


def _names(tenant: Tenant, language: str) -> dict[str, str]:
    return {one.code: name_of(one, language) for one in Activity.objects.of(tenant)}


def place(model: str) -> str:
    """Return in which part of the program the rows of a model ("contacts.Contact") are."""
    code = model.partition(".")[0]
    return str(PLACES.get(code, PLACES["accounts"]))
