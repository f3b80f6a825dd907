"""Search, filters, sorting, paging and bulk choice of lists; part of `{% load ui %}`.

Everything is a link or a GET form: it can be kept, sent and gone back to. A new search, filter or order
begins at the first page.
"""

from collections.abc import Iterable
from typing import Any

from django import template
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hirnok.ui import words
from hirnok.ui.paging import Page

register = template.Library()

# What does not narrow the list.
NOT_A_FILTER = {"page", "sort"}


@register.inclusion_tag("ui/parts/search.html", takes_context=True)
def search(context: Context, placeholder: str, name: str = "q") -> dict[str, Any]:
    """Search field; the other parameters are kept."""
    query = _query(context)
    return {
        "name": name,
        "placeholder": placeholder,
        "value": query.get(name, ""),
        "kept": [(key, value) for key, value in _pairs(query) if key not in {name, "page"}],
    }


@register.inclusion_tag("ui/parts/filters.html", takes_context=True)
def filters(context: Context, name: str, choices: Iterable[Any], label: str) -> dict[str, Any]:
    """Filter as links; `choices` are (value, label) or (value, label, count), "All" stands before them."""
    query = _query(context)
    chosen = query.get(name, "")
    links = [
        {"url": _url(query, name, ""), "label": _("All"), "count": None, "current": not chosen}
    ]
    for value, text, *count in choices:
        links.append(
            {
                "url": _url(query, name, str(value)),
                "label": text,
                "count": words.number(count[0]) if count else None,
                "current": chosen == str(value),
            }
        )
    return {"label": label, "links": links}


@register.simple_tag(takes_context=True, name="sort_th")
def sort_th(
    context: Context, name: str, label: str, default: str = "", **attributes: str
) -> SafeString:
    """`<th>` with a sort link; `default` is the order without a parameter (with "-" when descending)."""
    query = _query(context)
    order = query.get("sort") or default
    up, down = order == name, order == f"-{name}"
    sorted_by = format_html(' aria-sort="{}"', "ascending" if up else "descending")
    arrow = format_html(' <span aria-hidden="true">{}</span>', "↑" if up else "↓")
    if not (up or down):
        sorted_by = arrow = SafeString("")
    first = f"-{name}" if default == f"-{name}" else name
    turned = name if down else f"-{name}"
    return format_html(
        '<th scope="col" class="{}"{}><a href="{}">{}{}</a></th>',
        attributes.get("class", ""),
        sorted_by,
        _url(query, "sort", turned if sorted_by else first),
        label,
        arrow,
    )


@register.inclusion_tag("ui/parts/paging.html", takes_context=True)
def paging(context: Context, page: Page[Any]) -> dict[str, Any]:
    """Previous and next; nothing where all rows fit on one page."""
    query = _query(context)
    return {
        "previous": _url(query, "page", page.previous) if page.previous else "",
        "next": _url(query, "page", page.next) if page.next else "",
    }


@register.simple_tag(takes_context=True)
def export_link(context: Context, url: str, label: str = "") -> SafeString:
    """Export button that keeps search and filters."""
    query = _query(context).copy()
    query.pop("page", None)
    joined = f"{url}{'&' if '?' in url else '?'}{query.urlencode()}" if query else url
    return format_html('<a class="btn" href="{}">{}</a>', joined, label or _("Export"))


@register.simple_tag(takes_context=True)
def keep(context: Context, *names: str) -> SafeString:
    """Hidden inputs that keep these GET parameters in a form."""
    kept = ((name, value) for name, value in _pairs(_query(context)) if name in names)
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


@register.simple_tag(takes_context=True)
def narrowed(context: Context) -> bool:
    """Whether the list shows only a part: a search or a filter is on."""
    return any(value for key, value in _pairs(_query(context)) if key not in NOT_A_FILTER)


@register.simple_tag
def bulk_all() -> SafeString:
    """`<th>` with the box that chooses all rows of the page."""
    return format_html(
        '<th scope="col" class="w-1"><input class="form-check-input needs-js" type="checkbox" '
        'data-bulk-all aria-label="{}"></th>',
        _("Choose all on this page"),
    )


@register.simple_tag
def bulk_check(pk: int | str, label: str) -> SafeString:
    """`<td>` with the box of a row; `label` is what the row is called."""
    return format_html(
        '<td><input class="form-check-input" type="checkbox" name="pk" value="{}" '
        'data-bulk-one aria-label="{}"></td>',
        pk,
        _("Choose %(name)s") % {"name": label},
    )


def _query(context: Context) -> QueryDict:
    request: HttpRequest = context["request"]
    return request.GET


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(key, str(value)) for key, values in query.lists() for value in values]


def _url(query: QueryDict, name: str, value: str) -> str:
    changed = query.copy()
    changed.pop("page", None)
    if value:
        changed[name] = value
    else:
        changed.pop(name, None)
    return f"?{changed.urlencode()}" if changed else "?"
