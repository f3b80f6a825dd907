"""The audit log in words: what was done, by whom, about what. The codes stay beside them, in the log and in the file.

A test holds that every action that is recorded anywhere has its words here (`accounts/tests/test_audit_words.py`).
"""

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from hirnok.ui.words import number

ACTIONS: dict[str, Promise] = {
    "activity.change": _("Changed an activity of the register"),
    "audit.export": _("Downloaded the audit log"),
    "breach.assess": _("Assessed how severe a breach is"),
    "breach.close": _("Closed a breach"),
    "breach.confirm": _("Confirmed a breach"),
    "breach.decide_authority": _("Decided whether the authority is notified of a breach"),
    "breach.decide_persons": _("Decided whether persons are told of a breach"),
    "breach.describe": _("Changed the facts of a breach"),
    "breach.dismiss": _("Found a suspicion to be no breach"),
    "breach.evidence": _("Added evidence of a breach"),
    "breach.explain_delay": _("Said why a breach is notified late"),
    "breach.export": _("Downloaded the register of breaches"),
    "breach.learn": _("Wrote down the lessons of a breach"),
    "breach.news": _("Got news of a breach from the operator"),
    "breach.notify_authority": _("Notified the authority of a breach"),
    "breach.notify_persons": _("Began to tell persons of a breach"),
    "breach.open": _("Entered a breach in the register"),
    "breach.reopen": _("Took up a breach again"),
    "breach.tell_operator": _("Told the operator of a breach"),
    "breach.tell_tenants": _("Told customers of a breach"),
    "breach.told_persons": _("Told persons of a breach"),
    "breach.write_letter": _("Wrote the letter to persons about a breach"),
    "brand.change": _("Changed a brand"),
    "brand.dkim_key": _("Made a key to sign a brand's mail with"),
    "brand.dkim_start": _("Began to sign a brand's mail"),
    "brand.dkim_stop": _("Stopped signing a brand's mail"),
    "brand.logo": _("Changed the logo of a brand"),
    "brand.make": _("Made a brand"),
    "campaign.cancel": _("Cancelled a campaign"),
    "campaign.change": _("Changed a campaign"),
    "campaign.create": _("Made a campaign"),
    "campaign.delete": _("Deleted a campaign"),
    "campaign.finish": _("Finished sending a campaign"),
    "campaign.launch": _("Launched a campaign"),
    "campaign.not_launched": _("Could not launch a scheduled campaign"),
    "campaign.pause": _("Paused a campaign"),
    "campaign.resume": _("Resumed a campaign"),
    "campaign.schedule": _("Scheduled a campaign"),
    "campaign.start": _("Began to send a campaign"),
    "campaign.test": _("Sent a test of a campaign"),
    "campaign.unschedule": _("Took a campaign off the schedule"),
    "contact.add": _("Added a contact"),
    "contact.readdress": _("Corrected the address of a contact"),
    "contact.change": _("Changed a contact"),
    "contact.export": _("Downloaded contacts"),
    "contact.leave_list": _("Left a list"),
    "contact.unsubscribe": pgettext_lazy("audit", "Unsubscribed"),
    "controller.change": _("Changed the controller's data"),
    "demo.done": _("Filled the demo"),
    "field.change": _("Changed a field"),
    "field.create": _("Made a field"),
    "field.delete": _("Deleted a field"),
    "form.change": _("Changed a form"),
    "form.close": _("Closed a form"),
    "form.create": _("Made a form"),
    "form.reopen": _("Opened a form again"),
    "form.write": _("Changed the texts of a form"),
    "hold.approve": _("Agreed to a hold"),
    "hold.lift": _("Lifted holds"),
    "hold.set": _("Held data back"),
    "hold.tell": _("Wrote down that a person was told"),
    "holding.end": _("Deleted personal data"),
    "image.describe": _("Described an image"),
    "image.remove": _("Removed an image"),
    "image.upload": _("Uploaded an image"),
    "import.cancel": _("Cancelled an import"),
    "import.declare": _("Said where the contacts of an import come from"),
    "import.end": _("Finished an import"),
    "import.start": _("Started an import"),
    "import.upload": _("Uploaded a file of contacts"),
    "leaving.policy": _("Changed how long leaving holds"),
    "limit.remove": _("Removed a limit of sending"),
    "limit.set": _("Set a limit of sending"),
    "list.archive": _("Archived a list"),
    "list.create": _("Made a list"),
    "list.rename": _("Renamed a list"),
    "list.restore": _("Restored a list"),
    "mailbox.change": _("Changed a mailbox for returned mail"),
    "mailbox.make": _("Added a mailbox for returned mail"),
    "mailbox.remove": _("Removed a mailbox for returned mail"),
    "maintenance.enter": _("Entered for maintenance"),
    "maintenance.leave": _("Left after maintenance"),
    "member.change_role": _("Changed somebody's role"),
    "member.join": _("Gave somebody access"),
    "member.leave": _("Ended somebody's access"),
    "portability.send": _("Sent a person's data to another controller"),
    "notice.publish": _("Published a privacy notice"),
    "opt_out.decide": _("Decided on an opt-out from everything"),
    "opt_out.take": _("Took in an opt-out from everything"),
    "order.record": _("Recorded data handed to an authority"),
    "policy.change": _("Changed the rules of signing in"),
    "recipient.add": _("Added a recipient to the register"),
    "recipient.change": _("Changed a recipient in the register"),
    "relay.change": _("Changed a relay"),
    "relay.hold": _("Held a relay back"),
    "relay.make": _("Made a relay"),
    "relay.release": _("Let a relay send again"),
    "relay.remove": _("Removed a relay"),
    "reply_rule.add": _("Added a rule for replies"),
    "reply_rule.remove": _("Removed a rule for replies"),
    "report.recipients_export": _("Downloaded the recipients of a campaign"),
    "report.share": _("Shared a report"),
    "report.unshare": _("Ended the sharing of a report"),
    "request.answer": _("Answered a request of a person"),
    "request.ask_identity": _("Asked who sent a request"),
    "request.decide": _("Decided on a right"),
    "request.deliver": _("Delivered a letter on a request"),
    "request.duplicate": _("Closed a request as a duplicate"),
    "request.extend": _("Extended the time of a request"),
    "request.fee": _("Asked for a fee for a request"),
    "request.identify": _("Identified who sent a request"),
    "request.pass_on": _("Passed on a request"),
    "request.perform": _("Did what a right asks for"),
    "request.receive": _("Took a request of a person"),
    "request.settle": _("Settled a part of a request by hand"),
    "request.withdraw": _("Closed a request that was taken back"),
    "returns.dismiss": _("Set a returned mail aside"),
    "returns.domain": _("Set the domain for returned mail"),
    "returns.rules": _("Changed the rules for returned mail"),
    "returns.sort": _("Sorted a returned mail by hand"),
    "route.add": _("Added a route"),
    "route.remove": _("Removed a route"),
    "sign_up.confirm": _("Confirmed a sign-up"),
    "suppression.add": pgettext_lazy("audit", "Put on the suppression list"),
    "suppression.lift": _("Took off the suppression list"),
    "tag.create": _("Made a tag"),
    "tag.delete": _("Deleted a tag"),
    "tag.rename": _("Renamed a tag"),
    "tenant.end_sessions": _("Signed everybody out"),
    "tenant.found": _("Founded the account of a firm"),
    "token.end": _("Ended an API token"),
    "token.make": _("Made an API token"),
    "user.ask_address": _("Asked for another e-mail address"),
    "user.change": _("Changed the own account"),
    "user.change_address": _("Changed the own e-mail address"),
    "user.create": _("Made a user"),
    "user.end_sessions": _("Ended somebody's sessions"),
    "user.first_password": _("Made a first password"),
    "user.forget_factors": _("Took away somebody's second factor"),
    "user.oidc": _("Connected a user with the identity provider"),
    "user.sign_in": pgettext_lazy("audit", "Signed in"),
    "user.sign_in_failed": _("Failed to sign in"),
    "webhook.make": _("Made a webhook"),
    "webhook.remove": _("Removed a webhook"),
}
KINDS: dict[str, Promise] = {
    "apitoken": pgettext_lazy("audit", "API token"),
    "brand": pgettext_lazy("audit", "Brand"),
    "breach": pgettext_lazy("audit", "Breach"),
    "campaign": pgettext_lazy("audit", "Campaign"),
    "contact": pgettext_lazy("audit", "Contact"),
    "delivery": pgettext_lazy("audit", "Delivery"),
    "field": pgettext_lazy("audit", "Field"),
    "form": pgettext_lazy("audit", "Form"),
    "image": pgettext_lazy("audit", "Image"),
    "import": pgettext_lazy("audit", "Import"),
    "list": pgettext_lazy("audit", "List"),
    "membership": pgettext_lazy("audit", "Access"),
    "optout": pgettext_lazy("audit", "Opt-out"),
    "order": pgettext_lazy("audit", "Order of an authority"),
    "relay": pgettext_lazy("audit", "Relay"),
    "request": pgettext_lazy("audit", "Request of a person"),
    "reportshare": pgettext_lazy("audit", "Shared report"),
    "source": pgettext_lazy("audit", "Source"),
    "tag": pgettext_lazy("audit", "Tag"),
    "tenant": pgettext_lazy("audit", "Firm"),
    "user": pgettext_lazy("audit", "User"),
}
DETAILS: dict[str, Promise] = {
    "basis": pgettext_lazy("audit", "legal basis"),
    "brands": pgettext_lazy("audit", "brands"),
    "by": pgettext_lazy("audit", "by"),
    "cancelled": pgettext_lazy("audit", "cancelled"),
    "cause": pgettext_lazy("audit", "cause"),
    "change": pgettext_lazy("audit", "kind of change"),
    "changed": pgettext_lazy("audit", "changed"),
    "code": pgettext_lazy("audit", "code"),
    "contacts": pgettext_lazy("audit", "contacts"),
    "copied_from": pgettext_lazy("audit", "copied from"),
    "count": pgettext_lazy("audit", "number"),
    "days": pgettext_lazy("audit", "days"),
    "decision": pgettext_lazy("audit", "decision"),
    "fields": pgettext_lazy("audit", "fields"),
    "final": pgettext_lazy("audit", "complete"),
    "format": pgettext_lazy("audit", "format"),
    "held": pgettext_lazy("audit", "kept by a legal hold"),
    "holdings": pgettext_lazy("audit", "records"),
    "how": pgettext_lazy("audit", "recognised"),
    "idle_minutes": pgettext_lazy("audit", "idle minutes"),
    "kind": pgettext_lazy("audit", "kind"),
    "language": pgettext_lazy("audit", "language"),
    "letters": pgettext_lazy("audit", "letters"),
    "level": pgettext_lazy("audit", "severity"),
    "life_hours": pgettext_lazy("audit", "longest session in hours"),
    "list": pgettext_lazy("audit", "list"),
    "never_again": pgettext_lazy("audit", "for good"),
    "new": pgettext_lazy("audit", "new"),
    "notify": pgettext_lazy("audit", "to be told"),
    "number": pgettext_lazy("audit", "version"),
    "one_session": pgettext_lazy("audit", "one session"),
    "owner_invites": pgettext_lazy("audit", "owners give access"),
    "persons": pgettext_lazy("audit", "people"),
    "phase": pgettext_lazy("audit", "part"),
    "provider": pgettext_lazy("audit", "provider"),
    "reason": pgettext_lazy("audit", "reason"),
    "recipients": pgettext_lazy("audit", "recipients"),
    "removed": pgettext_lazy("audit", "removed"),
    "right": pgettext_lazy("audit", "right"),
    "role": pgettext_lazy("audit", "role"),
    "rows": pgettext_lazy("audit", "rows"),
    "second_factor": pgettext_lazy("audit", "second factor"),
    "selector": pgettext_lazy("audit", "selector"),
    "sessions": pgettext_lazy("audit", "sessions"),
    "size": pgettext_lazy("audit", "bytes"),
    "source": pgettext_lazy("audit", "source"),
    "status": pgettext_lazy("audit", "state"),
    "surface": pgettext_lazy("audit", "by way of"),
    "tag": pgettext_lazy("audit", "tag"),
    "tenants": pgettext_lazy("audit", "customers"),
    "to": pgettext_lazy("audit", "to"),
}
VALUES: dict[str, Promise] = {
    "called_back": pgettext_lazy("audit", "called back"),
    "cancelled": pgettext_lazy("audit", "cancelled"),
    "closed": pgettext_lazy("audit", "account closed"),
    "complaint": pgettext_lazy("audit", "complaint"),
    "consent": pgettext_lazy("audit", "consent"),
    "console": pgettext_lazy("audit", "at the machine"),
    "contract": pgettext_lazy("audit", "contract"),
    "dead_address": pgettext_lazy("audit", "dead address"),
    "done": pgettext_lazy("audit", "done"),
    "erased": pgettext_lazy("audit", "erased on request"),
    "expired": pgettext_lazy("audit", "its time was over"),
    "failed": pgettext_lazy("audit", "failed"),
    "imported": pgettext_lazy("audit", "imported"),
    "in_person": pgettext_lazy("audit", "in person"),
    "legitimate_interest": pgettext_lazy("audit", "legitimate interest"),
    "marketer": pgettext_lazy("audit", "marketer"),
    "objected": pgettext_lazy("audit", "objection"),
    "objection": pgettext_lazy("audit", "objection"),
    "one_click": pgettext_lazy("audit", "the mail program's button"),
    "opt_out": pgettext_lazy("audit", "opt-out"),
    "owner": pgettext_lazy("audit", "owner"),
    "page": pgettext_lazy("audit", "the page"),
    "password": pgettext_lazy("audit", "password"),
    "preferences": pgettext_lazy("audit", "the own page"),
    "privacy_officer": pgettext_lazy("audit", "privacy officer"),
    "recovery_codes": pgettext_lazy("audit", "recovery code"),
    "released": pgettext_lazy("audit", "legal hold lifted"),
    "replaced": pgettext_lazy("audit", "replaced"),
    "staff": pgettext_lazy("audit", "by staff"),
    "totp": pgettext_lazy("audit", "code of the app"),
    "unsubscribed": pgettext_lazy("audit", "unsubscribed"),
    "viewer": pgettext_lazy("audit", "viewer"),
    "webauthn": pgettext_lazy("audit", "passkey"),
    "withdrawn": pgettext_lazy("audit", "consent withdrawn"),
}
_ACTORS: tuple[tuple[str, Promise], ...] = (
    ("job:", _("Hirnok, by itself")),
    ("engine", _("Hirnok, by itself")),
    ("command:", _("Whoever runs Hirnok")),
    ("visitor", _("Nobody signed in")),
    ("person", _("The reader")),
    ("reader", _("The reader")),
    ("token:", _("A program with an API token")),
    ("operator", _("The operator")),
    ("tenant:", _("A customer of the operator")),
    ("user:", _("A user who is no more")),
)


def action(code: str) -> str:
    """Return what was done; the code itself where it has no words."""
    return str(ACTIONS.get(code, code))


def choices() -> list[tuple[str, str]]:
    """Return (code, words) of every action, by the words."""
    return sorted(((code, str(words)) for code, words in ACTIONS.items()), key=lambda one: one[1])


def actor(code: str, names: dict[str, str]) -> str:
    """Return who did it: a name of `names` (by code), else who stands behind the code."""
    if code in names:
        return names[code]
    return next((str(words) for start, words in _ACTORS if code.startswith(start)), code)


def about(kind: str, number_of: int | None) -> str:
    """Return about what: "Campaign 12"."""
    words = str(KINDS.get(kind, kind))
    return words if number_of is None else f"{words} {number_of}"


def details(found: dict[str, object]) -> list[tuple[str, str]]:
    """Return what else is known, each with its word."""
    return [
        (str(DETAILS.get(key, key)), _value(value))
        for key, value in found.items()
        if value not in (None, "")
    ]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int):
        return number(value)
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    parts = [part.strip() for part in str(value).split(",")]
    return ", ".join(str(VALUES.get(part, part)) for part in parts)
