"""The pages of the sandbox as strings: pure functions of what they show, everything escaped.

English only: this is a tool for those who run the installation, not for its users.
"""

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import quote, urlencode

from hirnok.sandbox.parse import Parsed, decoded
from hirnok.sandbox.store import Entry

PAGE_SIZE = 50
TABS = ("html", "text", "headers", "source")

# Only for the frame with the message: no scripts, no forms, an origin of its own; links open outside.
FRAME_POLICY = (
    "default-src 'none'; img-src http: https: data: cid: 'self'; style-src 'unsafe-inline' http: https:; "
    "font-src http: https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action http: https:; "
    "base-uri 'none'; frame-ancestors 'none'"
)

STYLE = """
:root { color-scheme: light dark; --ink: #182433; --soft: #5b6b80; --line: #dce1e7; --ground: #f6f8fb;
  --card: #fff; --accent: #066fd1; --note: #fff3cd; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa7b8; --line: #2b3648;
  --ground: #111821; --card: #182230; --accent: #6db2f7; --note: #3d3310; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; }
header h1 { font-size: 1.15rem; margin: 0; } header h1 a { color: inherit; text-decoration: none; }
header form { display: flex; gap: .5rem; flex: 1 1 16rem; }
input[type=search] { flex: 1; min-width: 0; padding: .5rem .75rem; border: 1px solid var(--line);
  border-radius: 6px; background: var(--card); color: inherit; font: inherit; }
button, .button { padding: .5rem .9rem; border: 1px solid var(--accent); border-radius: 6px; font: inherit;
  background: var(--accent); color: #fff; cursor: pointer; text-decoration: none; }
@media (prefers-color-scheme: dark) { button, .button { color: #0b1420; } }
a { color: var(--accent); } :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.list { list-style: none; margin: 0; padding: 0; }
.list a { display: grid; grid-template-columns: minmax(9rem, 1fr) 2fr auto; gap: .25rem 1rem;
  padding: .6rem 1rem; color: inherit; text-decoration: none; border-top: 1px solid var(--line); }
.list li:first-child a { border-top: 0; } .list a:hover { background: var(--ground); }
.list span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.list .subject { font-weight: 600; } .soft { color: var(--soft); }
@media (max-width: 40rem) { .list a { grid-template-columns: 1fr auto; } .list .subject { grid-column: 1 / -1; order: -1; } }
.pages, .tabs { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; align-items: center; }
.tabs a { padding: .4rem .8rem; border-radius: 6px; text-decoration: none; }
.tabs a[aria-current] { background: var(--accent); color: #fff; }
@media (prefers-color-scheme: dark) { .tabs a[aria-current] { color: #0b1420; } }
h2 { font-size: 1.3rem; margin: .5rem 0; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem 1rem; margin: 0 0 1rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace; }
iframe { display: block; width: 100%; height: 75vh; border: 0; background: #fff; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top;
  padding: .4rem 1rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; } th { width: 12rem; }
.empty { padding: 2rem 1rem; text-align: center; } .inline { display: inline; }
"""

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")


def index(entries: Sequence[Entry], *, query: str, page: int, total: int) -> str:
    """Return the list of messages: one page of those found, the newest first."""
    rows = "".join(_row(entry) for entry in entries)
    if rows:
        listing = f'<ul class="list">{rows}</ul>'
    elif query:
        listing = '<p class="empty">No message was found.</p>'
    else:
        listing = '<p class="empty">No mail yet. What is sent to this server appears here.</p>'
    body = f'<div class="card">{listing}</div>{_paging(query, page, total)}'
    return _frame("Mail sandbox", body, query)


def message(entry: Entry, parsed: Parsed, *, tab: str, source: str) -> str:
    """Return the page of one message with the given tab open."""
    tabs = "".join(
        f'<a href="/m/{entry.id}?tab={name}"{_current(name == tab)}>{label}</a>'
        for name, label in (
            ("html", "HTML"),
            ("text", "Text"),
            ("headers", "Headers"),
            ("source", "Source"),
        )
    )
    content = {
        "html": lambda: _html_tab(entry, parsed),
        "text": lambda: f"<pre>{_linked(parsed.text)}</pre>",
        "headers": lambda: _headers(parsed),
        "source": lambda: f"<pre>{escape(source)}</pre>",
    }[tab]()
    title = decoded(entry.subject) or "(no subject)"
    body = (
        f"<h2>{escape(title)}</h2>{_envelope(entry, parsed)}{_one_click(parsed)}"
        f'<nav class="tabs" aria-label="Views">{tabs}<a href="/m/{entry.id}/raw">Download</a></nav>'
        f'<div class="card">{content}</div>{_attachments(entry, parsed)}'
    )
    return _frame(title, body, "")


def framed(html: str, number: int) -> str:
    """Return the message's HTML for the frame: links open outside, embedded images come from here."""
    html = re.sub(
        r"(?i)cid:([^\"'\s>)]+)", lambda match: f"/m/{number}/cid/{quote(match[1])}", html
    )
    base = '<base target="_blank">'
    head = re.search(r"(?i)<head[^>]*>", html)
    return html[: head.end()] + base + html[head.end() :] if head else base + html


def missing() -> str:
    """Return the page for an address that leads nowhere."""
    return _frame("Not found", '<p class="empty">This message is not here (any more).</p>', "")


def _frame(title: str, body: str, query: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/style.css"></head><body>'
        '<header><h1><a href="/">Mail sandbox</a></h1><form role="search" action="/">'
        f'<input type="search" name="q" aria-label="Search" placeholder="Address, subject or sender" value="{escape(query)}">'
        f"<button>Search</button></form></header><main>{body}</main></body></html>"
    )


def _row(entry: Entry) -> str:
    subject = decoded(entry.subject) or "(no subject)"
    return (
        f'<li><a href="/m/{entry.id}"><span>{escape(", ".join(entry.recipients))}</span>'
        f'<span class="subject">{escape(subject)}</span>'
        f'<span class="soft">{escape(entry.at[5:16].replace("T", " "))}</span></a></li>'
    )


def _paging(query: str, page: int, total: int) -> str:
    pages = max(1, -(-total // PAGE_SIZE))
    links = []
    for target, label in ((page - 1, "Newer"), (page + 1, "Older")):
        if 1 <= target <= pages:
            links.append(
                f'<a class="button" href="/?{urlencode({"q": query, "page": target})}">{label}</a>'
            )
    return (
        f'<nav class="pages" aria-label="Pages"><span class="soft">{total} messages, page {page} of {pages}'
        f"</span>{''.join(links)}</nav>"
    )


def _current(current: bool) -> str:  # noqa: FBT001
    return ' aria-current="page"' if current else ""


def _envelope(entry: Entry, parsed: Parsed) -> str:
    rows = (
        ("From", parsed.header("From")),
        ("To", parsed.header("To")),
        ("Envelope", f"{entry.sender or '<>'} → {', '.join(entry.recipients)}"),
        ("Received", f"{entry.at[:19].replace('T', ' ')} UTC, {entry.size} bytes"),
    )
    return (
        "<dl>"
        + "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows)
        + "</dl>"
    )


def _one_click(parsed: Parsed) -> str:
    """Return the button by which a mail program unsubscribes (RFC 8058), if the message offers it."""
    target = re.search(r"<(https?://[^>]+)>", parsed.header("List-Unsubscribe"))
    if target is None or "one-click" not in parsed.header("List-Unsubscribe-Post").lower():
        return ""
    return (
        f'<form class="inline" method="post" action="{escape(target[1])}">'
        '<input type="hidden" name="List-Unsubscribe" value="One-Click">'
        "<button>Unsubscribe as a mail program would</button></form>"
    )


def _html_tab(entry: Entry, parsed: Parsed) -> str:
    if not parsed.html:
        return '<p class="empty">This message has no HTML part.</p>'
    return (
        f'<iframe src="/m/{entry.id}/html" title="Message" '
        'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )


def _linked(text: str) -> str:
    pieces, last = [], 0
    for match in _LINK.finditer(text):
        url = escape(match[0])
        pieces.append(escape(text[last : match.start()]))
        pieces.append(f'<a href="{url}" target="_blank" rel="noopener noreferrer">{url}</a>')
        last = match.end()
    return "".join(pieces) + escape(text[last:])


def _headers(parsed: Parsed) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{_linked(value)}</td></tr>'
        for name, value in parsed.headers
    )
    return f"<table>{rows}</table>"


def _attachments(entry: Entry, parsed: Parsed) -> str:
    links = "".join(
        f'<li><a href="/m/{entry.id}/part/{number}">{escape(part.name)} ({len(part.content)} bytes)</a></li>'
        for number, part in enumerate(parsed.parts)
        if part.name
    )
    return f"<h3>Attachments</h3><ul>{links}</ul>" if links else ""
