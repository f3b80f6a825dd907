"""Words for what stands as codes in the tables of what comes back."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]

STATES: Words = {
    "new": _("waits to be sorted"),
    "applied": _("accounted for"),
    "unknown": _("not understood"),
    "dismissed": _("means nothing"),
}
KINDS: Words = {
    "bounce": _("failure"),
    "complaint": _("complaint"),
    "autoreply": _("automatic answer"),
    "delivered": _("delivery"),
    "none": _("something else"),
    "": _("something else"),
}
ROADS: Words = {
    "smtp": "SMTP",
    "lmtp": "LMTP",
    "imap": "IMAP",
    "pop": "POP",
    "amazon": "Amazon SES",
    "brevo": "Brevo",
    "mailgun": "Mailgun",
    "mailjet": "Mailjet",
    "postmark": "Postmark",
    "sendgrid": "SendGrid",
    "generic": _("signed webhook"),
}
REFUSALS: Words = {
    "unsigned": _("without a signature or password"),
    "forged": _("the signature or password does not fit"),
    "replayed": _("signed too long ago"),
    "foreign": _("of another account or topic"),
    "unreadable": _("not readable"),
    "": "",
}
CLASSES: Words = {
    "address": _("no such address"),
    "domain": _("no such domain"),
    "mailbox_disabled": _("mailbox closed"),
    "mailbox_full": _("mailbox full"),
    "network": _("server not reachable"),
}
PERMANENCE: Words = {"permanent": _("for good"), "transient": _("for now")}
# Why a mailbox cannot be looked into, by the step at which it ended.
STEPS: Words = {
    "unknown_host": _("There is no server of this name. Check the spelling."),
    "private_address": _(
        "The server is inside a private network. The operator can allow that for the whole installation."
    ),
    "connect": _("Nothing answers there. Check host, port and encryption, or a firewall."),
    "tls": _("Encryption could not be agreed on. Check port and kind of encryption."),
    "certificate": _("The certificate is not valid for this name."),
    "auth": _("User name or password is wrong, or the account may not be read this way."),
    "folder": _("There is no such folder."),
    "lost": _("The server broke off the connection."),
    "password_unreadable": _("The stored password cannot be read any more. Type it again."),
}
# What to do at the provider: where its address and key are entered or found.
INSTRUCTIONS: Words = {
    "amazon": _(
        "In Amazon SNS make a topic, let your SES identity publish bounces, complaints and deliveries to it, and subscribe"
        " this address to it over HTTPS. The subscription is confirmed by itself. The key is the topic's ARN."
    ),
    "brevo": _(
        "In Brevo: Transactional, Settings, Webhook. Enter this address, choose token authentication with the password"
        " below, and the events hard bounce, soft bounce, blocked, invalid, deferred, complaint and delivered."
    ),
    "mailgun": _(
        "In Mailgun: Sending, Webhooks. Enter this address for permanent failure, temporary failure, spam complaints and"
        " delivered. The key is the HTTP webhook signing key of your account."
    ),
    "mailjet": _(
        "In Mailjet: Account, Event tracking. Enter this address with user name and password in front of the host, for the"
        " events bounce, blocked, spam and sent."
    ),
    "postmark": _(
        "In Postmark: your server's message stream, Webhooks. Enter this address, basic authentication with the user name"
        " and password below, and the events delivery, bounce and spam complaint."
    ),
    "sendgrid": _(
        "In SendGrid: Settings, Mail Settings, Event Webhook. Enter this address, switch the signed event webhook on, and"
        " choose the events about delivery. The key is its verification key."
    ),
    "generic": _(
        "Post JSON to this address, signed with HMAC-SHA256 and the password below, in the header X-Hirnok-Signature. The"
        " fields are described in docs/bounces.md."
    ),
}
