"""The components of the pages: `{% load ui %}`. docs/ui.md lists them; `/gallery/` shows them."""

from typing import Any
from zlib import crc32

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from hirnok.ui import colours, forms, states
from hirnok.ui.charts import Chart
from hirnok.ui.progress import Progress
from hirnok.ui.templatetags import ui_list, ui_text
from hirnok.ui.wizard import Step

register = template.Library()
register.tags.update(ui_list.register.tags)
register.tags.update(ui_text.register.tags)
register.filters.update(ui_text.register.filters)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Show an icon; `label` only where no text beside it says the same."""
    href = f"{static('built/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.simple_block_tag
def page_head(
    content: SafeString, title: str, pretitle: str = "", back: str = "", badge: str = ""
) -> SafeString:
    """Head of a page: `<h1>`, its state, the way back, the actions between the tags."""
    return render_to_string(
        "ui/parts/page_head.html",
        {
            "title": title,
            "pretitle": pretitle,
            "back": back,
            "badge": badge,
            "actions": content.strip() and content,
        },
    )


@register.simple_block_tag
def tabs(content: SafeString, label: str) -> SafeString:
    """Tabs as links; `label` names the group for screen readers."""
    return format_html('<nav aria-label="{}"><ul class="tabs">{}</ul></nav>', label, content)


@register.simple_tag(takes_context=True)
def tab(context: Context, url: str, text: str, count: int | None = None) -> SafeString:
    """One tab; current when it is the page's own path."""
    here = url.partition("?")[0] == context["request"].path
    mark = mark_safe(' aria-current="page"') if here else ""
    small = "" if count is None else format_html(" <small>{}</small>", ui_text.number(count))
    return format_html('<li><a href="{}"{}>{}{}</a></li>', url, mark, text, small)


@register.simple_tag
def badge(kind: str, value: str | int) -> SafeString:
    """State of a campaign, delivery, import or contact: the word of the glossary and a tone."""
    state = states.state(kind, value)
    return format_html('<span class="badge tone-{}">{}</span>', state.tone, state.label)


@register.inclusion_tag("ui/parts/stat.html")
def stat(label: str, value: Any, help: str = "", href: str = "", note: str = "") -> dict[str, Any]:
    """A figure; numbers are written by the language, `help` says in a line what is counted."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        value = ui_text.number(value)
    return {"label": label, "value": value, "help": help, "href": href, "note": note}


@register.inclusion_tag("ui/parts/chart.html")
def chart(chart: Chart) -> dict[str, Any]:
    """A chart and, one click away, the same data as a table."""
    # The name stays the same when htmx brings new figures, so that an open table stays open.
    name = f"chart-{crc32(repr((str(chart.title), chart.columns)).encode()):08x}"
    return {"chart": chart, "name": name, "data": json_script(chart.option, f"{name}-data")}


@register.simple_tag
def chart_scripts() -> SafeString:
    """The script that draws; only on pages with charts, in block `scripts`."""
    return format_html('<script src="{}" defer></script>', static("built/charts.js"))


@register.simple_tag(takes_context=True)
def progress(context: Context, progress: Progress) -> SafeString:
    """Long work, polled every two seconds until it is finished."""
    return render_to_string(
        "ui/parts/progress.html",
        {"progress": progress, "csrf_token": context.get("csrf_token", "")},
    )


@register.inclusion_tag("ui/parts/steps.html")
def wizard_steps(steps: list[Step]) -> dict[str, Any]:
    """The steps of a wizard."""
    return {"steps": steps}


@register.simple_block_tag
def empty_state(content: SafeString, title: str, text: str = "", icon: str = "inbox") -> SafeString:
    """What to do when there is nothing yet."""
    return render_to_string(
        "ui/parts/empty.html",
        {"title": title, "text": text, "icon": icon, "actions": content.strip() and content},
    )


@register.simple_tag(takes_context=True)
def accent_style(context: Context, colour: str | None = None) -> SafeString:
    """The tenant's colour as CSS variables, in a style element with the nonce of the page."""
    request = context.get("request")
    found = colours.accents(colour or getattr(getattr(request, "tenant", None), "accent", None))
    if found is None:
        return SafeString("")
    return format_html(
        '<style nonce="{}">:root{{--accent-light:{};--accent-dark:{}}}</style>',
        getattr(request, "csp_nonce", ""),
        *found,
    )


@register.simple_tag
def widget(field: Any) -> SafeString:
    """A field's control alone, with the classes of the look."""
    return forms.widget(field)


@register.inclusion_tag("ui/forms/summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """What is wrong in a form, with links to the fields."""
    return {"form": form}


@register.filter
def look(field: Any) -> str:
    """How a field is laid out: check, choices or line."""
    return forms.look(field)


@register.filter
def options(field: Any) -> list[tuple[SafeString, str]]:
    """Controls and labels of a group of choices."""
    return forms.options(field)
