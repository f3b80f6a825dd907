import re

from django import forms
from django.utils.html import escape

from hirnok.ui.confirmation import ConfirmForm
from hirnok.ui.gallery import SampleForm


def html(form: forms.Form) -> str:
    return str(form)


def test_it_labels_every_control() -> None:
    page = html(SampleForm())
    ids = set(re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page))
    labels = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    wrapped = {name for name in ids if re.match(r"id_(lists|format)_\d", name)}
    assert ids - wrapped == labels
    assert page.count('<label class="form-check">') == len(wrapped) == 5


def test_it_puts_errors_beside_the_field_and_on_top_with_links() -> None:
    page = html(SampleForm({"name": "", "sender": "no"}))
    assert 'href="#id_name"' in page
    assert 'href="#id_lists_0"' in page
    assert 'id="id_name_error"' in page
    assert re.search(r'<input[^>]*name="name"[^>]*aria-invalid="true"', page)
    assert re.search(r'<input[^>]*name="sender"[^>]*aria-describedby="[^"]*id_sender_error', page)


def test_it_points_only_to_ids_that_exist() -> None:
    page = html(SampleForm({"name": "", "sender": "no"}))
    ids = set(re.findall(r' id="([^"]+)"', page))
    named = {
        name for group in re.findall(r'aria-describedby="([^"]+)"', page) for name in group.split()
    }
    assert named
    assert named <= ids


def test_it_keeps_what_was_typed() -> None:
    page = html(SampleForm({"name": "<November>", "body": "Dear {{ contact.first_name }}"}))
    assert escape("<November>") in page
    assert "Dear {{ contact.first_name }}" in page


def test_it_marks_optional_fields_not_required_ones() -> None:
    page = html(SampleForm())
    assert page.count("(optional)") == 1


def test_it_keeps_classes_that_a_form_gives_its_widget() -> None:
    form = SampleForm()
    assert 'class="form-control code"' in html(form)
    assert html(form) == html(form)


def test_it_shows_errors_of_the_whole_form_and_of_hidden_fields() -> None:
    class Hidden(forms.Form):
        step = forms.IntegerField(widget=forms.HiddenInput)

        def clean(self) -> None:
            raise forms.ValidationError("Choose a list or a segment.")

    page = html(Hidden({"step": "x"}))
    assert "Choose a list or a segment." in page
    assert "Enter a whole number." in page


def test_it_asks_for_the_typed_word_only_where_there_is_one() -> None:
    assert ConfirmForm({}).is_valid()
    assert not ConfirmForm({}, word="SEND").is_valid()
    assert not ConfirmForm({"word": "no"}, word="SEND").is_valid()
    assert ConfirmForm({"word": " send "}, word="SEND").is_valid()
    assert "SEND" in html(ConfirmForm({"word": "no"}, word="SEND"))
