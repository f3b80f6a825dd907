"""Every page there is, in a real browser: axe-core finds nothing, it fits on a phone, the keyboard reaches everything.

The pages are read from the resolver, so a new one is walked without a word here. What is no page (a download, a part
of a page, the target of a form) needs a line in `NO_PAGE` that says what it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import resolve
from playwright.sync_api import BrowserContext, Page, expect

from hirnok.accounts.models import Policy, Role, User
from hirnok.breaches import opening
from hirnok.campaigns import shares
from hirnok.campaigns.models import Campaign
from hirnok.campaigns.tests.drafts import draft
from hirnok.consent.models import PendingSignUp, Renewal
from hirnok.consent.tests.forms import form_of, sign_up
from hirnok.consent.tests.sent import delivery_to
from hirnok.contacts.models import Import
from hirnok.lib import clock, keys, tokens
from hirnok.outbox.models import Delivery
from hirnok.processing import agreeing
from hirnok.register import holdings, notices, portals
from hirnok.register.models import Activity, Controller, Notice, Recipient
from hirnok.rights import opting_out
from hirnok.rights.models import Claim, Right
from hirnok.rights.tests.asked import PDF, taken
from hirnok.tenants.acting import acting_for
from tests.browser.accessible import AXE
from tests.invariants.test_every_url import ALL, MINE, _make_objects
from tests.invariants.test_every_url import Page as Address
from tests.world import NOON, PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
LARGEST = 60_000  # bytes of a page of readers with all that belongs to it
NO_PAGE = {
    "account_reset_password_from_key": "leads on to the page whose address has no key; walked below",
    "account_set_password": "leads on whoever has a password",
    "consent:image": "a picture",
    "contacts:export_xlsx": "a workbook",
    "campaigns:preview_frame": "the newsletter itself, shown in a frame without scripts",
    "campaigns:send_to_rest": "leads on where everybody got it",
    "mfa_deactivate_totp": "not found without an app",
    "mfa_view_recovery_codes": "not found without codes",
    "mfa_generate_recovery_codes": "leads on without a factor",
    "mfa_authenticate": "leads on outside of signing in",
    "mfa_reauthenticate": "leads on whoever has a password",
    "mfa_login_webauthn": "data for the script",
    "mfa_edit_webauthn": "of a passkey; walked in test_signing_in",
    "mfa_remove_webauthn": "of a passkey; walked in test_signing_in",
    "own_address_confirm": "by a link in a letter; walked in test_what_links_lead_to",
    "mfa_reauthenticate_webauthn": "of a passkey; walked in test_signing_in",
    "oidc_callback": "from a provider, to whom the browser was sent",
    "consent:form_letter": "a letter itself, shown in a frame without scripts",
    "consent:preferences_data": "a file",
    "consent:receipt": "a file",
    "privacy:record": "a file",
    "privacy:processor_record": "a file",
    "privacy:notice_pdf": "a file",
    "privacy:notice_json": "a file",
    "breaches:security_txt": "a text for programs",
    "rights:portal_letter": "a file",
    "rights:opt_out_scan": "a file",
    "breaches:breach_letter_pdf": "a file, once the letter is written",
    "processing:agreement_pdf": "a file",
    "processing:instruction_evidence": "a file, where there is one",
    "site:home": "leads on",
    "site:health": "for programs",
}
# Without a word to say: what takes forms only answers 405, a download has no HTML, a part of a page no <html>.
OF_OPERATORS = {
    "accounts:tenants",
    "accounts:tenant_new",
    "accounts:tenant_members",
    "accounts:tenant_enter",
    "accounts:tenant_member_help",
    "breaches:breach_tenants",
    "breaches:obligations",
    "processing:announcement_new",
    "processing:commitment_new",
    "processing:customer",
    "processing:customer_finding",
    "processing:customer_instruction_acknowledge",
    "processing:customer_instruction_execute",
    "processing:customer_instruction_new",
    "processing:customer_instruction_object",
    "processing:customer_objection",
    "processing:version_new",
    "rights:opt_outs",
    "rights:opt_out_new",
    "rights:opt_out",
}


@dataclass
class Stage:
    """The world with an object of every kind in it, and how addresses of it are made."""

    world: World
    words: dict[str, str]  # name of an address -> its token or word
    campaigns: list[int]  # in other states than the one that is in the addresses at first
    imports: list[int]

    def urls(self, page: Address) -> Iterator[str]:
        """Yield the addresses under which a page may be seen, the likeliest first."""
        if page.name in self.words:
            yield self.words[page.name]
            return
        tenant = "hirnok" if page.name in OF_OPERATORS else "alma"
        numbers = dict.fromkeys(page.numbers, MINE)
        if page.name in OF_OPERATORS:
            numbers["tenant_id"] = self.world.alma.pk
            numbers["membership_id"] = MINE
        yield page.url(tenant, **numbers).replace("/x/", "/hu/")
        others = {"campaigns": self.campaigns, "contacts": self.imports}
        for name in ("pk", "campaign_id"):
            if name in numbers:
                for number in others.get(page.name.partition(":")[0], ()):
                    yield page.url(tenant, **{**numbers, name: number})

    def user(self, page: Address) -> User:
        """Who may see it: an owner, of the operator where it is the operator's."""
        return self.world.olga if page.name in OF_OPERATORS else self.world.anna


@pytest.fixture
def stage(world: World) -> Stage:
    for user in (world.anna, world.olga):
        user.set_password(PASSWORD)
        user.save()
    _make_objects(world, world.alma, MINE)
    Policy.objects.update(owner_invites=True)
    drafts = [draft(world).pk, *_campaigns()]
    form = form_of(world.alma_list, name="Public")
    sign_up(form, at=clock.now())
    pending = PendingSignUp.objects.get(form=form).pk
    delivery = delivery_to(world.dora, number=MINE + 5)
    campaign = Campaign.objects.get(pk=MINE)
    at = clock.now()
    shared = shares.share(campaign, actor="user:1", at=at, expires_at=at.replace(year=2090))
    with acting_for(world.operator):
        terms = agreeing.Terms(30, 3, 24, more={}, summary={})
        agreeing.publish(world.operator, terms, actor="user:1", at=at)
        told = {"title": "Laptop", "known_by": "staff"}
        breach = opening.open_breach(world.operator, told, actor="user:1", at=at)
    words = {
        "breaches:breach_tenants": f"/hirnok/privacy/breaches/{breach.pk}/customers/",
        "consent:sign_up": f"/f/{form.token}/",
        "consent:sign_up_thanks": f"/f/{form.token}/thanks/",
        "consent:confirm_sign_up": f"/k/{_token('confirm', pending)}/",
        "consent:unsubscribe": f"/u/{_token('leave', delivery.pk)}",
        "consent:renew": f"/k/renew/{_token('renew', _to_renew(world))}/",
        "consent:preferences": f"/p/{_token('preferences', world.dora.pk)}/",
        "campaigns:shared_report": f"/r/{shared}/",
        "consent:form_preview": f"/alma/forms/{form.pk}/preview/hu/",
        "privacy:public_notice": f"/n/{_published(world)}/",
        **_rights(world),
        "breaches:report_violation": f"/i/{Notice.objects.of(world.alma).get(code='privacy').token}/",
    }
    return Stage(world, words, drafts, list(_imports()))


def _rights(world: World) -> dict[str, str]:
    """The portal of Alma with a link that waits and a request; an opt-out of the operator's."""
    at = clock.now()
    home = portals.path(world.alma.pk, world.alma_brand.pk)
    made = taken(world.alma, Right.ACCESS, Right.ERASURE, at=at)
    with acting_for(world.alma):
        claim = Claim.objects.create(
            tenant=world.alma,
            brand=world.alma_brand,
            key=holdings.index_of(world.alma.pk, world.dora.email),
            email=world.dora.email,
            right=Right.WITHDRAWAL,
            language="hu",
            said={},
            made_at=at,
            expires_at=at.replace(year=2090),
        )
    with acting_for(world.operator):
        letter = opting_out.Letter("company", "Dóra Kft.", [world.dora.email], at.date())
        opt_out = opting_out.take(world.operator, letter, PDF, actor="user:1", at=at)
    return {
        "rights:portal_home": home,
        "rights:portal_ask": f"{home}objection/",
        "rights:portal_sent": f"{home}sent/",
        "rights:portal_confirm": f"{home}c/{_token('rights-claim', claim.pk)}/",
        "rights:portal_request": f"{home}s/{_token('rights-status', made.pk)}/",
        "rights:opt_out": f"/hirnok/privacy/opt-outs/{opt_out.pk}/",
    }


def _to_renew(world: World) -> int:
    """Let Emil be asked to agree anew; returns the number of the contact."""
    Renewal.objects.create(tenant=world.alma, contact=world.emil, begun_at=clock.now())
    return world.emil.pk


def _published(world: World) -> str:
    """Publish Alma's own privacy notice; returns its token."""
    Activity.objects.of(world.alma).filter(pk__gte=MINE).update(active=False)
    Recipient.objects.of(world.alma).update(
        countries=["HU"], contract="2026-01-05", kind="processor", contract_until=None, guarantee=""
    )
    told = {"name": "Alma", "postal_address": "1011 Budapest", "email": "info@alma.example"}
    Controller.objects.of(world.alma).update(**told, keeps_to_eea=True, answer_days=25)
    notice = Notice.objects.of(world.alma).get(code="privacy")
    notices.publish(world.alma, notice, actor="user:1", at=clock.now())
    return str(notice.token)


def _imports() -> Iterator[int]:
    """Make imports in the states in which there are pages of their own."""
    for number, status in enumerate(("running", "done"), start=1):
        run = Import.objects.get(pk=MINE)
        run.pk, run.status = MINE + number, status
        run.finished_at = NOON if status == "done" else None
        run.save(force_insert=True)
        yield run.pk


def _campaigns() -> Iterator[int]:
    """Make campaigns in the states in which there are pages of their own."""
    for number, status in enumerate(("scheduled", "sending", "paused"), start=1):
        campaign = Campaign.objects.get(pk=MINE)
        campaign.pk, campaign.status, campaign.name = MINE + number, status, status
        campaign.scheduled_at = NOON.replace(year=2090) if status == "scheduled" else None
        campaign.save(force_insert=True)
        yield campaign.pk


def _token(purpose: str, number: int) -> str:
    return tokens.recipient(keys.derive(purpose), number)


def found(stage: Stage) -> dict[str, tuple[str, User | None]]:
    """Return every page that is one: its address, and who looks at it."""
    clients: dict[int, Client] = {}
    pages: dict[str, tuple[str, User | None]] = {}
    none: dict[str, Any] = {}
    for page in ALL:
        if page.name.startswith("ui:gallery") or page.name in NO_PAGE:
            continue
        user = stage.user(page)
        if user.pk not in clients:  # each sign-in ends the session before
            clients[user.pk] = _proven(user)
        client = clients[user.pk]
        of_readers = page.name.startswith(("consent:", "privacy:", "rights:"))
        public = of_readers and "tenant" not in page.converters
        signed_out = page.name in {
            "account_login",
            "account_reset_password",
            "account_reset_password_done",
            "account_reset_password_from_key_done",
            "campaigns:shared_report",
        }
        who = None if public or signed_out else user
        asked = Client() if who is None else client
        kinds = []
        for url in stage.urls(page):
            answer = asked.get(url)
            kind = "" if answer.streaming else answer.headers.get("Content-Type", "")
            is_page = answer.status_code == 200 and "html" in kind and "<html" in answer.text
            kinds.append((answer.status_code, kind))
            if is_page:
                pages[page.name] = (url, who)
                break
        else:
            if not {code for code, _ in kinds} & {200, 286, 405}:
                none[page.name] = kinds
    assert not none, f"what is no page needs its line in NO_PAGE: {none}"
    return pages


def _proven(user: User) -> Client:
    """A browser in which the user has just proven who it is."""
    client = Client()
    client.post("/account/sign-in/", {"login": user.email, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def enter(context: BrowserContext, client: Client | None, live_server: Any) -> None:
    """Let the browser be where the client is signed in."""
    context.clear_cookies()
    if client is not None:
        name = django_settings.SESSION_COOKIE_NAME
        cookie: Any = {"name": name, "value": client.cookies[name].value, "url": str(live_server)}
        context.add_cookies([cookie])


def walk(page: Page, pages: dict[str, tuple[str, User | None]], live_server: Any) -> dict[str, Any]:
    """Look at each page; return what is wrong, by page."""
    wrong: dict[str, Any] = {}
    users = {user.pk if user else 0: user for _, user in pages.values()}
    for number, user in users.items():
        enter(page.context, _proven(user) if user else None, live_server)
        for name, (url, who) in pages.items():
            if (who.pk if who else 0) == number and (problems := look(page, url)):
                wrong[f"{name} {url}"] = problems
    return wrong


def look(page: Page, url: str) -> list[str]:
    """Return what is wrong with a page: light, on a phone, dark; and by the keyboard."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    page.goto(url)
    page.evaluate(AXE.read_text())
    problems = axe(page)
    problems += by_keyboard(page)
    page.emulate_media(color_scheme="dark")
    problems += [
        f"dark: {one}" for one in axe(page, rules=["color-contrast", "link-in-text-block"])
    ]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    problems += [f"phone: {one}" for one in axe(page)]
    width = page.evaluate("document.documentElement.scrollWidth")
    return problems + ([f"phone: {width} pixels wide"] if width > PHONE["width"] else [])


def axe(page: Page, rules: list[str] | None = None) -> list[str]:
    """Return what axe-core finds wrong, outside of frames that show a newsletter: rule and place."""
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    result = page.evaluate(
        "o => axe.run(document, {resultTypes: ['violations'], iframes: false, ...o})", only
    )
    return [
        f"{rule['id']}: {node['target']}" for rule in result["violations"] for node in rule["nodes"]
    ]


BEGIN = """() => {
  const main = document.querySelector('#main')
  const places = 'a[href],button,input,select,textarea,summary,[tabindex],[contenteditable]'
  const groups = new Set()
  window.wanted = [...main.querySelectorAll(places)].filter(one => {
    if (one.tabIndex < 0 || one.type === 'hidden' || one.matches(':disabled') || one.closest('[inert]')) return false
    if (!one.checkVisibility({visibilityProperty: true})) return false
    if (one.type !== 'radio') return true
    const group = [...main.querySelectorAll('input[type=radio]')].filter(other => other.name === one.name)
    const entered = group.find(other => other.checked) || group[0]
    return entered === one
  })
  window.reached = new Set()
  window.unseen = []
  document.addEventListener('focusin', event => {
    const one = event.target, style = getComputedStyle(one)
    window.reached.add(one)
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
    if (one.id !== 'main' && !outlined && style.boxShadow === 'none') window.unseen.push(one.outerHTML.slice(0, 120))
  })
  document.body.tabIndex = -1
  document.body.focus()
  document.body.removeAttribute('tabindex')
  return window.wanted.length
}"""
LEFT = "() => window.wanted.filter(one => !window.reached.has(one)).map(one => one.outerHTML.slice(0, 120))"


def by_keyboard(page: Page) -> list[str]:
    """Return what the keyboard does not do: skip to the content first, reach everything there, show where it is."""
    count = page.evaluate(BEGIN)
    page.keyboard.press("Tab")
    if not page.evaluate("document.activeElement.matches('a.skip')"):
        return ["keyboard: the first stop is not the way to the content"]
    page.keyboard.press("Enter")
    for _ in range(count):
        page.keyboard.press("Tab")
    for _ in range(60):  # what a frame, a date or a number has inside takes steps of its own
        left = page.evaluate(LEFT)
        if not left:
            break
        page.keyboard.press("Tab")
    problems = [f"keyboard: not reached: {one}" for one in page.evaluate(LEFT)]
    return problems + [f"keyboard: not seen: {one}" for one in page.evaluate("window.unseen")]


def _share(name: str) -> str:
    space = name.partition(":")[0] if ":" in name else "account"
    return space if space in {"accounts", "contacts", "campaigns"} else "rest"


@pytest.mark.parametrize("share", ["accounts", "contacts", "campaigns", "rest"])
def test_every_page_is_open_to_everybody(
    page: Page, stage: Stage, live_server: Any, share: str
) -> None:
    pages = {name: one for name, one in found(stage).items() if _share(name) == share}
    assert len(pages) > 5
    assert walk(page, pages, live_server) == {}


def test_pages_of_viewers_are_open_to_everybody(page: Page, stage: Stage, live_server: Any) -> None:
    vera = stage.world.vera
    vera.set_password(PASSWORD)
    vera.save()
    client, wrong, seen = _proven(vera), {}, 0
    enter(page.context, client, live_server)
    for name, (url, user) in found(stage).items():
        view = resolve(url.partition("?")[0]).func
        mine = user and getattr(view, "required_role", None) == Role.VIEWER
        if not mine or client.get(url).status_code != 200:
            continue
        seen += 1
        page.goto(url)
        page.evaluate(AXE.read_text())
        if problems := axe(page):
            wrong[name] = problems
    assert seen > 3
    assert wrong == {}


@pytest.mark.parametrize("signed_in", [False, True])
def test_what_links_lead_to_and_error_pages_are_open_to_everybody(
    stage: Stage, browser_context: BrowserContext, live_server: Any, signed_in: bool
) -> None:
    world, page = (
        stage.world,
        browser_context.new_page(),
    )  # error pages log an error: not the fixture's
    enter(browser_context, _proven(world.anna) if signed_in else None, live_server)
    Delivery.objects.filter(pk=MINE + 5).delete()
    wrong = {}
    for url in (
        "/u/x",
        stage.words["consent:unsubscribe"],
        "/k/x/",
        f"/k/{_token('confirm', 1)}/",
        "/p/x/",
        "/f/x/",
        "/m/x",
        "/r/x/",
        "/account/password/reset/key/x-y/",
        "/account/address/confirm/x/",
        "/nowhere/",
        "/alma/%00",
        "/alma/settings/tenants/",
        "/account/sessions/end/",
    ):
        if problems := look(page, url):
            wrong[url] = problems
    page.close()
    assert wrong == {}


def test_pages_of_readers_are_small_and_ask_nobody_else(
    page: Page, stage: Stage, live_server: Any
) -> None:
    pages = {name: url for name, (url, user) in found(stage).items() if user is None}
    readers = {name for name in pages if name.startswith(("consent:", "privacy:"))}
    assert len(readers) == 7
    heard: list[tuple[str, int]] = []
    page.on("request", lambda request: heard.append((request.url, 0)))
    page.on("response", lambda response: heard.append((response.url, len(response.body()))))
    for name, url in pages.items():
        heard.clear()
        page.context.clear_cookies()
        page.goto(url, wait_until="networkidle")
        others = [asked for asked, _ in heard if not asked.startswith((str(live_server), "data:"))]
        assert others == [], name
        size = sum(octets for _, octets in heard)
        assert name not in readers or 0 < size <= LARGEST, (name, size)
        assert page.context.cookies() == [] or name not in readers


def test_menus_open_by_enter_and_space_and_close_by_escape(
    page: Page, stage: Stage, live_server: Any
) -> None:
    enter(page.context, _proven(stage.world.anna), live_server)
    page.goto("/alma/")
    menu = page.get_by_role("button", name="Anna")
    item = page.get_by_role("link", name="Where you are signed in")
    for key in ("Enter", "Space"):
        menu.focus()
        page.keyboard.press(key)
        expect(item).to_be_visible()
        page.keyboard.press("Escape")
        expect(item).not_to_be_visible()
        expect(menu).to_be_focused()


def test_the_frame_is_gone_through_by_the_keyboard(
    page: Page, stage: Stage, live_server: Any
) -> None:
    enter(page.context, _proven(stage.world.anna), live_server)
    page.goto("/alma/settings/")
    page.evaluate(BEGIN.replace("document.querySelector('#main')", "document.body"))
    for _ in range(120):
        page.keyboard.press("Tab")
        if not page.evaluate(LEFT):
            break
    assert page.evaluate(LEFT) == []
    assert page.evaluate("window.unseen") == []
    assert Import.objects.exists()
