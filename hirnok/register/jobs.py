"""What the worker does for the register: the retention run, and jobs whose worker died are tried again."""

from pathlib import Path

from procrastinate import JobContext
from procrastinate.contrib.django import app

from hirnok.lib import clock, env
from hirnok.process import backing, database
from hirnok.register import backups, expiring, trailing

KEEP_HOURS = 72


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="register.retention", lock="register.retention")
def retention(timestamp: int) -> None:
    """End what has passed its period."""
    expiring.expire(clock.now(), now=clock.now)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="register.follow", lock="register.follow")
def follow(timestamp: int) -> None:
    """Bring the trail of suppressions up to date, and the copies beside the backups."""
    trailing.follow(clock.now())
    if folder := env.get("HIRNOK_BACKUP_DIR"):
        backing.follow(Path(folder))


@app.periodic(cron="23 1 * * *")
@app.task(queueing_lock="register.backup", lock="register.backup")
def backup(timestamp: int) -> None:
    """Make the backup of the day, and delete those that are older than every register allows."""
    if folder := env.get("HIRNOK_BACKUP_DIR"):
        at = clock.now()
        backing.back_up(Path(folder), database.url(), at)
        backing.forget(Path(folder), backups.oldest(at))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="register.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give jobs of workers that are gone to the next one; procrastinate leaves that to us."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="register.forget_jobs", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Remove jobs that ended three days ago or more."""
    await context.app.job_manager.delete_old_jobs(
        KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
