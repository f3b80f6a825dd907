"""The words by which column headers are known: Hungarian, Romanian, English, and other systems'.

Compared without accents, case, spaces and punctuation. A target is one of TARGETS or `field:KEY`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TARGETS = (
    "email",
    "first_name",
    "last_name",
    "full_name",
    "language",
    "tags",
    "status",  # the word of the other system: subscribed, cleaned, blocklisted …
    "left",  # yes or a date: the person unsubscribed, complained or is on a block list there
    "dead",  # yes, a date or a reason: the address does not work
    "consent_at",
    "consent_source",
    "consent_ip",
    "attributes",  # a JSON object with more fields (listmonk)
    "ignore",
)

_WORDS: dict[str, str] = {
    "email": """
        email, e-mail, mail, email address, e-mail address, mail address, emailaddress, email id, your email,
        primary email, work email, subscriber email, contact email, email 1 value, e-mail 1 - value,
        email cím, e-mail cím, e-mailcím, emailcíme, email címe, e-mail címe, elektronikus levélcím, levelezési e-mail, drótposta,
        villanyposta, címzett email, elérhetőség email, email elérhetőség, kapcsolattartó email,
        adresă email, adresa de email, adresa de e-mail, adresă de e-mail, adresa email, adresa e-mail,
        poștă electronică, posta electronica, e-mail client, courriel, e-mail-adresse""",
    "first_name": """
        first name, firstname, fname, given name, forename, first, christian name, vorname,
        keresztnév, utónév, keresztneve, utóneve, megszólítás név, keresztnev,
        prenume, prenumele, nume de botez""",
    "last_name": """
        last name, lastname, lname, surname, family name, last, second name, nachname, sname,
        vezetéknév, családnév, családi név, vezetékneve, családneve, vnév, vnev,
        nume de familie, numele de familie, nume familie""",
    "full_name": """
        name, full name, fullname, contact name, display name, your name, customer name, subscriber name,
        név, teljes név, neve, vevő neve, ügyfél neve, kapcsolattartó, kapcsolattartó neve, partner neve, megnevezés,
        feliratkozó neve, név teljes, ügyfélnév, vevőnév,
        nume complet, numele complet, nume și prenume, numele și prenumele, nume prenume, nume client, persoana de contact""",
    "language": """
        language, lang, locale, preferred language, communication language, idioma, language code,
        nyelv, nyelve, anyanyelv, kommunikáció nyelve, levelezés nyelve, limba, limba preferată, limbă""",
    "tags": """
        tags, tag, labels, groups, segments, categories,
        címkék, címke, csoportok, csoport, kategória, kategóriák,
        etichete, etichetă, eticheta, grupuri, grup, categorii, categorie""",
    "status": """
        status, subscription status, subscriber status, email status, state, member status, email marketing status,
        contact status, subscription state, marketing status,
        állapot, státusz, feliratkozás állapota, státus, feliratkozási állapot,
        stare, statut, stare abonare, status abonare, starea abonamentului""",
    "left": """
        unsub time, unsubscribed, unsubscribed at, unsubscribe date, unsubscribed on, unsubscribe time, opted out, opt out, optout,
        opt out date, optout time, unsubscribed from all email, opted out of all email, opted out of email,
        email blacklisted, email blacklist, blacklisted, blacklist, blocklisted, blocklist, email blocklisted, email blocklist,
        emailblacklisted, do not email, do not contact, donotemail, complained, complaint, spam complaint, marked as spam,
        leiratkozott, leiratkozás, leiratkozás dátuma, leiratkozás ideje, leiratkozva, tiltólista, letiltva, tiltott, feketelista,
        dezabonat, dezabonare, data dezabonării, dezabonat la, dezabonată, blocat, lista neagră""",
    "dead": """
        clean time, cleaned, cleaned at, bounced, hard bounce, hard bounced, bounce, email hard bounce reason, hard bounce reason,
        invalid email, email address quarantined, email quarantined, email hard bounce reason enumeration, undeliverable,
        visszapattant, kézbesíthetetlen, hibás cím, visszapattanó, respins, nelivrabil, returnat""",
    "consent_at": """
        optin time, opt in time, opt in date, optin date, confirm time, confirmed at, subscribed at, subscribed on, subscription date,
        signup date, sign up date, date subscribed, subscribe date, consent date, consent time, consent at,
        registered at, registration date, double optin date, opt in timestamp, became a subscriber date, consent given at,
        feliratkozás dátuma, feliratkozás ideje, feliratkozás időpontja, feliratkozott, hozzájárulás dátuma, hozzájárulás ideje,
        hozzájárulás időpontja, regisztráció dátuma, regisztráció ideje, regisztrált,
        data abonării, data înscrierii, data consimțământului, data acordului, data înregistrării, data abonare""",
    "consent_source": """
        consent source, source, signup source, sign up source, original source, opt in source, subscription source,
        record source, lead source, signup form, form, legal basis for processing contact s data,
        forrás, feliratkozás forrása, hozzájárulás forrása, regisztráció helye, feliratkozás helye, űrlap, honnan,
        sursă, sursa, sursa abonării, sursa consimțământului, formular""",
    "consent_ip": """
        optin ip, opt in ip, confirm ip, signup ip, sign up ip, ip, ip address, consent ip, subscription ip,
        ip cím, ip-cím, feliratkozás ip címe, feliratkozás ip, hozzájárulás ip, adresă ip, adresa ip, ip abonare""",
    "attributes": "attributes, attribs",
}


def fold(text: str) -> str:
    """Letters and digits only, small, without accents: `E-mail cím` is `emailcim`."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def _table() -> dict[str, str]:
    return {
        fold(word): target
        for target, words in _WORDS.items()
        for word in words.split(",")
        if fold(word)
    }


_KNOWN = _table()
_ENDINGS = re.compile(r"(kotelezo|obligatoriu|required|mandatory)$")


@lru_cache(maxsize=4096)
def target_of(header: str) -> str | None:
    """The target a header names, without regard to the system the file came from."""
    folded = fold(header)
    return _KNOWN.get(folded) or _KNOWN.get(_ENDINGS.sub("", folded))


def language_of(header: str) -> str | None:
    """`hu` for a name header in Hungarian order, `ro` for the Romanian family-name-first ones."""
    folded = fold(header)
    if folded.endswith(("nev", "neve", "nevteljes", "kapcsolattarto", "megnevezes")):
        return "hu"
    return "ro" if folded.startswith("num") else None
