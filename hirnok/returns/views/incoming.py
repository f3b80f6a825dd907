"""The address to which a provider posts: no session, no cookie; its secret and the signature are the authority."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hirnok.lib import clock
from hirnok.returns import webhooks
from hirnok.returns.models import Webhook
from hirnok.returns.signatures import Refused
from hirnok.tenants.acting import acting_for


@csrf_exempt  # the provider's signature is the authority
@require_POST
def provider_events(request: HttpRequest, token: str) -> HttpResponse:
    """Take the events of a provider: 200 once they are stored, 403 when it is not the provider."""
    tenant = webhooks.tenant_of(token)
    if tenant is None:
        return HttpResponse("No such webhook.\n", status=404, content_type="text/plain")
    if int(request.headers.get("Content-Length") or 0) > webhooks.LARGEST:
        return HttpResponse("Too large.\n", status=413, content_type="text/plain")
    body = request.read(webhooks.LARGEST + 1)[: webhooks.LARGEST]
    with acting_for(tenant):
        hook = Webhook.objects.get(tenant_id=tenant, token=token)
        try:
            webhooks.take(hook, body, request.headers, at=clock.now())
        except Refused as fact:
            return HttpResponse(f"Refused: {fact.reason}.\n", status=403, content_type="text/plain")
        except OSError:
            return HttpResponse("Try again later.\n", status=503, content_type="text/plain")
    return HttpResponse("OK\n", content_type="text/plain")
