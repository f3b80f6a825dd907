"""The letters of a form: text and HTML of one composition, in the brand's look, in three languages."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.test import Client

from hirnok.consent import forming, signing_up, wording, writing
from hirnok.consent.models import Form, PendingSignUp
from hirnok.consent.tests.forms import LIZA, form_of, sign_up
from hirnok.consent.writing import Kind
from hirnok.mail.tests.strict import parts_of
from hirnok.outbox.models import Letter
from hirnok.tenants.models import Brand, Image
from tests.world import NOON, World


@pytest.fixture
def form(world: World) -> Form:
    """A form in every language."""
    made = form_of(world.alma_list)
    forming.add_language(made, "en", actor="user:1", at=NOON)
    return made


def sent(subject: str) -> tuple[EmailMessage, str, str]:
    """The last letter, its text and its HTML."""
    data = bytes(Letter.objects.order_by("-pk")[0].data)
    parts_of(data)  # 7-bit, CRLF, short lines
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert message["Subject"] == subject
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    plain = text.get_content().replace("\r\n", "\n")
    return message, plain, html.get_content()


@pytest.mark.parametrize("language", ["hu", "ro", "en"])
def test_each_letter_says_the_same_in_text_and_html(form: Form, language: str) -> None:
    words = wording.words(form, language)

    sign_up(form, language=language)
    message, text, html = sent(words.confirm_subject)
    assert (message["To"], message["Auto-Submitted"]) == (LIZA, "auto-generated")
    assert "List-Unsubscribe" not in message and "Precedence" not in message
    [url] = set(re.findall(r"https?://\S+/k/[\w-]+/", text))
    assert set(re.findall(r'href="([^"]+)"', html)) == {url}
    for part in (text, html):
        assert words.confirm_body in part and "1011 Budapest, Fő utca 1." in part
        assert "2026" in part  # the day on which the address is deleted
    assert f'lang="{language}"' in html

    pending = PendingSignUp.objects.get()
    contact, _ = signing_up.confirm(pending.pk, tenant=form.tenant_id, at=NOON)
    _, text, html = sent(words.welcome_subject)
    assert words.welcome_body in text and writing.preferences_path(contact.pk) in text
    assert words.welcome_body in html and writing.preferences_path(contact.pk) in html

    sign_up(form, language=language)
    _, text, html = sent(words.known_subject)
    assert words.known_body in text and words.known_body in html


def test_it_has_the_brands_logo_and_the_tenants_colour(world: World, form: Form) -> None:
    logo = Image.objects.create(
        tenant=world.alma,
        token="l" * 22,
        name="logo.png",
        content_type="image/png",
        size=3,
        width=1,
        height=1,
        data=b"png",
        uploaded_at=NOON,
    )
    Brand.objects.filter(pk=world.alma_brand.pk).update(logo=logo)
    world.alma.accent = "#8a1c7c"
    world.alma.save(update_fields=["accent"])

    sign_up(Form.objects.get(pk=form.pk))

    _, _, html = sent(wording.words(form, "hu").confirm_subject)
    assert f'/m/{logo.token}"' in html and 'alt="Alma"' in html
    assert "background-color: #8a1c7c" in html


def test_a_tenants_words_are_no_template_and_no_html(form: Form) -> None:
    texts = {
        "confirm_subject": "{{ contact.token }} {% if %} %(day)s",
        "confirm_body": "<b>{{ contact.email }}</b> {% raw %} {# x #} 100%\n\nMásodik bekezdés",
    }
    forming.write(
        form, "hu", texts, consent="Kérem.", covers_welcome=False, actor="user:1", at=NOON
    )

    sign_up(form)

    _, text, html = sent(texts["confirm_subject"])
    assert texts["confirm_body"] in text
    assert "&lt;b&gt;{{ contact.email }}&lt;/b&gt; {% raw %} {# x #} 100%" in html


def test_the_room_shows_each_letter_as_it_is_sent(world: World, form: Form) -> None:
    client = world.client(world.vera)
    page = client.get(f"/alma/forms/{form.pk}/preview/ro/").content.decode()
    for kind in Kind:
        url = f"/alma/forms/{form.pk}/letter/ro/{kind}/"
        assert f'src="{url}"' in page
        shown = client.get(url)
        assert wording.words(form, "ro").confirm_body in shown.content.decode() or kind != "confirm"
        assert "sandbox" in shown["Content-Security-Policy"]
    for path in (f"letter/ro/{'x'}/", "letter/de/confirm/"):
        assert client.get(f"/alma/forms/{form.pk}/{path}").status_code == 404
    assert not Letter.objects.exists()
    assert Client().get("/k/preview/").status_code == 200
