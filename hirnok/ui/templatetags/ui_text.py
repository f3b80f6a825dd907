"""Numbers and times in templates; part of `{% load ui %}`."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hirnok.lib import clock
from hirnok.ui import words

register = template.Library()


@register.filter
def number(value: Decimal | float | int | None) -> str:
    """Write a number by the language."""
    return words.number(value)


@register.filter
def percent(share: float | None) -> str:
    """Write a share of 0…1 as a percentage."""
    return words.percent(share)


@register.filter
def size(octets: int | None) -> str:
    """Write a number of bytes."""
    return words.size(octets)


@register.filter
def day(on: date | None) -> str:
    """Write a date."""
    return words.day(on)


@register.filter
def moment(at: datetime | None) -> str:
    """Write an instant with its zone."""
    return words.moment(at)


@register.filter
def span(seconds: float) -> str:
    """Say how long it takes."""
    return words.span(seconds)


@register.simple_tag
def ago(at: datetime | None) -> SafeString | str:
    """Say how long ago, the exact time on hover."""
    if at is None:
        return words.DASH
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        words.moment(at),
        words.ago(at, clock.now()),
    )
