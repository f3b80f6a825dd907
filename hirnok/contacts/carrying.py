"""Carries out an import that was started: from the worker's first look to its end, whatever that is."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from django.db import OperationalError

from hirnok.contacts import imports, parts, running
from hirnok.contacts.models import Import
from hirnok.contacts.reading.problems import Problem
from hirnok.register.holdings import NotInRegister

INTERNAL = "internal"
NOT_IN_REGISTER = "not_in_register"


def carry_out(
    tenant_id: int,
    import_id: int,
    *,
    clock: Callable[[], datetime],
    give_up: bool = False,
    path: Path | None = None,
) -> None:
    """Run an import to its end; safe to repeat. `give_up`: a lost database fails it for good.

    `path` is the file where it was not uploaded.
    """
    run = Import.objects.filter(tenant_id=tenant_id, pk=import_id).first()
    if run is None or not imports.begin(run, at=clock()):
        return
    try:
        with nullcontext(path) if path else parts.file_of(run) as file:
            running.run(run, file, at=run.started_at or clock())
    except running.TakenOver:
        return
    except running.Cancelled:
        imports.finish(run, Import.Status.CANCELLED, at=clock())
    except Problem as problem:
        imports.finish(run, Import.Status.FAILED, at=clock(), problem=problem)
    except NotInRegister:
        imports.finish(run, Import.Status.FAILED, at=clock(), problem=Problem(NOT_IN_REGISTER))
    except OperationalError:
        if give_up:
            imports.finish(run, Import.Status.FAILED, at=clock(), problem=Problem(INTERNAL))
        raise
    except Exception:
        imports.finish(run, Import.Status.FAILED, at=clock(), problem=Problem(INTERNAL))
        raise
    else:
        imports.finish(run, Import.Status.DONE, at=clock())
