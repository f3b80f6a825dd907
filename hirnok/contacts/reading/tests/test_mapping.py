from pathlib import Path

import pytest

from hirnok.contacts.reading import mapping as mappings
from hirnok.contacts.reading import vocabulary
from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Table
from hirnok.contacts.reading.tests import writing
from hirnok.contacts.reading.values import Field

CITY = Field("city", "Város")
BIRTH = Field("born_on", "Születésnap", "date")


def table(folder: Path, header: str, *rows: str, name: str = "list.csv") -> Table:
    return open_table(writing.text(folder, "\n".join((header, *rows)) + "\n", name=name))


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("email", "E-mail|email|E-MAIL CÍM|e-mail-cím:|Email Address|emailaddress|Adresă de e-mail|ADRESA EMAIL|Drótposta"),
        ("first_name", "Keresztnév|KERESZTNEV|Utónév|First Name|first_name|FNAME|Prenume|prenumele|Keresztnév*"),
        ("last_name", "Vezetéknév|Családnév|vezeteknev|Last name|LNAME|Surname|Nume de familie|NUMELE DE FAMILIE"),
        ("full_name", "Név|Teljes név|Name|Full Name|Nume complet|Nume și prenume|Nume si prenume|Nume şi prenume"),
        ("language", "Nyelv|Language|Preferred language|Limba|Limbă|LANG"),
        ("tags", "Címkék|Tags|Etichete|Csoport|Groups"),
        ("status", "Állapot|Státusz|Status|Subscription status|Stare"),
        ("left", "Leiratkozott|Leiratkozás dátuma|Unsubscribed|Opted Out|Dezabonat|Data dezabonării|Tiltólista|Blacklisted"),
        ("dead", "Bounced|Cleaned|Visszapattant|Kézbesíthetetlen|Hard bounce"),
        ("consent_at", "Feliratkozás dátuma|Hozzájárulás időpontja|OPTIN_TIME|Consent date|Data abonării|Subscribed at"),
        ("consent_source", "Forrás|Source|Signup source|Sursa"),
        ("consent_ip", "IP cím|OPTIN_IP|IP Address|Adresă IP"),
    ],
)  # fmt: skip
def test_it_knows_headers_in_three_languages(target: str, headers: str) -> None:
    for header in headers.split("|"):
        assert vocabulary.target_of(header) == target, header


@pytest.mark.parametrize(
    ("system", "header", "row", "targets"),
    [
        (
            "Mailchimp",
            "Email Address,First Name,Last Name,Phone Number,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,CC,LEID,EUID,NOTES,TAGS",
            'a@b.hu,Anna,Kiss,,2,2024-01-02 03:04:05,,2024-01-02 03:05:00,10.0.0.1,HU,1,x,,"""VIP"",""új"""',
            "email first_name last_name ignore ignore consent_at consent_ip ignore ignore ignore ignore ignore ignore tags",
        ),
        (
            "Mailchimp",
            "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON,LEID,EUID",
            "a@b.hu,Anna,2,,2024-05-06 07:08:09,May,Normal,1,x",
            "email first_name ignore consent_at left ignore ignore ignore ignore",
        ),
        (
            "Mailchimp",
            "Email Address,First Name,MEMBER_RATING,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,LEID,EUID",
            "a@b.hu,Anna,2,2024-05-06 07:08:09,May,1,x",
            "email first_name ignore dead ignore ignore ignore",
        ),
        (
            "Brevo",
            "CONTACT ID,EMAIL,VEZETEKNEV,KERESZTNEV,SMS,EMAIL_BLACKLISTED,SMS_BLACKLISTED,ADDED_TIME,MODIFIED_TIME",
            "7,a@b.hu,Kiss,Anna,,No,No,2024-01-02,2024-01-02",
            "ignore email last_name first_name ignore left ignore ignore ignore",
        ),
        (
            "HubSpot",
            "Record ID - Contact,First Name,Last Name,Email,Lifecycle Stage,Unsubscribed from all email,Email hard bounce reason,Preferred language,Create Date",
            "7,Anna,Kiss,a@b.hu,Lead,No,,hu,2024-01-02",
            "ignore first_name last_name email ignore left dead language ignore",
        ),
        (
            "listmonk",
            "uuid,email,name,attributes,status,created_at,updated_at",
            'x,a@b.hu,Anna Kiss,"{""city"": ""Győr""}",enabled,2024-01-02,2024-01-02',
            "ignore email full_name attributes status ignore ignore",
        ),
    ],
)
def test_it_knows_the_layouts_of_other_systems(
    tmp_path: Path, system: str, header: str, row: str, targets: str
) -> None:
    guess = mappings.guess(table(tmp_path, header, row))
    assert (guess.system, " ".join(guess.targets)) == (system, targets)
    mappings.check(guess, table(tmp_path, header, row))


def test_it_believes_the_name_of_a_file_only_with_a_layout(tmp_path: Path) -> None:
    header = "Email Address,MEMBER_RATING,LEID,EUID"
    left = table(tmp_path, header, "a@b.hu,2,1,x", name="unsubscribed_segment_export_1.csv")
    assert mappings.guess(left).status == "unsubscribed"
    cleaned = table(tmp_path, header, "a@b.hu,2,1,x", name="cleaned_segment_export_1.csv")
    assert mappings.guess(cleaned).status == "dead"
    ordinary = table(tmp_path, header, "a@b.hu,2,1,x", name="subscribed_segment_export_1.csv")
    assert mappings.guess(ordinary).status is None
    own = table(tmp_path, "email,name", "a@b.hu,x", name="cleaned list.csv")
    assert mappings.guess(own).status is None


def test_it_finds_addresses_by_content(tmp_path: Path) -> None:
    guess = mappings.guess(table(tmp_path, "Kiss Anna;a@b.hu;Győr", "Nagy Béla;c@d.hu;Pécs"))
    assert guess.targets == ("ignore", "email", "ignore")
    assert guess.columns[1].reason == "content"
    odd = mappings.guess(table(tmp_path, "ügyfél;hova írjunk", "Nagy Béla;c@d.hu"))
    assert odd.index_of("email") == 1


def test_it_prefers_content_to_a_misleading_header(tmp_path: Path) -> None:
    guess = mappings.guess(table(tmp_path, "Mail;Kontakt", "Fő utca 1;c@d.hu", "Kis köz 2;e@f.hu"))
    assert guess.targets == ("ignore", "email")


def test_it_takes_each_target_once(tmp_path: Path) -> None:
    guess = mappings.guess(table(tmp_path, "E-mail;E-mail cím;Név", "a@b.hu;c@d.hu;x"))
    assert guess.targets == ("email", "ignore", "full_name")
    assert (guess.columns[1].reason, guess.columns[1].details) == ("taken", {"target": "email"})


def test_it_knows_the_fields_of_the_tenant(tmp_path: Path) -> None:
    guess = mappings.guess(
        table(tmp_path, "E-mail;VAROS;born on;Status", "a@b.hu;Győr;1990-01-01;VIP"),
        fields=(CITY, BIRTH),
    )
    assert guess.targets == ("email", "field:city", "field:born_on", "ignore")
    assert guess.columns[1].details == {"field": "Város"}


def test_it_obeys_a_chosen_mapping(tmp_path: Path) -> None:
    read = table(tmp_path, "E-mail;Másik;Név", "a@b.hu;c@d.hu;x")
    guess = mappings.guess(read, chosen={0: "ignore", 1: "email", 2: "tags"})
    assert guess.targets == ("ignore", "email", "tags")
    assert {column.reason for column in guess.columns} == {"chosen"}
    moved = mappings.guess(read, chosen={1: "email"})
    assert moved.targets == ("ignore", "email", "full_name")


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ({0: "ignore", 1: "ignore"}, "no_address_column"),
        ({0: "email", 1: "email"}, "two_address_columns"),
        ({0: "email", 1: "field:none"}, "bad_mapping"),
        ({0: "email", 1: "password"}, "bad_mapping"),
    ],
)
def test_it_refuses_a_mapping_that_cannot_be_read(
    tmp_path: Path, chosen: dict[int, str], code: str
) -> None:
    read = table(tmp_path, "E-mail;Név", "a@b.hu;x")
    with pytest.raises(Problem) as refused:
        mappings.check(mappings.guess(read, chosen=chosen), read)
    assert refused.value.code == code


def test_its_reasons_have_all_their_details(tmp_path: Path) -> None:
    for code, text in mappings.REASONS.items():
        names = {part.partition(")s")[0] for part in text.split("%(")[1:]}
        assert text % dict.fromkeys(names, "x"), code
