"""What mail systems say in words: the tables and the reading of notices that have no machine-readable status.

The rules are general ones. `heading` finds where the words of the notice end and the returned mail begins; `recipients`
reads addresses by where they stand (named by a label, alone on a line, leading a line, in a transcript, in a sentence), the
strongest place first. The wording of mail systems, in many languages, is data: `NOTICE`, `DELAY`, `FINAL`, `AWAY`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hirnok.mail import parse

ADDRESS: Final = re.compile(
    r"""(?:"[^"\n]{1,64}"|[^\s<>()\[\]{},;:"@\\|]{1,128})@(?:[^\W_](?:[\w-]{0,62}\w)?(?:\.[\w-]{1,63}){0,10}|\[[0-9a-fA-F.:IPv]{3,50}\])"""
)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.I)


# Who writes notices.
SYSTEM: Final = _any(
    r"mailer-?daemon", r"\bpost[_-]?master\b", r"mail[ ._-]{0,2}(?:delivery|system|administrator|server|gateway|daemon)", r"delivery[ ._-]{0,2}(?:sub)?system",
    r"\bmailerdaemon", r"\bmdaemon\b", r"system administrator", r"smtp[ ._-]?(?:mail)?[ ._-]?service", r"microsoft ?exchange", r"mta[ ._-]?(?:daemon|admin)",
    r"no-?reply@sns\.amazonaws", r"interscan|imss|symantec.{0,20}gateway|mailmarshal|mimecast|antivirus|virus ?wall", r"bounce[sr]?@",
)  # fmt: skip
# What stands in the subject of a notice.
SUBJECT: Final = _any(
    r"un-?deliver(?:able|ed)", r"^\[?bounced?\]", r"non[- ]?(?:delivery|remis|d[ée]livr|recapitat)", r"\bdelivery (?:status|failure|failed|error|has failed|problem|report|notification|unsuccessful)",
    r"fail(?:ure|ed)[- ](?:notice|delivery|mail)", r"mail(?: message)? delivery (?:failed|failure|error|problem|status|system)", r"returned (?:mail|to sender|message)", r"(?:mail|message)s? (?:was |is )?returned",
    r"(?:mail|message|e-?mail) (?:could )?not (?:be )?(?:delivered|sent)", r"could not be delivered", r"not deliver(?:ed|able)", r"mail (?:system )?error", r"mail failed", r"message delivery (?:has failed|failure|delayed)",
    r"message (?:\S{1,60} )?(?:delayed|you sent blocked)", r"you sent blocked", r"delay(?:ed)? mail|mail delay|delivery delayed", r"rejected (?:mail|message)|(?:mail|message) (?:was )?rejected",
    r"error sending your (?:mail|message)|there was an error sending", r"(?:permanent|fatal|mail|transmission|processing|address) (?:delivery )?(?:error|failure)", r"warning: (?:message|could not|e-?mail)", r"postmaster notify", r"see transcript",
    r"bounce (?:notification|message)", r"malformed recipient", r"(?:mail|message) failure", r"cannot send message", r"\bundeliv", r"nicht zustellbar|unzustellbar|zustell(?:ung|fehl)|fehlgeschlagen|konnte nicht",
    r"non remis|[ée]chec de (?:la )?(?:remise|distribution|livraison)|retour[ée]? (?:à|a) l'exp|message non distribu", r"no se (?:ha )?(?:pudo|podido|puede) entregar|no entregad|devuelto|error de entrega|fallo en la entrega", r"mancata consegna|non recapitabile|non consegnat|impossibile (?:recapitare|consegnare)",
    r"n[ãa]o (?:foi )?(?:entregue|poss[íi]vel entregar)|falha na entrega|n[ãa]o entregue", r"k[ée]zbes[íi]t(?:hetetlen|[ée]si|etlen)|nem (?:lehetett )?k[ée]zbes[íi]t|sikertelen (?:k[ée]zbes|tov[áa]bb)|visszapattan", r"nelivr|nu a (?:putut fi |fost )?livrat|e[șs]uat|nerecapitat", r"niedostarcz|zwrot|nie (?:mo[żz]na|uda[łl]o)", r"nedoru[čc]|nelze doru[čc]it|neodoslan",
    r"недоставлен|не доставлен|не может быть доставлен|ошибка доставки|невозможно доставить", r"onbestelbaar|niet (?:worden )?(?:af)?geleverd|kan niet worden", r"kunde inte levereras|ej levererat|oleverer|kunne ikke leveres", r"teslim edil|iletilemedi",
    r"退信|无法投递|無法投遞|投递失败|寄信失败|系统退信", r"配信(?:不能|エラー|でき)|送信(?:不能|エラー|でき)|エラー通知|未配信|配送エラー|メール.{0,6}(?:エラー|戻)|届けられ", r"반송|배달(?:되지| 실패)|전송 실패",
)  # fmt: skip
# What a notice says in its text.
NOTICE: Final = _any(
    r"(?:could|can|was|were|has|have|is|did)[ ]?(?:not|n't)[ ](?:yet )?(?:be |been |able to )?(?:be )?(?:deliver|reach|sent\b|send\b|receive)", r"undeliverable", r"unable to (?:deliver|send|relay|reach|connect to remote)", r"(?:deliver[yi]|delevery|transmission|sending)[^.\n]{0,60}(?:fail|unsuccess|aborted|delayed|error)", r"fail(?:ed|ure)[^.\n]{0,40}deliver",
    r"(?:could|was|were) not (?:be )?delivered", r"did not reach the following", r"following (?:address|recipient)[^.\n]{0,30}(?:fail|had|did|could|were|has|have|was|not)", r"permanent (?:fatal )?error", r"had (?:permanent|transient|delivery)[^.\n]{0,20}errors", r"unable to deliver", r"wasn't able to (?:deliver|establish)", r"error (?:has )?(?:occurred|delivering|occured)", r"error while attempting to deliver",
    r"(?:your|this) (?:mail|message|e-?mail)[^\n]{0,80}(?:reject|return|bounce|block|undeliver|not (?:be )?deliver)", r"return(?:ed|ing) (?:to sender|message to sender|mail)", r"transcript of (?:the )?session", r"remote (?:host|server|smtp server) (?:said|returned|responded)", r"(?:rejected|refused) (?:recipient|your message|by)", r"recipients? (?:address )?rejected", r"trouble delivering",
    r"user unknown|unknown user|no such (?:user|recipient)|mailbox (?:unavailable|full|not found)|does not exist|no mailbox here", r"giving up|queue too long|will (?:be retried|continue to (?:try|attempt))|delivery attempts?", r"non[- ]delivery report", r"delivery status notification", r"has been returned", r"delivery failed",
    r"konnte nicht[^.\n]{0,60}(?:zugestellt|[üu]bermittelt|gesendet|erreicht)|nicht zugestellt|unzustellbar|zustellung[^.\n]{0,60}fehl", r"n'a pas pu [êe]tre|n'a pas [ée]t[ée] (?:remis|distribu)|pu etre delivre|[ée]chec de la remise|non remis", r"no (?:se )?(?:ha )?(?:pudo|podido|puede|pudieron)[^.\n]{0,40}entreg|no se entreg", r"non [èe] (?:stato )?(?:possibile|recapitat)|impossibile (?:recapitare|consegnare)", r"n[ãa]o (?:foi|p[ôo]de)[^.\n]{0,40}entreg",
    r"nem (?:lehetett|siker[üu]lt|tudtuk|tudta)[^.\n]{0,40}k[ée]zbes|k[ée]zbes[íi]t(?:hetetlen|ése[^.\n]{0,20}sikertelen)|nem k[ée]zbes[íi]thet", r"nu a putut fi (?:livrat|transmis)|nu s-a putut|nelivrat", r"nie (?:zosta|mo|uda)[^.\n]{0,30}dostarcz", r"nelze doru[čc]|nebylo mo[žz]n", r"не (?:может|могло|удалось|было)[^.\n]{0,40}доставл|не удалось доставить|невозможно доставить|не доставлено", r"niet (?:worden )?(?:af)?geleverd|kon niet worden",
    r"kunde inte levereras|kunne ikke leveres|iletilemedi|teslim edil", r"无法(?:投递|送达|到达)|退信|退回|無法", r"(?:送信|配信|お届け|届け)[^。\n]{0,12}(?:できません|出来ません|不能|失敗|エラー)|失敗しました|エラーが発生|メールアドレスが見つかりません|存在しない", r"배달(?:되지| 실패)|반송|전송하지 못",
)  # fmt: skip
# The notice is about waiting; the mail is still on its way.
DELAY: Final = _any(
    r"(?:has|have) (?:not yet been|been delayed)", r"delivery (?:to|of) [^\n]{1,120} (?:is |was )?delayed", r"delivery attempts? (?:are|is) (?:still )?pending", r"will (?:keep (?:on )?trying|try again|retry)\b", r"it will be retried until", r"not yet (?:been )?delivered", r"delivery (?:to the following recipients? )?(?:has been |is |was )?(?:delayed|temporarily)", r"warning message only", r"will (?:be retried|continue (?:to (?:be )?(?:try|attempt|retr|deliver)|trying))", r"attempts? (?:to deliver[^.\n]{0,40} )?will (?:be made|continue)", r"still (?:being retried|trying|in the queue)", r"no action is required on your part", r"delayed \d+ (?:hours?|days?)", r"status notification \(delay\)|status notification: delayed",
    r"verz[öo]gert|k[ée]sleltet|k[ée]sik|[îi]nt[âa]rziat|opó[źz]nion|retard[ée]e?\b|demorad|ritardat|задерж|遅延",
)  # fmt: skip
# The reason was one of the moment, although the system gave up.
PASSING: Final = _any(
    r"temporar(?:y|ily)", r"\bdeferred\b", r"have been failing for a long time", r"try (?:again )?later", r"vor[üu]bergehend", r"temporaire", r"[áa]tmeneti", r"временн", r"一時的", r"temporan",
)  # fmt: skip
FINAL: Final = _any(
    r"permanent(?:ly)? (?:fatal |delivery )?(?:error|fail)", r"failed permanently", r"\bpermanent\b[^.\n]{0,30}error", r"this is a permanent", r"permanent fatal errors"
)  # fmt: skip
# An automatic answer from the address itself: there is nobody behind it any more.
CLOSED: Final = _any(
    r"(?:this|the|my) (?:old )?(?:e-?mail ?)?(?:address|inbox|mailbox|account)(?: \(?\S{1,100}@\S{1,100})? (?:is|has been|was) (?:now |being )?(?:no longer (?:in use|active|valid|used|available|in service)|not in use|closed|deactivated|disabled|discontinued|retired)",
    r"(?:ez|az) az? (?:e-?mail ?)?(?:c[íi]m|fi[óo]k|postafi[óo]k)(?: m[áa]r)? (?:megsz[űu]nt|nem (?:haszn[áa]lt|[ée]l|l[ée]tezik|m[űu]k[öo]dik))", r"aceast[ăa] adres[ăa][^.\n]{0,40} nu mai (?:este|e) (?:folosit|activ|valabil)", r"diese (?:e-?mail-?)?adresse (?:ist|wird) nicht mehr (?:aktiv|g[üu]ltig|verwendet|genutzt)", r"cette adresse[^.\n]{0,40} n'est plus (?:utilis|valide|active)",
)  # fmt: skip
# Out of office, acknowledgements, challenges.
AWAY: Final = _any(
    r"out of (?:the )?office", r"\bauto(?:mat(?:ic|ed|iczna|isch\w*|ick\w*|yczn\w*))?[- ]?(?:reply|repl[iy]|response|respon[sd]\w*|antwort|answer|odpowied\w*|odpov\w*)", r"autorespon[sd]", r"\bvacation\b|on (?:annual |sick |maternity )?leave\b|on holiday|away (?:from|until|on)\b|currently (?:away|out)|will be (?:away|out) ", r"abwesen(?:heit|d)|au[ßs]er haus|nicht im b[üu]ro|im urlaub", r"r[ée]ponse automatique|absen(?:t|ce) du bureau|absence|en cong[ée]s?\b|en vacances", r"fuera de (?:la )?oficina|respuesta autom[áa]tica|de vacaciones|ausencia|ausente",
    r"fuori (?:sede|ufficio)|risposta automatica|in ferie|assenza", r"resposta autom[áa]tica|fora do escrit[óo]rio|de f[ée]rias|aus[êe]ncia", r"automatikus v[áa]lasz|h[áa]zon k[íi]v[üu]l|szabads[áa]gon|irod[áa]n k[íi]v[üu]l|t[áa]voll[ée]t|nem vagyok (?:az )?irod", r"r[ăa]spuns automat|nu sunt (?:la|[îi]n) birou|[îi]n concediu|absen[țt]", r"poza biurem|na urlopie|nieobecno", r"mimo kancel|dovolen", r"afwezig|niet (?:op|aanwezig)|automatisch antwoord|op vakantie", r"fr[åa]nvaro|autosvar|automatiskt svar|p[åa] semester|frav[æe]r|poissa|lomalla",
    r"автоответ|автоматический ответ|в отпуске|отсутств", r"自动回复|自動回覆|自動返信|自動応答|不在|休暇|休假", r"부재|자동 ?(?:회신|응답)", r"(?:we|i) (?:have )?received your (?:e-?mail|message|request|enquiry|inquiry|mail)", r"thank you for (?:contacting|your (?:e-?mail|message|enquiry|inquiry))", r"ticket (?:has been )?(?:created|received|#|\[)", r"(?:confirm|verify)[^.\n]{0,40}(?:you are (?:a )?(?:human|real)|sender|your message|delivery of)", r"boxtrapper|spam ?arrest|challenge[- ]response|awaiting (?:your )?(?:verification|confirmation)", r"no longer (?:work|employ|with (?:the|this|our) company)",
)  # fmt: skip

# Where the returned mail begins.
_RETURNED: Final = _any(
    r"^[\s>*=_-]{0,80}(?:below (?:this line|the next line|is)|this is) (?:is )?a copy of (?:the|your)", r"^[\s>*=_-]{0,80}(?:here|included|attach\w+|enclosed|following|below)[^\n]{0,40}\bis (?:a|the) copy", r"^[\s>*=_-]{2,80}(?:returned|unsent|undelivered|original|forwarded|message|mail)[ _-]{1,3}(?:message|mail|header|headers|text|content|info)[^\n]{0,60}$", r"^[\s>*=_-]{0,80}(?:the )?(?:original )?message (?:header|headers|text|contents?)(?: and top \d+ lines)?[^\n]{0,40}(?:follow|below|:)", r"^[\s>*=_-]{0,80}original (?:message|mail)(?: (?:info|header|headers|follows|text))?\b[^\n]{0,20}$",
    r"^[\s>*=_-]{0,80}(?:unsent|undelivered|returned|bounced) (?:e-?)?(?:message|mail)\b[^\n]{0,20}(?:follow|below|:)", r"^[\s>*=_-]{0,80}(?:the )?(?:original )?(?:message|mail)? ?(?:header|body)s? (?:of|from) the (?:original|returned)", r"^[\s>*=_-]{0,80}start of returned", r"^[\s>*=_-]{0,80}(?:a )?copy of (?:the |your )?(?:original |returned )?message", r"^[\s>*=_-]{0,80}(?:a )?summary of the undelivered", r"^[\s>*=_-]{0,80}(?:message )?headers follow", r"^[\s>*=_-]{1,80}(?:cut here|begin (?:of )?(?:message|original|returned))",
    r"^[\s>*=_-]{0,80}(?:urspr[üu]ngliche (?:nachricht|mail)|message d'origine|mensaje original|messaggio originale|eredeti (?:lev[ée]l|[üu]zenet)|mesaj(?:ul)? original|исходное (?:сообщение|письмо))", r"^[\s>*=_-]{0,80}(?:元の|オリジナル)(?:メール|メッセージ)", r"^[\s>*=_-]{0,80}(?:the )?(?:following|attached) is the (?:original )?(?:message|mail)", r"^[\s>*=_-]{1,80}\s?(?:enclosed|attachment) is a copy",
)  # fmt: skip
_MAIL_FIELD: Final = re.compile(r"^(?:received|return-path|message-id|mime-version|from|date|to|subject|x-[\w-]{1,60}|content-type|dkim-signature|reply-to|sender)[ \t]?:", re.I)  # fmt: skip
_SURE_FIELD: Final = re.compile(r"^(?:received:[ \t](?:from|by|\()|return-path:[ \t]|message-id:[ \t]?<|mime-version:|dkim-signature:)", re.I)  # fmt: skip

_LABEL: Final = re.compile(
    r"^[\s>*•-]{0,20}(?:(?:final|original|failed|intended|invalid|rejected|envelope|e-?mail|mail|target|the|your|bad|destination|addressed to|unknown|non[- ]?existent)[ -]?(?:mail )?){0,3}"
    r"(?:recipients?|user|addressed to|intended for|address(?:ee|es)?|mailbox|destinatarios?|destinataires?|empf[äa]nger|adresat|c[íi]mzett|destinatar|destinatario|получател[ья]|收件人|宛先|送信先|delivery (?:to|failed[^:\n]{0,40})|failed (?:to|addresses))"
    r"(?:[ -](?:address|e-?mail|name)(?:es|s)?)?(?:\(e?s\))?[ \t]*(?:[:=：]|\bis\b)\s*(.{0,300})",
    re.I,
)
_LEADING: Final = re.compile(
    r"^([\s>*•#|-]{0,30})[\[(\"'<]{0,4}(?:(?:smtp|to|mailto|rfc822)[:;=] ?)?<?", re.I
)
_TRANSCRIPT: Final = re.compile(
    r"rcpt to: ?<?|^\s{0,20}(?:<<<|>>>|\.{3})?\s{0,4}[45]\d\d[ -]|\(reason:|received >>>|said:|respon",
    re.I,
)
# Whose mail it was: `not accepting mail from …`, `the message sent by …`.
_FROM: Final = re.compile(r"\b(?:from|sent by|sender)[ \t:]{1,3}[<'\"]?$", re.I)
_TRIGGER: Final = re.compile(
    r"deliver|recipient|address|user|mailbox|account|unknown|message to|sent to|reach|inbox|mail to|zustell|empf[äa]nger|destinat|c[íi]mzett|k[ée]zbes|livr|доставл|получател|адрес|пользовател|收件|投递|宛|送信|配信|メールアドレス|수신", re.I
)  # fmt: skip
_NAME: Final = re.compile(r"[ \t]{1,20}([\w.+-]{1,64})(?:[ \t]{1,4}\([^()\n]{1,200}\))?[ \t]*")
_GENERATED: Final = re.compile(r"(?:generated|expanded) from:? ?(.{0,200})", re.I)
CONTACT: Final = re.compile(
    r"^(?:postmaster|mailer-daemon|abuse|hostmaster|support|help ?desk|root|noc)@|\.(?:jpe?g|png|gif)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Found:
    """An address a notice blames, and the words that stand with it."""

    address: str
    words: str = ""


def heading(text: str) -> tuple[str, parse.Headers]:
    """The words of a notice, without the mail it returns; and the header fields of that mail, if they stand in the text."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _SURE_FIELD.match(line) and _fields_at(lines, number) >= 2:
            first = number
            while first and _MAIL_FIELD.match(lines[first - 1]):
                first -= 1
            before = "\n".join(lines[:first])
            return _cut(before), parse.fields("\n".join(lines[first : first + 400]))
    return _after_mark(text)


def recipients(text: str, excluded: frozenset[str]) -> list[Found]:
    """The addresses a notice is about, from the strongest kind of place that has any. `excluded`: lower case, not to be
    taken while there are others."""
    lines = [line[:1000] for line in text.split("\n")[:2000]]
    for place in (_labelled, _leading, _in_transcript, _in_sentences, _anywhere):
        found = _unique(place(lines), excluded)
        whole = [one for one in found if "." in one.address.rpartition("@")[2]]
        if found:  # a name inside the system stands beside the address it was sent to
            return whole or found
    return []


def names(text: str) -> list[Found]:
    """The names which stand alone, or before a reason in brackets, in the lines after one that announces recipients with a
    colon: what is left of addresses in systems which write no domain, as GroupWise and AOL do."""
    lines = [line[:1000] for line in text.split("\n")[:200]]
    found: list[Found] = []
    for number, line in enumerate(lines):
        if not (line.rstrip().endswith(":") and _TRIGGER.search(line) and NOTICE.search(text)):
            continue
        for at in range(number + 1, min(number + 40, len(lines))):
            match = _NAME.fullmatch(lines[at])
            if match:
                found.append(Found(match[1], " ".join((lines[at], line)).strip()[:1500]))
            elif lines[at].strip() or found:
                break
    return found


def addresses(text: str) -> list[str]:
    """The addresses in a text, cleaned of what surrounds them."""
    return [clean for match in ADDRESS.finditer(text) if (clean := _clean(match[0]))]


def _clean(address: str) -> str:
    for mark in ("SMTP=", "smtp=", "rfc822=", "RFC822="):
        address = address.rpartition(mark)[2] if mark in address.partition("@")[0] else address
    address = address.strip("'`*“”‘’«»„").lstrip("=-").rstrip(".-_")
    local, _, domain = address.rpartition("@")
    return address if local and domain and not local.startswith(("//", "/")) else ""


def _fields_at(lines: list[str], number: int) -> int:
    """How many fields of a mail stand together from this line on."""
    count = 0
    for line in lines[number : number + 30]:
        if _MAIL_FIELD.match(line):
            count += 1
        elif line[:1] not in {" ", "\t"} and not re.match(r"[\w-]{2,60}:", line):
            break
    return count


def _cut(text: str) -> str:
    match = _mark(text)
    return text[:match] if match is not None else text


def _mark(text: str) -> int | None:
    at = 0
    for line in text.split("\n"):
        if at and _RETURNED.search(line[:200]):
            return at
        at += len(line) + 1
    return None


def _after_mark(text: str) -> tuple[str, parse.Headers]:
    at = _mark(text)
    if at is None:
        return text, parse.Headers()
    rest = text[at:].partition("\n")[2].lstrip("\n")
    return text[:at], parse.fields(
        re.sub(r"^[ \t>]{1,8}(?=[A-Z][\w-]{1,40}:)", "", rest[:20000], flags=re.M)
    )


def _labelled(lines: list[str]) -> Iterator[Found]:
    for number, line in enumerate(lines):
        match = _LABEL.match(line)
        if match is None:
            continue
        for address in addresses(match[1])[: 1 if ":" in match[1] else 20]:
            yield Found(address, _words(lines, number))


def _leading(lines: list[str]) -> Iterator[Found]:
    """Addresses at the beginning of a line; what is indented deeper than the first one is explanation."""
    indent = None
    for number, line in enumerate(lines):
        if "@" not in line:
            continue
        match = _LEADING.match(line)
        start = match.end() if match else 0
        address = ADDRESS.match(line, start)
        if (
            address
            and (named := re.match(r"\s?<([^<>\s]{3,200})>", line[address.end() :]))
            and ADDRESS.fullmatch(named[1])
        ):
            address = ADDRESS.match(
                line, address.end() + named.start(1)
            )  # a name that looks like an address
        if address is None:
            generated = _GENERATED.search(line)
            if generated and (inside := addresses(generated[1])):
                yield Found(inside[0], _words(lines, number))
            continue
        depth = len(match[1].expandtabs()) if match else 0
        rest = line[address.end() :].strip()
        alone = not rest.strip("<>[]()\"'.,;:*-|")
        if not alone and not re.match(
            r"[>\])\"']{0,3}\s?(?:[:.,;(\[<-]|\.{3}|\s|$)", line[address.end() :]
        ):
            continue
        if not alone and not _explains(rest):
            continue
        if indent is not None and depth > indent:
            continue
        indent = depth
        yield Found(_clean(address[0]), _words(lines, number))


def _explains(rest: str) -> bool:
    """Whether what follows an address on its line speaks of it as a notice does."""
    return bool(re.match(r"[>\])\"']{0,3}\s?[:;,(\[.-]|[>\])\"']{0,3}\s?(?:on|failed|could|was|is|has|user|unknown|invalid|no such|not|mailbox|reason|does|\d{3})\b", rest, re.I))  # fmt: skip


def _in_transcript(lines: list[str]) -> Iterator[Found]:
    for number, line in enumerate(lines):
        if _TRANSCRIPT.search(line):
            for address in addresses(line):
                yield Found(address, _words(lines, number))


def _in_sentences(lines: list[str]) -> Iterator[Found]:
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else ""
        if "@" in line and (_TRIGGER.search(line) or _TRIGGER.search(before)):
            for match in ADDRESS.finditer(line):
                if (address := _clean(match[0])) and not _is_sender(line[: match.start()]):
                    yield Found(address, _words(lines, number))


def _is_sender(before: str) -> bool:
    """Whether the words before an address call it the one who wrote."""
    return bool(_FROM.search(before[-40:]))


def _anywhere(lines: list[str]) -> Iterator[Found]:
    for number, line in enumerate(lines):
        for match in ADDRESS.finditer(line):
            if (address := _clean(match[0])) and not _is_sender(line[: match.start()]):
                yield Found(address, _words(lines, number))


def _words(lines: list[str], number: int) -> str:
    """The words that belong to an address: the rest of its line and the lines up to the next address or a blank line."""
    found = [lines[number].strip()]
    for line in lines[number + 1 : number + 12]:
        match = _LEADING.match(line)
        if not line.strip():
            if len(found) > 1:
                break
            continue
        if ADDRESS.match(line, match.end() if match else 0) and not line.startswith((" ", "\t")):
            break
        found.append(line.strip())
    return " ".join(found)[:1500]


def _unique(found: Iterator[Found], excluded: frozenset[str]) -> list[Found]:
    kept: dict[str, Found] = {}
    for one in found:
        key = one.address.lower()
        if key and key not in excluded and not CONTACT.search(key):
            kept.setdefault(key, one)
        if len(kept) > 200:
            break
    return list(kept.values())
