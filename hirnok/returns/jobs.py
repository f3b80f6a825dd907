"""What the worker does with what comes back."""

from procrastinate.contrib.django import app

from hirnok.lib import clock
from hirnok.returns import applying, polling, rules
from hirnok.returns.models import Failure, Lapse, Mailbox, Returned
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="returns.sort", lock="returns.sort")
def sort_returned(timestamp: int) -> None:
    """Sort and apply what the receiver and the webhooks stored, and let the rules judge what the engine was told. The
    database asks for it when something comes (migration 0004); every minute is for what was missed."""
    failed = Failure.objects.filter(is_judged=False).values("tenant_id")
    for tenant in Tenant.objects.filter(pk__in=failed).order_by("pk"):
        with acting_for(tenant):
            while rules.judge_new(tenant, at=clock.now()):
                pass
    new = Returned.objects.filter(state=Returned.State.NEW).values("tenant_id")
    for tenant in Tenant.objects.filter(pk__in=new).order_by("pk"):
        while applying.apply_new(tenant, at=clock.now()):
            pass


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="returns.poll", lock="returns.poll")
def poll_mailboxes(timestamp: int) -> None:
    """Look into every mailbox."""
    for tenant_id, pk in Mailbox.objects.order_by("pk").values_list("tenant_id", "pk"):
        polling.poll(tenant_id, pk, at=clock.now())


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="returns.lapse", lock="returns.lapse")
def lapse_dead_addresses(timestamp: int) -> None:
    """Let dead addresses be tried again whose time has passed."""
    due = Lapse.objects.filter(at__lte=clock.now()).values("tenant_id")
    for tenant in Tenant.objects.filter(pk__in=due).order_by("pk"):
        with acting_for(tenant):
            rules.lapse(tenant, at=clock.now())
