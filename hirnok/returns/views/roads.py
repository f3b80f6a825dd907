"""Settings: return domains, mailboxes, webhooks, rules."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import formset_factory
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock, env
from hirnok.returns import (
    domains,
    mailboxes,
    polling,
    rules,
    signatures,
    storing,
    webhooks,
    wording,
)
from hirnok.returns.forms import DomainForm, MailboxForm, RuleForm, WebhookForm, initial_of
from hirnok.returns.models import Mailbox, Webhook
from hirnok.tenants.models import Brand
from hirnok.ui.confirmation import Confirmation, ConfirmForm


@member(Role.OWNER)
def roads_back(request: TenantRequest) -> HttpResponse:
    """Show by which roads mail comes back, and take the brands' return domains."""
    brands = Brand.objects.of(request.tenant).order_by("name", "pk")
    forms = [(brand, _domain_form(request, brand)) for brand in brands]
    chosen = [_is_chosen(request, *pair) for pair in forms if request.method == "POST"]
    if chosen and all(chosen):
        messages.success(
            request, _("The return domains are changed. They hold from the next launch on.")
        )
        return redirect("returns:roads_back", tenant=request.tenant.slug)
    hooks = list(Webhook.objects.of(request.tenant).order_by("provider", "pk"))
    for hook in hooks:
        hook.words = (wording.ROADS[hook.provider], wording.REFUSALS.get(hook.refusal, ""))
    context = {
        "forms": [form for _brand, form in forms],
        "mailboxes": Mailbox.objects.of(request.tenant).order_by("name", "pk"),
        "webhooks": hooks,
        "waiting": storing.waiting(request.tenant),
        "listens": env.get("HIRNOK_RECEIVER_SMTP_PORT") or env.get("HIRNOK_RECEIVER_LMTP_PORT"),
    }
    return render(request, "returns/roads_back.html", context)


@member(Role.OWNER)
def mailbox_new(request: TenantRequest) -> HttpResponse:
    """Make a mailbox."""
    form = MailboxForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = mailboxes.make(request.tenant, form.details(), actor=request.actor, at=clock.now())
        return redirect("returns:mailbox", tenant=request.tenant.slug, pk=made.pk)
    return render(request, "returns/mailbox.html", {"form": form, "cancel_url": _back(request)})


@member(Role.OWNER)
def mailbox(request: TenantRequest, pk: int) -> HttpResponse:
    """Change a mailbox."""
    found: Mailbox = get_object_or_404(_mailboxes(request), pk=pk)
    form = MailboxForm(request.POST or None, initial=initial_of(found))
    if request.method == "POST" and form.is_valid():
        mailboxes.change(found, form.details(), actor=request.actor, at=clock.now())
        messages.success(request, _("The mailbox is changed."))
        return redirect("returns:mailbox", tenant=request.tenant.slug, pk=found.pk)
    context = {"form": form, "mailbox": found, "cancel_url": _back(request)}
    return render(request, "returns/mailbox.html", context)


@require_POST
@member(Role.OWNER)
def mailbox_test(request: TenantRequest, pk: int) -> HttpResponse:
    """Sign in as the worker would and count what lies there; takes nothing over."""
    found: Mailbox = get_object_or_404(_mailboxes(request), pk=pk)
    try:
        count = polling.probe(found)
    except polling.CannotLook as fact:
        said = f" ({fact.said})" if fact.said else ""
        messages.error(request, f"{wording.STEPS.get(fact.code, fact.code)}{said}")
    else:
        messages.success(request, _("It works. Mails in it: %(count)s.") % {"count": count})
    return redirect("returns:mailbox", tenant=request.tenant.slug, pk=found.pk)


@member(Role.OWNER)
def mailbox_remove(request: TenantRequest, pk: int) -> HttpResponse:
    """Remove a mailbox, after asking."""
    found: Mailbox = get_object_or_404(_mailboxes(request), pk=pk)
    question = Confirmation(
        title=_("Remove the mailbox %(name)s") % {"name": found.name},
        text=_(
            "Its password is deleted and nobody looks into it any more. What was taken over stays."
        ),
        action=_("Remove"),
        cancel_url=_back(request),
        undo=False,
        danger=True,
    )
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        mailboxes.remove(found, actor=request.actor, at=clock.now())
        return redirect("returns:roads_back", tenant=request.tenant.slug)
    return render(request, "ui/confirm.html", {"confirmation": question, "form": form})


@member(Role.OWNER)
def webhook_new(request: TenantRequest) -> HttpResponse:
    """Make a webhook."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = webhooks.make(
            request.tenant, given["provider"], given["key"], actor=request.actor, at=clock.now()
        )
        return redirect("returns:webhook", tenant=request.tenant.slug, pk=made.pk)
    return render(request, "returns/webhook_new.html", {"form": form, "cancel_url": _back(request)})


@member(Role.OWNER)
def webhook(request: TenantRequest, pk: int) -> HttpResponse:
    """Say what to enter at the provider."""
    found: Webhook = get_object_or_404(_webhooks(request), pk=pk)
    path = reverse("returns:provider_events", kwargs={"token": found.token})
    has_password = found.provider in webhooks.OWN_PASSWORD
    context = {
        "webhook": found,
        "provider": wording.ROADS[found.provider],
        "instructions": wording.INSTRUCTIONS[found.provider],
        "address": env.get("HIRNOK_PUBLIC_URL").rstrip("/") + path,
        "user": signatures.USER if has_password and found.provider != "generic" else "",
        "password": webhooks.secret_of(found) if has_password else "",
        "refusal": wording.REFUSALS.get(found.refusal, ""),
    }
    return render(request, "returns/webhook.html", context)


@member(Role.OWNER)
def webhook_remove(request: TenantRequest, pk: int) -> HttpResponse:
    """Remove a webhook, after asking."""
    found: Webhook = get_object_or_404(_webhooks(request), pk=pk)
    question = Confirmation(
        title=_("Remove the webhook of %(provider)s") % {"provider": wording.ROADS[found.provider]},
        text=_("Its address and key cease to work at once."),
        action=_("Remove"),
        cancel_url=_back(request),
        undo=False,
        danger=True,
    )
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        webhooks.remove(found, actor=request.actor, at=clock.now())
        return redirect("returns:roads_back", tenant=request.tenant.slug)
    return render(request, "ui/confirm.html", {"confirmation": question, "form": form})


@member(Role.OWNER)
def dead_address_rules(request: TenantRequest) -> HttpResponse:
    """Change from how many failures on an address is dead."""
    lines = formset_factory(RuleForm, extra=0)(request.POST or None, initial=_initial(request))
    if request.method == "POST" and lines.is_valid():
        chosen = [line for form in lines if (line := form.line()) is not None]
        rules.write(request.tenant, chosen, actor=request.actor, at=clock.now())
        messages.success(
            request, _("The rules are changed. They hold for what comes back from now on.")
        )
        return redirect("returns:dead_address_rules", tenant=request.tenant.slug)
    context = {"form": lines, "lines": lines, "cancel_url": _back(request)}
    return render(request, "returns/dead_address_rules.html", context)


def _initial(request: TenantRequest) -> list[dict[str, Any]]:
    known = {(line.kind, line.permanence): line for line in rules.of(request.tenant)}
    shown = []
    for kind in rules.COUNTABLE:
        for permanence in wording.PERMANENCE:
            if (kind, permanence) in rules.RARE:
                continue
            line = known.get((kind, permanence))
            numbers = {name: getattr(line, name, None) for name in ("count", "days", "lasts_days")}
            shown.append({"kind": str(kind), "permanence": permanence, **numbers})
    return shown


def _domain_form(request: TenantRequest, brand: Brand) -> DomainForm:
    initial = {"domain": domains.of(brand)}
    return DomainForm(
        request.POST or None, prefix=f"brand-{brand.pk}", initial=initial, brand=brand
    )


def _is_chosen(request: TenantRequest, brand: Brand, form: DomainForm) -> bool:
    if not form.is_valid():
        return False
    try:
        domains.choose(
            request.tenant, brand, form.cleaned_data["domain"], actor=request.actor, at=clock.now()
        )
    except domains.NoDomain:
        form.add_error("domain", _("This is no domain name. An example: bounces.example.hu"))
    except domains.Taken:
        form.add_error("domain", _("Mail of another brand comes back under this domain."))
    return not form.errors


def _mailboxes(request: TenantRequest) -> "QuerySet[Mailbox]":
    return Mailbox.objects.of(request.tenant)


def _webhooks(request: TenantRequest) -> "QuerySet[Webhook]":
    return Webhook.objects.of(request.tenant)


def _back(request: TenantRequest) -> str:
    return reverse("returns:roads_back", kwargs={"tenant": request.tenant.slug})
