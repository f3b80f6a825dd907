"""The connection test in words: what each step found and what to do about it."""

from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext as _

from hirnok.engine import channel
from hirnok.engine import probe as engine_probe
from hirnok.engine.transport import Security
from hirnok.outbox.models import Relay
from hirnok.tenants.models import Brand


@dataclass(frozen=True)
class Step:
    """A line of the test's page: `result` is passed, failed or untested."""

    label: str
    result: str
    meaning: str
    answer: str


def probe(relay: Relay) -> list[Step]:
    """Go the engine's way to the relay; takes some seconds at most, sends nothing."""
    sender = (
        Brand.objects.filter(tenant_id=relay.tenant_id)
        .order_by("pk")
        .values_list("from_address", flat=True)
        .first()
    )
    return [
        Step(_labels()[step.name], _result(step), _meanings(relay)[step.code], step.detail)
        for step in engine_probe.probe(_as_engine_sees(relay), sender or "")
    ]


def failure(relay: Relay) -> str:
    """Return in words why a relay fails, from what its engine noted ("connect: …"), with the server's own words where
    it said some."""
    cause, _colon, said = relay.last_error.partition(": ")
    meaning = _meanings(relay)[_failure_code(cause, said.lower())]
    return f"{meaning} ({said})" if said[:3].isdigit() else meaning


def _failure_code(cause: str, said: str) -> str:
    if cause == "closed" and said.startswith("421"):
        return "turned_away"
    for of, words, code in _CAUSES:
        if of == cause and words in said:
            return code
    return "lost"


_CAUSES = (
    ("connect", "refused", "refused"),
    ("connect", "timed out", "timed_out"),
    ("connect", "private", "private_address"),
    ("connect", "unknown host", "unknown_host"),
    ("connect", "no address", "unknown_host"),
    ("connect", "", "unreachable"),
    ("greeting", "", "not_smtp"),
    ("hello", "", "not_smtp"),
    ("tls", "not offered", "tls_not_offered"),
    ("tls", "certificate", "certificate"),
    ("tls", "", "tls_failed"),
    ("auth", "cannot be read", "password_unreadable"),
    ("auth", "offered", "auth_not_offered"),
    ("auth", "", "auth_refused"),
    ("timeout", "", "timed_out"),
)


def _as_engine_sees(relay: Relay) -> channel.Relay:
    return channel.Relay(
        tenant_id=relay.tenant_id,
        id=relay.pk,
        host=relay.host,
        port=relay.port,
        security=cast("Security", relay.security),
        verify=relay.verify_certificate,
        username=relay.username,
        sealed_password=relay.password,
    )


def _result(step: engine_probe.Step) -> str:
    if step.code == "skipped":
        return "untested"
    return "passed" if step.is_ok else "failed"


def _labels() -> dict[str, str]:
    return {
        "dns": _("Finding the server"),
        "connect": _("Connecting"),
        "tls": _("Encryption"),
        "auth": _("Signing in"),
        "mail": _("Accepting the sender"),
    }


def _meanings(relay: Relay) -> dict[str, str]:
    where = {"host": relay.host, "port": relay.port}
    return {
        "ok": _("As it should be."),
        "skipped": _("Not asked for."),
        "unknown_host": _("There is no server of the name %(host)s. Check the spelling.") % where,
        "private_address": _(
            "%(host)s is inside a private network. The operator can allow that for the whole installation."
        )
        % where,
        "refused": _(
            "%(host)s refuses connections at port %(port)s. Check the port, or a firewall."
        )
        % where,
        "timed_out": _("No answer in time. Often a firewall lets nothing through at this port."),
        "unreachable": _("There is no way to this server from here. Check the network."),
        "not_smtp": _(
            "What answers there is no mail server, or it wants TLS from the first byte. Check port and encryption."
        ),
        "tls_not_offered": _(
            "The server offers no STARTTLS. Try TLS from the first byte with port 465."
        ),
        "certificate": _(
            "The certificate is not valid for this name. Use the name that is in it, or allow such certificates."
        ),
        "tls_failed": _("Encryption could not be agreed on. Check port and kind of encryption."),
        "password_unreadable": _("The stored password cannot be read any more. Type it again."),
        "auth_not_offered": _(
            "The server offers no sign-in here. Leave user name and password empty, or encrypt."
        ),
        "auth_refused": _("User name or password is wrong, or the account may not send."),
        "sender_refused": _(
            "The server does not accept the brand's from address. It has to be allowed there."
        ),
        "turned_away": _("The server turns all mail away at the moment."),
        "lost": _("The server broke off the connection."),
    }
