"""From what an author writes (Markdown, HTML, MJML) to a complete HTML document that mail programs can show.

Works on sources whose template tokens are hidden behind words (`hirnok.mail.parts`). Styles are written into the
elements; nothing is loaded from the network or from files. Leaves to others: links, the template language.
"""

import re
from functools import cache
from typing import Any, Final, Literal

import mjml
from css_inline import CSSInliner, InlineError
from markdown_it import MarkdownIt

from hirnok.mail.quoted import escape

Kind = Literal["markdown", "html", "mjml"]

_DOCUMENT: Final = re.compile(r"<(?:html|body)[\s>]", re.I)
STYLE_ATTRIBUTE: Final = re.compile(r"(\sstyle\s*=\s*)(?:\"([^\"]*)\"|'([^']*)')", re.I)
_DECLARATION: Final = re.compile(r"(?:[^;\"'(]|\([^)]*\)|\"[^\"]*\"|'[^']*'|[\"'(])+")
_REVEALED: Final = re.compile(r"<!\[(if [^\]<>]*|endif)\]>", re.I)
_HIDDEN_REVEALED: Final = re.compile(r"<!--@@(.*?)@@-->")
_BODY_START: Final = re.compile(r"<body(?: =?[^\s/>=]+=\"[^\"]*\")*>")
_HEAD_START: Final = re.compile(r"<head(?:\s[^>]*)?>", re.I)
_STYLE: Final = """
body { margin: 0; padding: 0; background-color: #f4f5f7; }
.page { background-color: #f4f5f7; width: 100%; }
.letter { width: 100%; max-width: 600px; margin: 0 auto; background-color: #ffffff; }
.letter-text { padding: 32px; font-family: Arial, Helvetica, sans-serif; font-size: 16px; line-height: 1.5; color: #1f2937; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 16px; }
h2 { font-size: 21px; line-height: 1.3; margin: 24px 0 12px; }
h3 { font-size: 18px; line-height: 1.3; margin: 20px 0 8px; }
p { margin: 0 0 16px; }
ul, ol { margin: 0 0 16px; padding-left: 24px; }
a { color: #0b5cad; }
img { max-width: 100%; height: auto; border: 0; }
blockquote { margin: 0 0 16px; padding: 0 0 0 16px; border-left: 3px solid #d1d5db; color: #4b5563; }
hr { border: 0; border-top: 1px solid #d1d5db; margin: 24px 0; }
pre { white-space: pre-wrap; font-size: 14px; background-color: #f4f5f7; padding: 12px; }
.letter-text table { border-collapse: collapse; margin: 0 0 16px; }
.letter-text th, .letter-text td { border: 1px solid #d1d5db; padding: 6px 10px; text-align: left; }
"""
_PREHEADER: Final = (
    '<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;'
    'mso-hide:all;">{}</div>'
)
_FILLER: Final = "&#847;&zwnj;&nbsp;" * 30
_FOOTER: Final = (
    '<div style="padding:16px 24px;text-align:center;font-family:Arial,Helvetica,sans-serif;font-size:12px;'
    'line-height:1.5;color:#6b7280;">{}</div>'
)


class CannotCompose(Exception):
    """The source cannot be read. `code` is one of `merge.MESSAGES`, `detail` is what the reader of it said."""

    def __init__(self, code: Literal["mjml", "css"], detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def compose(kind: Kind, source: str, *, title: str, language: str) -> str:
    """A complete HTML document with its styles in the elements, as an HTML5 serialiser writes it.

    Raises `CannotCompose`.
    """
    match kind:
        case "markdown":
            html = _page(_markdown().render(source), title, language, letter=True)
        case "mjml":
            html = _mjml(source, language)
        case "html":
            html = (
                source if _DOCUMENT.search(source) else _page(source, title, language, letter=False)
            )
    inliner = _inliner(keep_styles=kind != "markdown")
    html = STYLE_ATTRIBUTE.sub(_tidied, html)
    html = _REVEALED.sub(lambda match: f"<!--@@{match[1]}@@-->", html)
    try:
        inlined: str = inliner.inline(html)
    except (InlineError, ValueError) as error:
        raise CannotCompose("css", str(error)) from error
    return _with_charset(_HIDDEN_REVEALED.sub(r"<![\1]>", inlined))


def with_preheader(html: str, preheader: str) -> str:
    """`html` with the line that mail programs show beside the subject. `preheader` is escaped HTML."""
    return _after_body_start(html, _PREHEADER.format(preheader + _FILLER)) if preheader else html


def with_footer(html: str, rows: list[str]) -> str:
    """`html` with rows of (escaped) HTML below everything else."""
    return before_body_end(html, _FOOTER.format("<br>".join(rows))) if rows else html


def before_body_end(html: str, addition: str) -> str:
    at = html.rfind("</body>")
    return html[:at] + addition + html[at:] if at >= 0 else html + addition


def declarations(style: str) -> list[str]:
    """The declarations in the value of a `style` attribute (as written, with its entities)."""
    style = re.sub(r"&(?:quot|#34|#39|apos);", "'", style)
    return [found.strip() for found in _DECLARATION.findall(style) if found.strip()]


def _tidied(match: re.Match[str]) -> str:
    """A `style` attribute without what is no declaration: the inliner stops at it, browsers ignore it."""
    kept = [
        found
        for found in declarations(match[2] or match[3] or "")
        if re.match(r"\*?-?[\w-]+\s*:", found)
    ]
    style = "; ".join(kept).replace('"', "'")
    return f'{match[1]}"{style}"'


def _after_body_start(html: str, addition: str) -> str:
    match = _BODY_START.search(html)
    at = match.end() if match else 0
    return html[:at] + addition + html[at:]


def _page(content: str, title: str, language: str, *, letter: bool) -> str:
    style = f"<style>{_STYLE}</style>" if letter else ""
    if letter:
        content = (
            '<table role="presentation" class="page" cellpadding="0" cellspacing="0" border="0"><tr><td align="center">'
            '<table role="presentation" class="letter" cellpadding="0" cellspacing="0" border="0"><tr>'
            f'<td class="letter-cell"><div class="letter-text">{content}</div></td></tr></table></td></tr></table>'
        )
    return (
        f'<!DOCTYPE html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>{style}</head><body>{content}</body></html>"
    )


def _mjml(source: str, language: str) -> str:
    try:
        html: str = mjml.mjml2html(source, fonts={})
    except ValueError as error:
        raise CannotCompose("mjml", str(error)) from error
    return html.replace(' lang="und" dir="auto"', f' lang="{escape(language)}"')


def _with_charset(html: str) -> str:
    """The document says what it is: some programs save or forward the HTML part alone."""
    head = html[: html.find("</head>")]
    if re.search(r"<meta[^>]+charset", head, re.I):
        return re.sub(
            r"(<meta[^>]+charset=\"?)(?!utf-8)[\w-]+", r"\1utf-8", html, count=1, flags=re.I
        )
    return _HEAD_START.sub(lambda match: f'{match[0]}<meta charset="utf-8">', html, count=1)


@cache
def _markdown() -> Any:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@cache
def _inliner(*, keep_styles: bool) -> Any:
    return CSSInliner(
        keep_style_tags=keep_styles,
        keep_at_rules=True,
        remove_inlined_selectors=True,
        load_remote_stylesheets=False,
    )
