"""A report as a page shows it: figures with what they count, charts with their tables, lines of a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_skeleton, format_time, get_timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hirnok.campaigns.reports import LinkFigures, Reaction, Report
from hirnok.ui import charts
from hirnok.ui.downloads import Cell, escaped
from hirnok.ui.states import state
from hirnok.ui.words import locale, number, percent

COUNTRIES_SHOWN = 12
HOURS_SHOWN = 72
LINE_FROM = 3  # points; fewer make no line


@dataclass(frozen=True)
class Stat:
    """A figure, what it counts, and a remark."""

    label: str
    value: int | str | None
    help: str
    note: str = ""


@dataclass(frozen=True)
class StateFigure:
    """How many deliveries are in a state, and their share of the recipients."""

    key: str
    label: str
    count: int
    share: float


@dataclass(frozen=True)
class Page:
    """Everything a template of the report needs."""

    report: Report
    live: bool
    stats: list[Stat]
    states: list[StateFigure]
    left_out: list[tuple[str, int]]
    links: list[LinkFigures]
    doubts: list[tuple[str, str]]
    hours: charts.Chart | None
    countries: charts.Chart | None

    @property
    def done(self) -> int:
        """How many recipients have an outcome."""
        return self.report.recipients - self.report.underway


def page(report: Report) -> Page:
    """Put a report into words and charts, in the active language."""
    return Page(
        report=report,
        live=report.campaign.status in {"starting", "sending", "paused", "scheduled"},
        stats=_stats(report),
        states=_states(report),
        left_out=[(reason_label(reason), count) for reason, count in report.left_out.items()],
        links=list(report.links),
        doubts=_doubts(report),
        hours=_hours(report),
        countries=_countries(report),
    )


def state_filters(report: Report) -> list[tuple[str, str, int]]:
    """Return the filters of the list of recipients: those without it first, then each state that occurs."""
    missing = report.recipients - report.states["sent"]
    found = [("not_sent", _("Did not get it"), missing)] + [
        (figure.key, figure.label, figure.count) for figure in _states(report) if figure.count
    ]
    if report.repeated:
        found.append(("repeated", _("Perhaps got it twice"), report.repeated))
    return found


def reason_label(reason: str) -> str:
    """Return the words for why somebody was left out at launch."""
    return {
        "suppressed": _("On a suppression list"),
        "excluded": _("On an excluded list"),
        "restricted": _("Processing is restricted"),
        "duplicate": _("On several lists, counted once"),
        "archived": _("On an archived list"),
        "already_sent": _("Already got it"),
    }.get(reason, reason)


def csv_rows(report: Report) -> Iterator[list[str]]:
    """Yield the figures for programs (`hirnok report --csv`): what, which, how many."""
    yield ["kind", "what", "count"]
    figures = report.as_json()
    for key in ("audience", "recipients", *report.states, "repeated", "unsubscribed", "complaints"):
        yield ["recipients", key, str(figures[key])]
    for reason, count in report.left_out.items():
        yield ["left_out", reason, str(count)]
    for kind in ("opens", "clicks"):
        for key, count in figures[kind].items():
            yield [kind, key, "" if count is None else str(count)]
    for link in report.links:
        yield ["link", link.url, str(link.clicks)]
        yield ["link_people", link.url, str(link.people)]
    for country, opens, clicks in report.countries:
        yield ["country_opens", country or "unknown", str(opens)]
        yield ["country_clicks", country or "unknown", str(clicks)]
    for hour, opens, clicks in report.hours:
        yield ["hour_opens", hour.isoformat(), str(opens)]
        yield ["hour_clicks", hour.isoformat(), str(clicks)]


def table(report: Report) -> Iterator[list[Cell]]:
    """Yield the figures for a spreadsheet program, in the active language: what, which, how many."""
    yield [_("Figure"), _("Which"), _("Count")]
    yield [_("Audience"), "", report.audience]
    yield [_("Recipients"), "", report.recipients]
    for one in _states(report):
        yield [_("Recipients"), one.label, one.count]
    yield [_("Recipients"), _("Perhaps got it twice"), report.repeated]
    yield [_("Recipients"), _("Unsubscribed"), report.unsubscribed]
    for reason, count in report.left_out.items():
        yield [_("Left out at launch"), reason_label(reason), count]
    for label, reaction in ((_("Opens"), report.opens), (_("Clicks"), report.clicks)):
        yield [label, _("In all"), reaction.total]
        yield [label, _("By people"), reaction.people]
        yield [label, _("By machines"), reaction.machines]
        yield [label, _("People, each counted once"), reaction.people_unique]
    for link in report.links:
        yield [_("Clicks on the link"), link.url, link.clicks]
        yield [_("People on the link"), link.url, link.people]
    names = locale().territories
    for country, opens, clicks in report.countries:
        name = names.get(country, country) if country else _("unknown")
        yield [_("Opens by country"), name, opens]
        yield [_("Clicks by country"), name, clicks]
    for hour, opens, clicks in report.hours:
        yield [_("Opens by the hour"), escaped(hour), opens]
        yield [_("Clicks by the hour"), escaped(hour), clicks]


def _stats(report: Report) -> list[Stat]:
    sent = report.states["sent"]
    measured = report.measurement != "off"
    stats = [
        Stat(
            _("Audience"),
            report.audience,
            _("Everybody on the chosen lists, with those left out at launch."),
        ),
        Stat(
            _("Sent"),
            sent,
            _("Taken over by the receiving server."),
            _share(sent, report.recipients),
        ),
    ]
    if measured:
        stats += [
            _reaction_stat(
                _("Opens"), report.opens, sent, _("Recipients who opened; machines left out.")
            ),
            _reaction_stat(
                _("Clicks"), report.clicks, sent, _("Recipients who clicked; machines left out.")
            ),
        ]
    stats += [
        Stat(
            _("Bounced"),
            report.states["bounced"],
            _("The address does not exist or takes no mail; it gets no more."),
            _share(report.states["bounced"], report.recipients),
        ),
        Stat(
            _("Unsubscribed"),
            report.unsubscribed,
            _("Left by a link in this newsletter; their data is deleted."),
            _share(report.unsubscribed, sent),
        ),
    ]
    if report.complaints:
        stats.append(
            Stat(
                _("Complaints"),
                report.complaints,
                _("Marked as spam, as the mailbox provider reports; their data is deleted."),
                _share(report.complaints, sent),
            )
        )
    return stats


def _doubts(report: Report) -> list[tuple[str, str]]:
    """Return what an interruption has left uncertain: the filter of the list of recipients, and a sentence."""
    found = []
    if count := report.repeated:
        text = ngettext(
            "Sending was interrupted: %(number)s recipient may have received the newsletter twice.",
            "Sending was interrupted: %(number)s recipients may have received the newsletter twice.",
            count,
        )
        found.append(("repeated", text % {"number": number(count)}))
    if count := report.states["unknown"]:
        text = ngettext(
            "Sending was interrupted: it is not known whether %(number)s recipient has received the newsletter.",
            "Sending was interrupted: it is not known whether %(number)s recipients have received the newsletter.",
            count,
        )
        found.append(("unknown", text % {"number": number(count)}))
    return found


def _reaction_stat(label: str, reaction: Reaction, sent: int, help_text: str) -> Stat:
    value = reaction.people if reaction.people_unique is None else reaction.people_unique
    note = _("%(total)s in all, %(machines)s by machines") % {
        "total": number(reaction.total),
        "machines": number(reaction.machines),
    }
    if reaction.people_unique is None:
        return Stat(
            label, value, _("All times, machines left out; recipients are not told apart."), note
        )
    return Stat(label, value, help_text, f"{_share(reaction.people_unique, sent)} · {note}")


def _states(report: Report) -> list[StateFigure]:
    return [
        StateFigure(key, str(state("delivery", key).label), count, count / (report.recipients or 1))
        for key, count in report.states.items()
    ]


def _hours(report: Report) -> charts.Chart | None:
    if not report.hours:
        return None
    zone = report.campaign.time_zone or report.campaign.tenant.time_zone
    rows: list[charts.Row] = [
        (_hour(hour, zone), opens, clicks) for hour, opens, clicks in report.hours[:HOURS_SHOWN]
    ]
    draw = charts.line if len(rows) >= LINE_FROM else charts.bar
    return draw(
        _("Opens and clicks by the hour"),
        [_("Hour"), _("Opens"), _("Clicks")],
        rows,
        help=_("By people, in the hours after launch."),
    )


def _countries(report: Report) -> charts.Chart | None:
    if not report.countries:
        return None
    names = locale().territories
    rows: list[charts.Row] = [
        (names.get(country, country) if country else _("unknown"), opens, clicks)
        for country, opens, clicks in report.countries[:COUNTRIES_SHOWN]
    ]
    return charts.bar(
        _("Countries"),
        [_("Country"), _("Opens"), _("Clicks")],
        rows,
        sideways=True,
        help=_("From direct opens and clicks by people; what came through a proxy is unknown."),
    )


def _hour(at: datetime, zone: str) -> str:
    """Write an hour with its day, as the language does: "nov. 2. 12:00"."""
    there = get_timezone(zone)
    day = format_skeleton("MMMd", at, tzinfo=there, locale=locale())
    return f"{day} {format_time(at, 'H:mm', tzinfo=there, locale=locale())}"


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if whole else ""
