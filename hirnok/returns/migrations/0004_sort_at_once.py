"""Sorting begins when something comes, not with the next minute: a row defers the job, once while one waits.

The job's own lock lets one run at a time; whoever comes while it runs defers the next. Runs with the rights of the owner,
and wherever the row comes from: receiver, web, worker, engine.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION returns_sort_soon() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = 'returns.sort' AND status = 'todo') THEN
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
        VALUES ('default', 'hirnok.returns.jobs.sort_returned', 0, 'returns.sort', 'returns.sort',
                jsonb_build_object('timestamp', extract(epoch FROM clock_timestamp())::bigint))
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION returns_sort_soon() FROM PUBLIC;
CREATE TRIGGER sort_soon AFTER INSERT ON returns_returned FOR EACH ROW WHEN (NEW.state = 'new')
EXECUTE FUNCTION returns_sort_soon();
CREATE TRIGGER judge_soon AFTER INSERT ON returns_failure FOR EACH ROW WHEN (NOT NEW.is_judged)
EXECUTE FUNCTION returns_sort_soon();
"""
DROP = """
DROP TRIGGER judge_soon ON returns_failure;
DROP TRIGGER sort_soon ON returns_returned;
DROP FUNCTION returns_sort_soon();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("returns", "0003_failures_not_judged_and_events_heard"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
