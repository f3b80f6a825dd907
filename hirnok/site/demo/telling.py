"""What the demo prints at its end: where everything is, who may sign in, what became of the newsletter. Pure."""

from collections.abc import Iterator

from hirnok.campaigns.models import Campaign
from hirnok.campaigns.reports import Report
from hirnok.contacts.counting import Counts
from hirnok.lib import env
from hirnok.site.demo.cast import MEMBERS
from hirnok.site.demo.password import password


def imported(counts: Counts) -> Iterator[str]:
    """Yield what became of the rows of the file."""
    yield (
        f"imported: {counts.rows} rows = {counts.new} new + {counts.changed} changed"
        f" + {counts.unchanged} unchanged + {counts.duplicate} duplicate"
        f" + {counts.suppressed} suppressed + {counts.rejected} rejected"
    )


def reported(report: Report) -> Iterator[str]:
    """Yield the figures of the report."""
    states = " + ".join(f"{count} {key}" for key, count in report.states.items() if count)
    yield f"report of “{report.campaign.name}”"
    yield f"  {report.audience} people on the list, {report.recipients} recipients = {states}"
    yield (
        f"  opened: {report.opens.people_unique} people ({report.opens.total} opens,"
        f" {report.opens.machines} by machines)"
    )
    yield (
        f"  clicked: {report.clicks.people_unique} people ({report.clicks.total} clicks,"
        f" {report.clicks.machines} by machines)"
    )
    yield f"  left: {report.unsubscribed}"


def ways(campaign: Campaign) -> Iterator[str]:
    """Yield addresses and sign-ins."""
    public = env.get("HIRNOK_PUBLIC_URL")
    yield f"workplace     {public}"
    yield f"report        {public}/alma/reports/{campaign.pk}/"
    sandbox = f"http://{env.get('HIRNOK_BIND')}:{env.get('HIRNOK_SANDBOX_WEB_PORT')}"
    yield f"mail sandbox  {sandbox}"
    yield ""
    yield f"sign in, each with the password {password()}"
    for member in MEMBERS:
        yield f"  {member.email:<22} {member.name}, {member.role.label.lower()} of {member.slug}"
