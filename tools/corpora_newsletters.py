"""Composes every newsletter of a folder as a campaign and compares what is sent with what was written.

    python tools/corpora_newsletters.py FOLDER

Takes every `.html` and `.mjml` file. Their own braces (other systems' merge fields) are kept as text. For each: no
problem that stops it, a message whose lines are legal, and decoded parts that are equal to the composed source but
for links, pixel and tokens. Prints one line per failure and the counts; exit code 1 if anything failed.
"""

import email
import email.policy
import re
import sys
import time
from collections import Counter
from pathlib import Path

from hirnok.mail import merge
from hirnok.mail.compile import Envelope, compile_message
from hirnok.mail.compose import Brand, Footer, Prepared, Source, prepare

BRAND = Brand("Példa Kft.", "Példa Kft.\n1051 Budapest, Fő utca 1.", "Kiss Őrs")
ENVELOPE = Envelope(
    from_name="Kiss Őrs",
    from_address="hirek@pelda.example",
    domain="pelda.example",
    message="c1",
    list_id="hirek.pelda.example",
    public_base="https://pelda.example",
    track_base="https://t.pelda.example",
    pixel=True,
)
CONTACT = {"email": "anna@olvaso.example", "first_name": "Árvíztűrő", "last_name": "Tükörfúró"}
TRACK, LEAVE = "T" * 24, "L" * 24
MOJIBAKE = re.compile("[ÃÅÄÂ][\u0080-\u00bf]|\ufffd|â€")


def main(folder: Path) -> int:
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".html", ".mjml"})
    counts: Counter[str] = Counter()
    failures = 0
    for path in files:
        began = time.perf_counter()
        faults = compare(path, counts)
        counts["ms"] += round((time.perf_counter() - began) * 1000)
        failures += bool(faults)
        for fault in faults:
            print(f"{path.relative_to(folder)}: {fault}")
    print(
        f"newsletters: {len(files)} files, {failures} failed, {counts['links']} links, "
        f"{counts['bytes'] // 1000} kB sent, {counts['ms'] // max(len(files), 1)} ms each"
    )
    warned = {name: count for name, count in counts.items() if name.startswith("warning")}
    print("newsletters:", ", ".join(f"{name} {count}" for name, count in sorted(warned.items())))
    return 1 if failures or not files else 0


def compare(path: Path, counts: Counter[str]) -> list[str]:
    """What is wrong with the message made from one file."""
    written = path.read_text("utf-8")
    kind = "mjml" if path.suffix == ".mjml" else "html"
    source = Source(
        kind, merge.literal(written), "Árvíztűrő {{ contact.first_name }}", language="hu"
    )
    prepared = prepare(source, BRAND, Footer("Leiratkozás", "Azért kapja, mert feliratkozott."))
    counts.update(
        f"warning {problem.code}" for problem in prepared.problems if not problem.is_error
    )
    if prepared.errors:
        return [f"{problem.line}:{problem.column} {problem.message}" for problem in prepared.errors]
    ids = {link.position: 1000 + link.position for link in prepared.links}
    compiled = compile_message(prepared, ENVELOPE, ids)
    message = compiled.render(
        CONTACT, track=TRACK, leave=LEAVE, delivery_id=7, date="Tue, 03 Nov 2026 09:00:00 +0100"
    )
    counts.update(links=len(prepared.links), bytes=len(message))
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    html = parsed.get_body(("html",)).get_content()
    text = parsed.get_body(("plain",)).get_content()
    faults = [*illegal_lines(message), *differences(prepared, html, text)]
    if not MOJIBAKE.search(written) and MOJIBAKE.search(html + text):
        faults.append("mojibake")
    if kind == "html" and (missing := words(written) - words(html)):
        faults.append(f"words lost: {sorted(missing)[:5]}")
    return faults


def illegal_lines(message: bytes) -> list[str]:
    lines = message.split(b"\r\n")
    faults = ["line too long"] if any(len(line) > 76 for line in lines if b": " not in line) else []
    faults += (
        ["dot at the beginning of a line"] if any(line.startswith(b".") for line in lines) else []
    )
    faults += ["bare line break"] if any(b"\n" in line or b"\r" in line for line in lines) else []
    return faults


def differences(prepared: Prepared, html: str, text: str) -> list[str]:
    """The decoded parts against the composed source, filled in plainly, with the links put back."""
    scope = merge.scope(CONTACT, BRAND.values, "", f"https://pelda.example/u/{LEAVE}")
    expected = merge.render(prepared.html_source, scope)
    got = re.sub(r'<img src="https://t\.pelda\.example/o/[^>]*>', "", html)
    tracked = re.compile(r"https://t\.pelda\.example/c/(\d+)/T{24}")
    found = {int(number) - 1000 for number in tracked.findall(html + text)}
    faults = [] if found == {link.position for link in prepared.links} else ["links lost"]
    original = [link.url for link in prepared.links]
    got = tracked.sub(lambda match: original[int(match[1]) - 1000], got)
    if plain(got) != plain(expected):
        faults.append("the HTML differs from its source")
    return faults


def plain(html: str) -> str:
    """Without line-end and escaping differences that mean the same."""
    for name, character in (
        ("&amp;", "&"),
        ("&quot;", '"'),
        ("&#34;", '"'),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ):
        html = html.replace(name, character)
    return re.sub(r"\s+", " ", html).strip()


def words(html: str) -> set[str]:
    """The words a reader sees."""
    html = re.sub(r"(?s)<!--.*?-->|<(style|script|title|head)\b.*?</\1>|<[^>]*>", " ", html)
    return set(re.findall(r"[^\W\d_]{3,}", re.sub(r"&#?\w+;", " ", html)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
