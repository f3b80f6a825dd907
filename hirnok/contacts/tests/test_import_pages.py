"""The import's pages, from the file to the result."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from hirnok.contacts import carrying
from hirnok.contacts.models import Contact, ContactTag, Field, Import, ImportPart
from hirnok.register.models import Source, Suppression
from tests.world import NOON, World

CSV = """E-mail cím;Vezetéknév;Keresztnév;Születésnap;Város
egy@example.hu;Kovács;Ágnes;1980.05.06.;Győr
ket@example.hu;Nagy;Őrs;1981.06.07.;=1+1
nem cím;Kiss;Béla;;Pécs
egy@example.hu;Kovács;Ágnes;;
dora@example.hu;Őri;Dorottya;tegnap;Vác
"""


@pytest.fixture
def mark(world: World) -> Client:
    return world.client(world.mark)


def file(text: str | bytes = CSV, name: str = "lista.csv") -> SimpleUploadedFile:
    data = text if isinstance(text, bytes) else text.encode("windows-1250")
    return SimpleUploadedFile(name, data)


def upload(world: World, mark: Client, text: str | bytes = CSV) -> Import:
    given = {"file": file(text), "list": world.alma_list.pk, "tags": "import, 2026"}
    answer = mark.post("/alma/imports/new/", given)
    assert answer.status_code == 302, answer.content.decode()
    run = Import.objects.get()
    assert answer["Location"] == f"/alma/imports/{run.pk}/columns/"
    return run


def work(run: Import) -> Import:
    carrying.carry_out(run.tenant_id, run.pk, clock=lambda: NOON + timedelta(minutes=1))
    run.refresh_from_db()
    return run


def jobs() -> list[dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where queue_name = 'imports'")
        return [json.loads(arguments) for (arguments,) in cursor.fetchall()]


def test_it_goes_from_the_file_to_the_result(world: World, mark: Client) -> None:
    assert "Choose a list" not in mark.get("/alma/imports/new/").content.decode()
    run = upload(world, mark)
    at = f"/alma/imports/{run.pk}"
    shown = mark.get(f"{at}/columns/").content.decode()
    assert "Születésnap" in shown
    assert "by its header" in shown
    assert "windows-1250" in shown
    columns = ["email", "last_name", "first_name", "new", "new"]
    given = {f"column_{n}": target for n, target in enumerate(columns)} | {"mapping": "1"}
    assert mark.post(f"{at}/columns/", given)["Location"] == f"{at}/origin/"
    found = {(field.key, field.type) for field in Field.objects.all()}
    assert found == {("szuletesnap", "text"), ("varos", "text")}
    origin = {"kind": "other_system", "legal_basis": "consent", "description": "Mailchimp"}
    assert mark.post(f"{at}/origin/", origin)["Location"] == f"{at}/check/"
    shown = mark.get(f"{at}/check/").content.decode()
    assert "Moved from another newsletter program" in shown
    assert "Születésnap" in shown
    assert mark.post(f"{at}/check/")["Location"] == f"{at}/progress/"
    assert jobs() == [{"tenant_id": world.alma.pk, "import_id": run.pk}]
    assert "Waiting for its turn" in mark.get(f"{at}/progress/").content.decode()
    assert mark.get(f"{at}/poll/").status_code == 200
    work(run)
    answer = mark.get(f"{at}/poll/")
    assert (answer.status_code, answer["HX-Redirect"]) == (286, f"{at}/result/")
    assert mark.get(f"{at}/progress/")["Location"] == f"{at}/result/"
    shown = mark.get(f"{at}/result/").content.decode()
    assert "the e-mail address is not valid" in shown
    agnes = Contact.objects.get(email="egy@example.hu")
    assert agnes.fields["varos"] == "Győr"
    assert ContactTag.objects.filter(contact_id=agnes.pk).count() == 2
    assert not ImportPart.objects.exists()
    assert "lista.csv" in mark.get("/alma/imports/").content.decode()


def test_the_rejected_rows_are_a_file_in_the_users_language(world: World, mark: Client) -> None:
    text = CSV + "=cmd@nowhere;a;b;;\n"
    run = upload(world, mark, text)
    Import.objects.filter(pk=run.pk).update(status="waiting")
    work(run)
    answer = mark.get(f"/alma/imports/{run.pk}/rejected.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == [
        "Row",
        "Reason",
        "E-mail cím",
        "Vezetéknév",
        "Keresztnév",
        "Születésnap",
        "Város",
    ]
    assert rows[1][:3] == [
        "4",
        "the e-mail address is not valid: There is no @ sign.",
        "nem cím",
    ]
    assert rows[2][:2] == ["5", "the address already stands in an earlier row"]
    assert rows[3][2] == "'=cmd@nowhere"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 x", "This is not a table but: PDF."),
        (b"\x89PNG\r\n\x1a\n", "This is not a table but: a picture."),
        (bytes(range(256)) * 20, ""),
        (b"email\n" + b"x" * (2 << 20), "Is this a table?"),
        (b"<html><body><table></table></body></html>", "web page (HTML)"),
    ],
)
def test_a_bad_file_gets_a_clear_message_and_leaves_nothing(
    world: World, mark: Client, data: bytes, message: str
) -> None:
    answer = mark.post("/alma/imports/new/", {"file": file(data), "list": world.alma_list.pk})
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "invalid-feedback" in shown
    assert message in shown
    assert not Import.objects.exists()
    assert not ImportPart.objects.exists()


def test_a_zip_bomb_is_refused(world: World, mark: Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lista.csv", b"email\n" + bytes(30 << 20))
    answer = mark.post(
        "/alma/imports/new/", {"file": file(packed.getvalue(), "l.zip"), "list": world.alma_list.pk}
    )
    assert "invalid-feedback" in answer.content.decode()
    assert not Import.objects.exists()


def test_bought_lists_and_undocumented_interests_are_refused(world: World, mark: Client) -> None:
    run = upload(world, mark)
    path = f"/alma/imports/{run.pk}/origin/"
    sources = Source.objects.count()
    answer = mark.post(path, {"kind": "bought", "legal_basis": "consent"})
    assert "Bought and rented lists cannot be imported" in answer.content.decode()
    given = {"kind": "customer", "legal_basis": "legitimate_interest"}
    assert "attach the document" in mark.post(path, given).content.decode()
    assert Source.objects.count() == sources
    given["document"] = file(b"%PDF-1.7", "merleg.pdf")  # type: ignore[assignment]
    assert mark.post(path, given).status_code == 302
    source = Source.objects.get(kind="customer")
    assert (source.document_name, bytes(source.document or b"")) == ("merleg.pdf", b"%PDF-1.7")
    assert source.declared_by == f"user:{world.mark.pk}"
    assert "merleg.pdf" in mark.get(path).content.decode()


def test_going_back_loses_nothing(world: World, mark: Client) -> None:
    run = upload(world, mark)
    at = f"/alma/imports/{run.pk}"
    columns = ["email", "first_name", "last_name", "ignore", "ignore"]
    given = {f"column_{n}": target for n, target in enumerate(columns)} | {"mapping": "1"}
    mark.post(f"{at}/columns/", given)
    mark.post(f"{at}/origin/", {"kind": "person", "legal_basis": "consent", "description": "bolt"})
    assert "import, 2026" in mark.get(f"{at}/file/").content.decode()
    assert mark.post(f"{at}/file/", {"list": world.alma_list.pk, "tags": "más"}).status_code == 302
    run.refresh_from_db()
    assert run.mapping == columns
    assert run.settings["tags"] == ["más"]
    form = mark.get(f"{at}/origin/").context["form"]
    assert form.initial == {"kind": "person", "legal_basis": "consent", "description": "bolt"}


def test_another_file_takes_the_place_of_the_first(world: World, mark: Client) -> None:
    run = upload(world, mark)
    path = f"/alma/imports/{run.pk}/file/"
    given = {"list": world.alma_list.pk, "tags": ""}
    bad = mark.post(path, given | {"file": file(b"%PDF-1.7 x", "x.pdf")})
    assert "This is not a table" in bad.content.decode()
    run.refresh_from_db()
    assert run.file_name == "lista.csv"
    assert ImportPart.objects.count() == 1
    mark.post(path, given | {"file": file("email\nuj@example.hu\n", "uj.csv")})
    run.refresh_from_db()
    assert (run.file_name, run.mapping) == ("uj.csv", ["email"])


def test_the_file_can_be_read_differently(world: World, mark: Client) -> None:
    run = upload(world, mark)
    path = f"/alma/imports/{run.pk}/columns/"
    answer = mark.post(path, {"reading": "1", "encoding": "windows-1252", "delimiter": ";"})
    assert answer.status_code == 302
    assert "windows-1252" in mark.get(path).content.decode()
    wrong = mark.post(path, {"reading": "1", "encoding": "utf-8", "delimiter": ";"})
    assert "Choose another encoding" in wrong.content.decode()
    run.refresh_from_db()
    assert run.settings["encoding"] == "windows-1252"


def test_columns_need_an_address(world: World, mark: Client) -> None:
    run = upload(world, mark)
    columns = ["ignore", "first_name", "last_name", "ignore", "ignore"]
    given = {f"column_{n}": target for n, target in enumerate(columns)} | {"mapping": "1"}
    answer = mark.post(f"/alma/imports/{run.pk}/columns/", given)
    assert "No column holds e-mail addresses." in answer.content.decode()


def test_it_does_not_start_without_an_origin(world: World, mark: Client) -> None:
    run = upload(world, mark)
    answer = mark.post(f"/alma/imports/{run.pk}/check/")
    assert answer["Location"] == f"/alma/imports/{run.pk}/origin/"
    assert jobs() == []


def test_it_is_discarded(world: World, mark: Client) -> None:
    run = upload(world, mark)
    answer = mark.post(f"/alma/imports/{run.pk}/cancel/")
    assert answer["Location"] == f"/alma/imports/{run.pk}/result/"
    assert "discarded before it began" in mark.get(answer["Location"]).content.decode()
    assert not ImportPart.objects.exists()


def test_a_running_import_is_asked_to_stop(world: World, mark: Client) -> None:
    run = upload(world, mark)
    Import.objects.filter(pk=run.pk).update(status="running", started_at=NOON, rows_total=5)
    answer = mark.post(f"/alma/imports/{run.pk}/cancel/")
    assert "Stopping after the rows in hand" in mark.get(answer["Location"]).content.decode()
    work(run)
    assert run.status == Import.Status.CANCELLED


def test_a_suppression_list_skips_the_origin(world: World, mark: Client) -> None:
    path = "/alma/imports/new/?kind=suppressions"
    assert "What a suppression list does" in mark.get(path).content.decode()
    mark.post(path, {"file": file("email\ndora@example.hu\nvolt@example.hu\n"), "brand": ""})
    run = Import.objects.get()
    at = f"/alma/imports/{run.pk}"
    answer = mark.post(f"{at}/columns/", {"mapping": "1", "column_0": "email"})
    assert answer["Location"] == f"{at}/check/"
    assert "all brands" in mark.get(f"{at}/check/").content.decode()
    mark.post(f"{at}/check/")
    work(run)
    assert set(Suppression.objects.values_list("scope", flat=True)) == {"tenant"}
    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    assert "1 contact you had was deleted" in mark.get(f"{at}/result/").content.decode()


def test_viewers_and_strangers_do_not_import(world: World, mark: Client) -> None:
    run = upload(world, mark)
    vera, bela = world.client(world.vera), world.client(world.bela)
    assert vera.get("/alma/imports/").status_code == 200
    for name in ("columns", "origin", "check", "file", "progress"):
        assert vera.get(f"/alma/imports/{run.pk}/{name}/").status_code == 403
        assert bela.get(f"/barack/imports/{run.pk}/{name}/").status_code == 404
    assert vera.post("/alma/imports/new/", {}).status_code == 403
    assert bela.post(f"/barack/imports/{run.pk}/cancel/").status_code == 404


def test_the_worker_runs_as_the_role_edge(world: World, mark: Client) -> None:
    from hirnok.lib import sql

    run = upload(world, mark)
    at = f"/alma/imports/{run.pk}"
    mark.post(f"{at}/origin/", {"kind": "person", "legal_basis": "consent"})
    mark.post(f"{at}/check/")
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        (database,) = cursor.fetchone() or ("",)
        cursor.execute(f'set role "{sql.role_name(database, "edge")}"')
        work(run)
        cursor.execute("reset role")
    assert run.status == Import.Status.DONE
    assert run.counts["new"] == 2
