"""Events of providers: signed ones are stored once and applied, all others refused and counted."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from django.test import Client

from hirnok.consent.models import Departure
from hirnok.consent.tests.sent import delivery_to
from hirnok.lib import clock
from hirnok.mail import notices
from hirnok.outbox.models import Delivery, State
from hirnok.register.models import Suppression
from hirnok.returns import applying, signatures, webhooks
from hirnok.returns.models import Complaint, Failure, Returned, Webhook
from hirnok.returns.signatures import Refused
from tests.world import NOON, World

DORA = "dora@example.hu"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alma"
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()
SNS = rsa.generate_private_key(65537, 2048)
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
Signed = tuple[bytes, dict[str, str]]


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(SNS.public_key())
        .serial_number(1).not_valid_before(NOON - timedelta(days=1)).not_valid_after(NOON + timedelta(days=1))
        .sign(SNS, hashes.SHA256())
    )  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM)


def amazon(event: Any, secret: str, at: datetime) -> Signed:
    message = {
        "Type": "Notification", "MessageId": "m1", "TopicArn": secret, "Message": json.dumps(event),
        "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "SignatureVersion": "2", "SigningCertURL": CERTIFICATE_URL,
    }  # fmt: skip
    names = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
    text = "".join(f"{name}\n{message[name]}\n" for name in names)
    signature = SNS.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return json.dumps(message | {"Signature": base64.b64encode(signature).decode()}).encode(), {}


def sendgrid(event: Any, secret: str, at: datetime) -> Signed:
    body, seconds = json.dumps([event]).encode(), str(int(at.timestamp()))
    signature = KEY.sign(seconds.encode() + body, ec.ECDSA(hashes.SHA256()))
    return body, {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": seconds,
    }


def mailgun(event: Any, secret: str, at: datetime) -> Signed:
    seconds = str(int(at.timestamp()))
    mac = hmac.digest(secret.encode(), f"{seconds}token".encode(), hashlib.sha256).hex()
    body = {
        "signature": {"timestamp": seconds, "token": "token", "signature": mac},
        "event-data": event,
    }
    return json.dumps(body).encode(), {}


def password(event: Any, secret: str, at: datetime) -> Signed:
    given = base64.b64encode(f"hirnok:{secret}".encode()).decode()
    return json.dumps(event).encode(), {"Authorization": f"Basic {given}"}


def generic(event: Any, secret: str, at: datetime) -> Signed:
    body = json.dumps(event).encode()
    return body, {"X-Hirnok-Signature": signatures.sign(secret, body, at)}


SIGN: dict[str, Callable[[Any, str, datetime], Signed]] = {
    "amazon": amazon, "sendgrid": sendgrid, "mailgun": mailgun, "postmark": password, "brevo": password,
    "mailjet": password, "generic": generic,
}  # fmt: skip
KEYS = {"amazon": TOPIC, "sendgrid": PUBLIC, "mailgun": "key-0123456789abcdef"}
BOUNCE: dict[str, Any] = {
    "amazon": {"notificationType": "Bounce", "mail": {}, "bounce": {"feedbackId": "1", "bounceType": "Permanent", "bounceSubType": "NoEmail", "bouncedRecipients": [{"emailAddress": DORA, "status": "5.1.1", "action": "failed", "diagnosticCode": "smtp; 550 5.1.1 unknown"}]}},
    "sendgrid": {"event": "bounce", "type": "bounce", "email": DORA, "status": "5.1.1", "reason": "550 5.1.1 unknown user", "sg_event_id": "1"},
    "mailgun": {"event": "failed", "severity": "permanent", "recipient": DORA, "id": "1", "delivery-status": {"code": 550, "message": "5.1.1 No such user"}},
    "postmark": {"RecordType": "Bounce", "Type": "HardBounce", "Email": DORA, "ID": 1, "MessageID": "g", "Details": "smtp;550 5.1.1 user unknown"},
    "brevo": {"event": "hard_bounce", "email": DORA, "id": 1, "reason": "550 5.1.1 unknown user"},
    "mailjet": {"event": "bounce", "email": DORA, "hard_bounce": True, "MessageID": 1, "error": "user unknown"},
    "generic": {"event": "bounced", "recipient": DORA, "status": "5.1.1", "reply": "550 5.1.1 unknown", "id": "1"},
}  # fmt: skip
COMPLAINT: dict[str, Any] = {
    "amazon": {
        "eventType": "Complaint",
        "complaint": {"complainedRecipients": [{"emailAddress": DORA}]},
    },
    "sendgrid": {"event": "spamreport", "email": DORA},
    "mailgun": {"event": "complained", "recipient": DORA},
    "postmark": {"RecordType": "SpamComplaint", "Email": DORA},
    "brevo": {"event": "spam", "email": DORA},
    "mailjet": {"event": "spam", "email": DORA},
    "generic": {"event": "complaint", "recipient": DORA},
}


def hook(world: World, provider: str) -> Webhook:
    return webhooks.make(world.alma, provider, KEYS.get(provider, ""), actor="user:1", at=NOON)


def take(found: Webhook, signed: Signed, at: datetime = NOON) -> int:
    return webhooks.take(found, *signed, at=at, fetch=lambda url: certificate())


@pytest.mark.django_db
@pytest.mark.parametrize("provider", SIGN)
def test_it_takes_signed_events_once_and_applies_them(world: World, provider: str) -> None:
    delivery = delivery_to(world.dora)
    found = hook(world, provider)
    signed = SIGN[provider](BOUNCE[provider], webhooks.secret_of(found), NOON)
    assert (take(found, signed), take(found, signed)) == (1, 0)
    applying.apply_new(world.alma, at=NOON)
    delivery.refresh_from_db()
    assert delivery.state == State.BOUNCED
    found.refresh_from_db()
    assert (found.accepted, found.refused) == (1, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("provider", SIGN)
@pytest.mark.parametrize("events", [BOUNCE, COMPLAINT])
def test_a_call_repeated_within_the_window_counts_nothing_twice(world: World, provider: str, events: dict[str, Any]) -> None:  # fmt: skip
    """The very same call, before and after it was applied, and the same event in a call signed anew."""
    delivery_to(world.dora)
    found = hook(world, provider)
    event = events[provider]
    wrapped = {"event-data": event} if provider == "mailgun" else event
    assert len(notices.read(provider, wrapped)) == 1
    secret = webhooks.secret_of(found)
    signed = SIGN[provider](event, secret, NOON)
    later = NOON + signatures.TOLERANCE / 2
    assert take(found, signed) == 1
    assert take(found, signed, later) == 0
    applying.apply_new(world.alma, at=NOON)
    kept = sorted(Returned.objects.values_list("pk", "state", "sorted_at"))
    counted = (Failure.objects.count(), Complaint.objects.count(), Departure.objects.count(), Suppression.objects.count())  # fmt: skip
    assert sum(counted) > 0
    for again in (signed, SIGN[provider](event, secret, later)):
        assert take(found, again, later) == 0
    applying.apply_new(world.alma, at=later)
    assert sorted(Returned.objects.values_list("pk", "state", "sorted_at")) == kept
    assert counted == (Failure.objects.count(), Complaint.objects.count(), Departure.objects.count(), Suppression.objects.count())  # fmt: skip
    found.refresh_from_db()
    assert (found.accepted, found.refused) == (1, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("provider", SIGN)
def test_it_refuses_and_counts_what_the_provider_did_not_sign(world: World, provider: str) -> None:
    found = hook(world, provider)
    body, headers = SIGN[provider](BOUNCE[provider], webhooks.secret_of(found), NOON)
    other = SIGN[provider](BOUNCE[provider], "another-key-of-another-account", NOON)
    bad: list[tuple[Signed, datetime]] = (
        [((body.replace(b"1", b"2"), headers), NOON)]
        if provider not in {"postmark", "brevo", "mailjet"}
        else []
    )
    bad.append(((b"{}", {}), NOON))
    if provider not in {"sendgrid"}:
        bad.append((other, NOON))
    if provider not in {"postmark", "brevo", "mailjet"}:
        bad.append(((body, headers), NOON + timedelta(days=3)))
    for signed, at in bad:
        with pytest.raises(Refused):
            take(found, signed, at)
    found.refresh_from_db()
    assert (found.accepted, found.refused) == (0, len(bad))
    assert not Returned.objects.exists()


@pytest.mark.django_db
def test_amazon_may_not_lead_us_elsewhere(world: World) -> None:
    found = hook(world, "amazon")
    body, _ = amazon(BOUNCE["amazon"], TOPIC, NOON)
    led = json.loads(body) | {
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem"
    }
    with pytest.raises(Refused, match="foreign"):
        take(found, (json.dumps(led).encode(), {}))
    with pytest.raises(Refused, match="foreign"):
        signatures.fetched("https://evil.example/")


@pytest.mark.parametrize("provider", COMPLAINT)
def test_it_knows_complaints(provider: str) -> None:
    body = {"event-data": COMPLAINT[provider]} if provider == "mailgun" else COMPLAINT[provider]
    (notice,) = notices.read(provider, body)
    assert (notice.event, notice.recipient) == (notices.COMPLAINED, DORA)
    assert notices.load(json.loads(notices.dump(notice))) == notice


@pytest.mark.parametrize("provider", notices.READERS)
@pytest.mark.parametrize(
    "body",
    [
        None,
        7,
        [],
        {},
        [None],
        {"event": 5},
        {"event-data": [], "bounce": 3, "notificationType": "Bounce"},
    ],
)
def test_it_survives_any_body(provider: str, body: object) -> None:
    assert notices.read(provider, body) == []


@pytest.mark.django_db
def test_the_address_answers_by_what_came(world: World) -> None:
    delivery_to(world.dora)
    found = hook(world, "generic")
    client = Client(enforce_csrf_checks=True)
    body, headers = generic(BOUNCE["generic"], webhooks.secret_of(found), clock.now())

    def post(path: str, body: bytes, headers: dict[str, str]) -> int:
        return client.post(path, body, content_type="application/json", headers=headers).status_code

    assert post(f"/e/{found.token}", body, headers) == 200
    assert post(f"/e/{found.token}", body + b" ", headers) == 403
    assert post("/e/unknown", body, headers) == 404
    assert client.get(f"/e/{found.token}").status_code == 405
    assert Returned.objects.get().tenant_id == world.alma.pk
    assert Delivery.objects.count() == 1
