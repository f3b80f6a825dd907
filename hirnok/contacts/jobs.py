"""What the worker does for contacts."""

from django.db import OperationalError
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from hirnok.contacts import carrying, imports, searching
from hirnok.lib.clock import now

ATTEMPTS = 10
RETRY = RetryStrategy(
    max_attempts=ATTEMPTS, wait=5, linear_wait=10, retry_exceptions={OperationalError}
)


@app.task(name=imports.TASK, queue=imports.QUEUE, retry=RETRY, pass_context=True)
def run_import(context: JobContext, tenant_id: int, import_id: int) -> None:
    """Load the file of an import, from where it stopped."""
    last = context.job.attempts + 1 >= ATTEMPTS
    carrying.carry_out(tenant_id, import_id, clock=now, give_up=last)


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="contacts.make_search_keys", lock="contacts.make_search_keys")
def make_search_keys(timestamp: int) -> None:
    """Let contacts that are new or have changed be found by the index."""
    searching.make_keys()


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="contacts.forget_file_names")
def forget_file_names(timestamp: int) -> None:
    """Remove the names of files that were imported long ago."""
    imports.forget_names(now())
