"""`hirnok import`: weighing and loading without pages."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from hirnok.contacts.models import Contact, ContactTag, Field, Import, ImportPart, List
from hirnok.register.models import Source, Suppression
from tests.world import World

CSV = """E-mail cím;Név;Kedvenc;Mi
egy@example.hu;Kovács Ágnes;alma;x
dora@example.hu;Őri Dorottya;;
dora@example.hu;;;
rossz;;;
"""
ORIGIN = ["--origin", "other_system", "--basis", "consent"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lista.csv"
    path.write_bytes(CSV.encode("windows-1250"))
    return path


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import", *map(str, arguments), stdout=out)
    return out.getvalue()


def told(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json"))
    return found


def test_a_dry_run_tells_everything_and_writes_nothing(world: World, file: Path) -> None:
    said = told(file, "--tenant", "alma", "--list", "Olvasók", "--dry-run")
    assert (said["encoding"], said["delimiter"], said["sheet"]) == ("windows-1250", ";", None)
    assert [one["target"] for one in said["mapping"]] == ["email", "full_name", "ignore", "ignore"]
    counts = said["counts"]
    assert (counts["rows"], counts["new"], counts["changed"], counts["unchanged"]) == (4, 1, 1, 0)
    assert (counts["duplicate"], counts["suppressed"]) == (1, 0)
    assert counts["rejected"] == {"invalid_address": 1}
    assert Contact.objects.of(world.alma).count() == 2
    assert not Import.objects.exists()


def test_it_loads_and_tells_the_same(world: World, file: Path) -> None:
    where = [file, "--tenant", "alma", "--list", "Olvasók"]
    weighed = told(*where, "--dry-run")["counts"]
    said = told(*where, *ORIGIN, "--about", "Mailchimp", "--tag", "régi")
    assert said["counts"] == weighed
    assert said["status"] == "done"
    made = Contact.objects.select_related("holding__source").get(email="egy@example.hu")
    assert (made.last_name, made.first_name) == ("Kovács", "Ágnes")
    assert made.holding.source.description == "Mailchimp"
    assert ContactTag.objects.filter(contact_id=made.pk, tag__name="régi").exists()
    assert not ImportPart.objects.exists()
    again = told(*where, *ORIGIN)["counts"]
    assert (again["new"], again["unchanged"]) == (0, 2)


def test_columns_can_be_mapped_by_name_and_number(world: World, file: Path) -> None:
    Field.objects.create(tenant=world.alma, key="fruit", label="Gyümölcs")
    run(
        file, "--tenant", "alma", "--list", "Olvasók", *ORIGIN,
        "--map", "kedvenc=field:fruit", "--map", "4=tags",
    )  # fmt: skip
    made = Contact.objects.get(email="egy@example.hu")
    assert made.fields == {"fruit": "alma"}
    assert ContactTag.objects.filter(contact_id=made.pk, tag__name="x").exists()


def test_it_makes_a_new_list_where_asked(world: World, file: Path) -> None:
    run(file, "--tenant", "alma", "--list", "Új", "--new-list", *ORIGIN)
    assert List.objects.get(name="Új").brand_id == world.alma_brand.pk


def test_it_takes_a_suppression_list(world: World, file: Path) -> None:
    said = told(file, "--tenant", "alma", "--suppressions")
    assert said["counts"]["suppressions"] == 2
    assert set(Suppression.objects.values_list("scope", flat=True)) == {"tenant"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tenant", "nincs", "--list", "Olvasók"], "no tenant nincs"),
        (["--tenant", "alma", "--list", "Nincs", *ORIGIN], "There are: Olvasók"),
        (["--tenant", "alma", "--list", "Olvasók"], "--origin and --basis"),
        (["--tenant", "alma", *ORIGIN], "--list"),
        (
            ["--tenant", "alma", "--list", "Olvasók", "--origin", "bought", "--basis", "consent"],
            "bought",
        ),
        (
            ["--tenant", "alma", "--list", "Olvasók", "--origin", "customer",
             "--basis", "legitimate_interest"],
            "balancing document",
        ),
        (["--tenant", "alma", "--list", "Olvasók", *ORIGIN, "--map", "x=email"], "no column x"),
        (["--tenant", "alma", "--list", "Olvasók", *ORIGIN, "--map", "4=email"], "More than one"),
        (["--tenant", "alma", "--list", "Olvasók", *ORIGIN, "--map", "4=kutya"], "kutya"),
        (["--tenant", "alma", "--list", "Olvasók", "--dry-run", "--sheet", "x", "--encoding", "utf-8"],
         "Choose another encoding"),
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_and_changes_nothing(
    world: World, file: Path, arguments: list[str], message: str
) -> None:
    sources = Source.objects.count()
    with pytest.raises(CommandError, match=message):
        run(file, *arguments)
    assert not Import.objects.exists()
    assert Source.objects.count() == sources


def test_words_without_json(world: World, file: Path) -> None:
    said = run(file, "--tenant", "alma", "--list", "Olvasók", "--dry-run")
    assert "E-mail cím -> email" in said
    assert "1 the e-mail address is not valid" in said
