"""Plain mails of a tenant to a person, and who sends them."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid

from hirnok.register.models import Controller
from hirnok.tenants.models import Brand, Tenant


def mail_of(
    tenant: Tenant, brand: Brand | None, address: str, subject: str, text: str, *, at: datetime
) -> tuple[EmailMessage, str]:
    """Return a plain mail of a tenant to a person, and its return path ("" where it has no sender)."""
    controller = Controller.objects.of(tenant).get()
    name, sender = sender_of(tenant, brand, controller)
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = formataddr((name, sender))
    message["To"] = address
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    if reply_to := controller.officer_email or controller.email:
        message["Reply-To"] = reply_to
    message.set_content(text)
    return message, sender


def sender_of(tenant: Tenant, brand: Brand | None, controller: Controller) -> tuple[str, str]:
    """Who writes: the request's brand, else the tenant's first one, else the controller's own address."""
    found = brand or Brand.objects.filter(tenant_id=tenant.pk).order_by("pk").first()
    if found is not None:
        return controller.name or found.sender_name, found.from_address
    return controller.name, controller.email
