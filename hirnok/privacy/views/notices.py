"""Pages of a notice: the draft as the register is now, what blocks it, its versions, and publishing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.privacy import wording
from hirnok.register import consistency, documents, notices
from hirnok.register.models import Notice, NoticeVersion


@require_GET
@member(Role.PRIVACY_OFFICER)
def notice(request: TenantRequest, pk: int) -> HttpResponse:
    """Show the draft in the page's language, what stands against it, and the versions."""
    found = get_object_or_404(Notice.objects.of(request.tenant), pk=pk)
    language = get_language() or "en"
    today = clock.now().date()
    blocking = consistency.examine(request.tenant, today, codes=tuple(found.activities))
    versions = NoticeVersion.objects.of(request.tenant).filter(notice=found).order_by("-number")
    context = {
        "notice": found,
        "document": documents.compose(request.tenant, found, language, today),
        "findings": wording.findings(request.tenant, blocking, language),
        "versions": [
            {
                "version": one,
                "weight": wording.WEIGHTS[one.change],
                "changes": wording.changes(request.tenant, one.difference, language),
                "is_announced": one.effective_from > today,
            }
            for one in versions
        ],
    }
    return render(request, "privacy/notice.html", context)


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
        if made.effective_from > clock.now().date():
            messages.success(
                request, _("Version %(number)s is announced.") % {"number": made.number}
            )
        else:
            messages.success(request, _("Version %(number)s holds.") % {"number": made.number})
    return redirect(
        reverse("privacy:notice", kwargs={"tenant": request.tenant.slug, "pk": found.pk})
    )
