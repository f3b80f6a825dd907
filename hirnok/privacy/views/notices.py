"""Pages of a notice: the draft as the register is now, what blocks it, its versions, and publishing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.consent import renewing
from hirnok.lib import clock
from hirnok.privacy import announcing, keeping, wording
from hirnok.privacy.forms import NoticeForm, initial_of_notice
from hirnok.privacy.models import NoticeAnnouncement
from hirnok.register import consistency, describing, documents, notices
from hirnok.register.answers import name_of
from hirnok.register.models import Activity, Notice, NoticeVersion


@require_GET
@member(Role.PRIVACY_OFFICER)
def notice(request: TenantRequest, pk: int) -> HttpResponse:
    """Show the draft in the page's language, what stands against it, and the versions."""
    found = get_object_or_404(Notice.objects.of(request.tenant), pk=pk)
    language = get_language() or "en"
    today = clock.now().date()
    blocking = consistency.examine(request.tenant, today, codes=tuple(found.activities))
    versions = NoticeVersion.objects.of(request.tenant).filter(notice=found).order_by("-number")
    announced = {
        one.version_id: one
        for one in NoticeAnnouncement.objects.of(request.tenant).filter(version__notice=found)
    }
    context = {
        "notice": found,
        "changes_consent": notices.changes_consent(request.tenant, found, today),
        "document": documents.compose(request.tenant, found, language, today),
        "findings": wording.findings(request.tenant, blocking, language),
        "versions": [
            {
                "version": one,
                "weight": wording.WEIGHTS[one.change],
                "changes": wording.changes(request.tenant, one.difference, language),
                "is_announced": one.effective_from > today,
                "announcement": announced.get(one.pk),
            }
            for one in versions
        ],
    }
    return render(request, "privacy/notice.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def notice_new(request: TenantRequest) -> HttpResponse:
    """Make a notice for an audience."""
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def notice_edit(request: TenantRequest, pk: int) -> HttpResponse:
    """Change what a notice is called, whom it is for and what it tells of; the next version says so."""
    return _edit(request, get_object_or_404(Notice.objects.of(request.tenant), pk=pk))


def _edit(request: TenantRequest, found: Notice | None) -> HttpResponse:
    language = get_language() or "en"
    rows = Activity.objects.of(request.tenant).order_by("-active", "pk")
    choices = [(one.code, name_of(one, language)) for one in rows]
    initial = initial_of_notice(found) if found else {}
    form = NoticeForm(choices, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = keeping.keep_notice(
                request.tenant, found, form.values(), actor=request.actor, at=clock.now()
            )
        except keeping.CodeTaken:
            form.add_error("code", _("There is a notice of this short name already."))
        else:
            messages.success(request, _("Saved. Publish the notice to say so."))
            return redirect("privacy:notice", tenant=request.tenant.slug, pk=kept.pk)
    cancel_url = (
        reverse("privacy:notice", kwargs={"tenant": request.tenant.slug, "pk": found.pk})
        if found
        else reverse("privacy:register", kwargs={"tenant": request.tenant.slug})
    )
    title = (
        describing.in_language(found.title, language) or found.code if found else _("New notice")
    )
    context = {"form": form, "cancel_url": cancel_url, "title": title}
    return render(request, "privacy/part.html", context)


@require_POST
@member(Role.PRIVACY_OFFICER)
def publish_notice(request: TenantRequest, pk: int) -> HttpResponse:
    """Make what the register says the notice's next version."""
    found = get_object_or_404(Notice.objects.of(request.tenant), pk=pk)
    try:
        made = notices.publish(request.tenant, found, actor=request.actor, at=clock.now())
    except notices.Blocked:
        messages.error(request, _("It cannot be published: something must be mended first."))
    except notices.NothingChanged:
        messages.info(request, _("It says the same as the last version."))
    else:
        _tell(request, made)
        if made.effective_from > clock.now().date():
            messages.success(
                request, _("Version %(number)s is announced.") % {"number": made.number}
            )
        else:
            messages.success(request, _("Version %(number)s holds.") % {"number": made.number})
    return redirect(
        reverse("privacy:notice", kwargs={"tenant": request.tenant.slug, "pk": found.pk})
    )


def _tell(request: TenantRequest, made: NoticeVersion) -> None:
    """Announce the version to those whom it concerns, and ask anew where the officer says so."""
    at = clock.now()
    if announcing.begin(made, actor=request.actor, at=at) is not None:
        messages.info(request, _("Those whom it concerns are told by mail."))
    if request.POST.get("renew"):
        renewing.begin_for_notice(request.tenant, actor=request.actor, at=at)
        messages.info(request, _("Who consented to the newsletter is asked to agree anew."))
