from types import SimpleNamespace

from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app

from hirnok.register import jobs
from hirnok.register.models import Holding
from tests.world import NOON, World


def test_it_runs_the_retention(world: World) -> None:
    Holding.objects.filter(pk=world.dora.pk).update(expires_at=NOON)

    jobs.retention(0)

    assert not Holding.objects.filter(pk=world.dora.pk).exists()


def test_it_gives_the_jobs_of_a_dead_worker_to_the_next_one(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        worker = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, args)"
            " VALUES ('default', 'x', 'doing', %s, '{}') RETURNING id",
            [worker],
        )
        job = cursor.fetchone()[0]

    async_to_sync(jobs.retry_stalled.func)(SimpleNamespace(app=app), 0)

    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        assert cursor.fetchone() == ("todo",)


def test_it_forgets_jobs_that_ended_days_ago(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args)"
            " SELECT 'default', 'x', 'succeeded', '{}' FROM generate_series(1, 2) RETURNING id"
        )
        old, recent = (row[0] for row in cursor.fetchall())
        cursor.execute(
            "UPDATE procrastinate_events SET at = at - interval '4 days' WHERE job_id = %s", [old]
        )
        cursor.execute(
            "INSERT INTO procrastinate_events (job_id, type, at) VALUES"
            " (%s, 'succeeded', now() - interval '4 days'), (%s, 'succeeded', now())",
            [old, recent],
        )

    async_to_sync(jobs.forget_jobs.func)(SimpleNamespace(app=app), 0)

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_jobs")
        assert cursor.fetchall() == [(recent,)]
