"""Django forms in the look of the pages: `FORM_RENDERER = "hirnok.ui.forms.TablerRenderer"`.

`{{ form }}` gives summary, fields and hints; `{{ form.name.as_field_group }}` one field. Django links hint
and error to the field (aria-describedby, aria-invalid); the templates only use the ids it names.
"""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString

_CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple)


class TablerRenderer(DjangoTemplates):
    """Renders whole forms and field groups with our templates, widgets with Django's own."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"


def look(field: BoundField) -> str:
    """Say how a field is laid out: "check" (box before label), "choices" (fieldset) or "line"."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "choices" if isinstance(widget, _CHOICES) else "line"


def widget(field: BoundField) -> SafeString:
    """Render a field's control with the classes of the look, keeping the form's own."""
    attrs: dict[str, Any] = {"class": _classes(field)}
    if isinstance(field.field, forms.EmailField):
        attrs.setdefault("autocomplete", field.field.widget.attrs.get("autocomplete", "email"))
    return field.as_widget(attrs=attrs)


def options(field: BoundField) -> list[tuple[SafeString, str]]:
    """Return control and label of each choice of a group of radios or boxes."""
    field.field.widget.attrs["class"] = _classes(field)
    return [(SafeString(one.tag()), one.choice_label) for one in field.subwidgets]


def _classes(field: BoundField) -> str:
    control = field.field.widget
    if isinstance(control, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        base = "form-check-input"
    elif isinstance(control, forms.Select):
        base = "form-select"
    else:
        base = "form-control"
    own = str(control.attrs.get("class", "")).split()
    classes = [base, *(name for name in own if name not in {base, "is-invalid"})]
    return " ".join([*classes, "is-invalid"] if field.errors else classes)
