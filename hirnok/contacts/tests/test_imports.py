"""An import from upload to its end, as the verbs do it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from hirnok.contacts import carrying, imports, parts, running
from hirnok.contacts.counting import Counts
from hirnok.contacts.imports import Origin, Place
from hirnok.contacts.models import Contact, Import, ImportPart, ImportRejection, Subscription
from hirnok.contacts.reading.problems import Problem
from hirnok.register.models import LegalBasis, Source, Suppression
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

ACTOR = "user:7"
CSV = """E-mail cím;Vezetéknév;Keresztnév;Megjegyzés
egy@example.hu;Kovács;Ágnes;törzsvevő
ket@example.hu;Nagy;Őrs;
nem cím;Kiss;Béla;
egy@example.hu;Kovács;Ágnes;
dora@example.hu;Őri;Dorottya;
"""
OTHER = Origin(Source.Kind.OTHER_SYSTEM, LegalBasis.CONSENT)


def clock() -> object:
    return NOON + timedelta(minutes=5)


def uploaded(
    world: World, text: str | bytes = CSV, name: str = "lista.csv", **place: object
) -> Import:
    data = text if isinstance(text, bytes) else text.encode("windows-1250")
    where = Place(**({"brand": world.alma_brand, "list": world.alma_list} | place))  # type: ignore[arg-type]
    return imports.upload(world.alma, where, [data], file_name=name, actor=ACTOR, at=NOON)


def started(world: World, text: str | bytes = CSV, **place: object) -> Import:
    run = uploaded(world, text, **place)
    imports.declare(run, OTHER, actor=ACTOR, at=NOON)
    imports.start(run, actor=ACTOR, at=NOON)
    return run


def carried_out(run: Import) -> Counts:
    carrying.carry_out(run.tenant_id, run.pk, clock=clock)  # type: ignore[arg-type]
    run.refresh_from_db()
    counts = Counts.from_json(run.counts)
    assert counts.adds_up
    return counts


def test_it_loads_a_file_and_the_numbers_add_up(world: World) -> None:
    run = started(world)
    counts = carried_out(run)
    assert run.status == Import.Status.DONE
    assert (counts.rows, counts.new, counts.changed) == (5, 2, 1)
    assert (counts.duplicate, counts.reasons) == (1, {"invalid_address": 1})
    made = Contact.objects.get(email="egy@example.hu")
    assert (made.last_name, made.first_name) == ("Kovács", "Ágnes")
    assert (run.rows_done, run.rows_total, run.finished_at) == (5, 5, clock())
    assert not ImportPart.objects.exists()
    assert sorted(ImportRejection.objects.values_list("row", "reason")) == [
        (4, "invalid_address"),
        (5, "duplicate"),
    ]
    assert set(AuditEntry.objects.of(world.alma).values_list("action", flat=True)) >= {
        "import.upload",
        "import.declare",
        "import.start",
        "import.end",
    }


def test_it_keeps_large_files_in_pieces(world: World) -> None:
    filler = "x" * 900
    text = "email;note\n" + "".join(f"a{n}@example.hu;{filler}\n" for n in range(3000))
    run = uploaded(world, text)
    assert ImportPart.objects.filter(run=run).count() == 3
    with parts.file_of(run) as path:
        assert path.read_bytes() == text.encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"email;name\n", "no_rows"),
        (b"%PDF-1.7\n" + b"x" * 100, "wrong_kind"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "wrong_kind"),
        (b"<html><table><tr><td>a@example.hu</td></tr></table></html>", "html_as_table"),
        (b"PK\x03\x04" + b"broken" * 50, "broken_archive"),
        (b"email\n" + b"a" * (3 << 20), "line_too_long"),
    ],
)
def test_a_refused_upload_leaves_nothing_behind(world: World, data: bytes, code: str) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(Problem) as refused:
        uploaded(world, data)
    assert refused.value.code == code
    assert not Import.objects.exists()
    assert not ImportPart.objects.exists()
    assert AuditEntry.objects.count() == before


def test_a_file_over_the_limit_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_IMPORT_MB", "1")
    with pytest.raises(Problem, match="too large"):
        uploaded(world, b"email\n" + b"a@example.hu\n" * 100_000)
    assert not Import.objects.exists()


def test_a_file_that_breaks_in_its_middle_changes_nothing(world: World) -> None:
    rows = "".join(f"a{n}@example.hu;Név\n" for n in range(30_000)).encode()
    run = started(world, b"email;name\n" + rows + b"b@example.hu;" + b"x" * (2 << 20))
    before = Contact.objects.count()
    carried_out(run)
    assert run.status == Import.Status.FAILED
    assert run.problem["code"]
    assert Contact.objects.count() == before
    assert not ImportPart.objects.exists()


def test_bought_lists_are_refused(world: World) -> None:
    run = uploaded(world)
    with pytest.raises(imports.BoughtList):
        imports.declare(run, Origin(imports.BOUGHT, LegalBasis.CONSENT), actor=ACTOR, at=NOON)
    assert Import.objects.get(pk=run.pk).source_id is None


def test_legitimate_interest_wants_its_balancing_document(world: World) -> None:
    run = uploaded(world)
    bare = Origin(Source.Kind.CUSTOMER, LegalBasis.LEGITIMATE_INTEREST)
    with pytest.raises(imports.NeedsDocument):
        imports.declare(run, bare, actor=ACTOR, at=NOON)
    full = Origin(bare.kind, bare.legal_basis, document_name="merleg.pdf", document=b"%PDF")
    imports.declare(run, full, actor=ACTOR, at=NOON)
    again = imports.declare(run, bare, actor=ACTOR, at=NOON)
    assert bytes(again.document or b"") == b"%PDF"


def test_the_origin_may_be_said_again_without_a_second_source(world: World) -> None:
    run = uploaded(world)
    before = Source.objects.count()
    imports.declare(run, OTHER, actor=ACTOR, at=NOON)
    other = Origin(Source.Kind.PERSON, LegalBasis.CONSENT, "bolti lap")
    imports.declare(run, other, actor=ACTOR, at=NOON)
    assert Source.objects.count() == before + 1
    assert Source.objects.get(pk=run.source_id).description == "bolti lap"


def test_it_does_not_start_without_columns_and_origin(world: World) -> None:
    run = uploaded(world)
    with pytest.raises(imports.NotReady):
        imports.start(run, actor=ACTOR, at=NOON)
    imports.declare(run, OTHER, actor=ACTOR, at=NOON)
    with pytest.raises(Problem, match="No column holds e-mail addresses"):
        imports.map_columns(run, ["ignore", "last_name", "first_name", "ignore"])
    imports.start(run, actor=ACTOR, at=NOON)
    with pytest.raises(imports.NotAtThisStep):
        imports.map_columns(run, ["email", "ignore", "ignore", "ignore"])


def test_it_reads_by_the_mapping_that_was_chosen(world: World) -> None:
    run = uploaded(world)
    imports.map_columns(run, ["email", "first_name", "last_name", "ignore"])
    imports.declare(run, OTHER, actor=ACTOR, at=NOON)
    imports.start(run, actor=ACTOR, at=NOON)
    carried_out(run)
    assert Contact.objects.get(email="egy@example.hu").first_name == "Kovács"


def test_it_reads_the_file_anew_with_another_encoding(world: World) -> None:
    run = uploaded(world, CSV.encode("utf-8"))
    opened = imports.reopen(run, {"encoding": "ISO-8859-2"})
    assert opened.table.encoding == "ISO-8859-2"
    with pytest.raises(Problem):
        imports.reopen(run, {"encoding": "no-such-thing"})
    assert Import.objects.get(pk=run.pk).settings["encoding"] == "ISO-8859-2"


def test_a_suppression_list_comes_in_by_itself(world: World) -> None:
    run = uploaded(
        world,
        "email\nvolt@example.hu\ndora@example.hu\nrossz\n",
        list=None,
        kind=Import.Kind.SUPPRESSIONS,
    )
    imports.start(run, actor=ACTOR, at=NOON)
    counts = carried_out(run)
    assert (counts.suppressions, counts.removed, counts.rejected) == (2, 1, 1)
    assert set(Suppression.objects.values_list("scope", "scope_id")) == {
        ("brand", world.alma_brand.pk)
    }
    assert not Contact.objects.filter(pk=world.dora.pk).exists()


def test_it_is_cancelled_before_it_starts(world: World) -> None:
    run = uploaded(world)
    imports.cancel(run, actor=ACTOR, at=NOON)
    run.refresh_from_db()
    assert run.status == Import.Status.CANCELLED
    assert not ImportPart.objects.exists()


def many(count: int) -> bytes:
    return b"email\n" + b"".join(f"a{n}@example.hu\n".encode() for n in range(count))


def begun(world: World, count: int) -> Import:
    run = started(world, many(count))
    assert imports.begin(run, at=NOON)
    return run


def test_it_is_cancelled_between_chunks(world: World) -> None:
    run = begun(world, 25)
    with parts.file_of(run) as path:
        opened = running.open_file(run, path)
        sorter = running.Sorter(run.tenant_id)
        destination = running.destination_of(run, at=NOON)
        chunks: Iterator[tuple[int, running.Chunk]] = running._chunks(opened, sorter, 10)
        done, chunk = next(chunks)
        running._load(run, destination, chunk, done)
        imports.cancel(run, actor=ACTOR, at=NOON)
        done, chunk = next(chunks)
        with pytest.raises(running.Cancelled):
            running._load(run, destination, chunk, done)
    carried_out(run)
    assert run.status == Import.Status.CANCELLED
    assert run.rows_done == 10
    assert Subscription.objects.filter(list=world.alma_list).count() == 2 + 10


def test_it_goes_on_where_it_stopped(world: World) -> None:
    run = begun(world, 25)
    with parts.file_of(run) as path:
        opened = running.open_file(run, path)
        sorter = running.Sorter(run.tenant_id)
        for done, chunk in running._chunks(opened, sorter, 10):
            if done > 20:
                break  # here the process is killed
            running._load(run, running.destination_of(run, at=NOON), chunk, done)
    run.refresh_from_db()
    assert run.rows_done == 20
    with parts.file_of(run) as path:
        counts = running.run(run, path, at=NOON, chunk_size=10)
    assert (counts.rows, counts.new, counts.adds_up) == (25, 25, True)


def test_a_second_worker_leaves_it_to_the_first(world: World) -> None:
    run = begun(world, 25)
    stale = Import.objects.get(pk=run.pk)
    with parts.file_of(run) as path:
        running.run(run, path, at=NOON, chunk_size=10)
        with pytest.raises(running.TakenOver):
            running.run(stale, path, at=NOON, chunk_size=10)
    assert Contact.objects.filter(email__startswith="a").count() == 25


def test_an_ended_import_is_not_run_again(world: World) -> None:
    run = started(world)
    first = carried_out(run)
    assert carried_out(run) == first


def test_the_forecast_tells_what_the_import_does_and_writes_nothing(world: World) -> None:
    run = uploaded(world)
    with parts.file_of(run) as path:
        told = running.forecast(run, path, at=NOON)
    assert Contact.objects.of(world.alma).count() == 2
    imports.declare(run, OTHER, actor=ACTOR, at=NOON)
    imports.start(run, actor=ACTOR, at=NOON)
    assert carried_out(run) == told


def test_two_tenants_import_the_same_file(world: World) -> None:
    carried_out(started(world))
    theirs = Place(world.barack_brand, world.barack_list)
    run = imports.upload(
        world.barack, theirs, [CSV.encode()], file_name="l.csv", actor="user:9", at=NOON
    )
    imports.declare(run, OTHER, actor="user:9", at=NOON)
    imports.start(run, actor="user:9", at=NOON)
    assert carried_out(run).new == 2
    assert Contact.objects.of(world.alma).filter(email="egy@example.hu").count() == 1
    assert Contact.objects.of(world.barack).filter(email="egy@example.hu").count() == 1


def test_the_name_of_the_file_goes_when_its_time_is_over(world: World) -> None:
    run = started(world)
    assert imports.forget_names(run.expires_at) == 0  # it waits
    carried_out(run)
    assert imports.forget_names(run.expires_at - timedelta(seconds=1)) == 0
    assert (imports.forget_names(run.expires_at), imports.forget_names(run.expires_at)) == (1, 0)
    run.refresh_from_db()
    assert run.file_name == ""
    client = world.client(world.mark)
    assert "(name deleted)" in client.get("/alma/imports/").content.decode()
    page = client.get(f"/alma/imports/{run.pk}/result/")
    assert (page.status_code, "(name deleted)" in page.content.decode()) == (200, True)
