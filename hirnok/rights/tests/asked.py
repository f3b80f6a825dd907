"""What tests of requests share: asking at the portal, following the link, taking a request as staff."""

import email
import re
from datetime import datetime
from email import policy
from typing import Any

from django.test import Client

from hirnok.outbox.models import Letter
from hirnok.register import portals
from hirnok.rights import receiving
from hirnok.rights.models import Request, Right, Task
from hirnok.rights.receiving import Arrival, Asked, Asker
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant

DORA = "dora@example.hu"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def mails_to(tenant: Tenant, address: str) -> list[Any]:
    """Return the mails that wait for an address, the oldest first."""
    with acting_for(tenant):
        rows = Letter.objects.of(tenant).filter(recipient=address).order_by("pk")
        return [email.message_from_bytes(bytes(one.data), policy=policy.default) for one in rows]


def text_of(mail: Any) -> str:
    """Return the plain text of a mail."""
    part = mail.get_body(("plain",))
    return str(part.get_content())


def link_in(mail: Any) -> str:
    """Return the path of the portal's link in a mail."""
    found = re.search(r"https?://[^/\s]+(/rights/\S+)", text_of(mail)) or re.search(
        r"(/rights/\S+/)", text_of(mail)
    )
    assert found
    return found[1]


def ask(
    tenant: Tenant, right: str, address: str = DORA, *, brand: Brand | None = None, **more: str
) -> Any:
    """Fill in the portal's form in Hungarian."""
    path = portals.path(tenant.pk, brand.pk if brand else 0)
    return Client().post(f"{path}{right}/?lang=hu", {"email": address, **more})


def confirm(tenant: Tenant, address: str = DORA, **more: Any) -> Any:
    """Follow the newest link to an address and press the button; the answer leads to the request's page."""
    link = link_in(mails_to(tenant, address)[-1])
    return Client().post(link, more)


def taken(
    tenant: Tenant,
    *rights: Right,
    at: datetime,
    asker: Asker | None = None,
    identified: bool = True,
    **details: Any,
) -> Request:
    """Return a request that staff have taken."""
    with acting_for(tenant):
        made = receiving.receive(
            tenant,
            asker or Asker(email=DORA, name="Őri Dóra"),
            [Asked(one, details) for one in rights],
            Arrival(Request.Channel.POST, "hu", at),
            actor="user:1",
            at=at,
        )
        if identified:
            receiving.identify(made, Request.Identified.SIGNATURE, actor="user:1", at=at)
    return made


def task_of(request: Request) -> Task:
    """Return the only right of a request."""
    found: Task = Task.objects.get(tenant_id=request.tenant_id, request=request)
    return found
