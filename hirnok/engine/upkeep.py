"""What has to be done to batches and messages besides sending: retries that are due, cancellations, ends."""

import logging
from datetime import datetime

from hirnok.engine import statements
from hirnok.engine.database import Database

logger = logging.getLogger(__name__)


async def reopen_due(database: Database, at: datetime) -> None:
    """Put deferred deliveries that are due back into their batches."""
    await database.run(statements.REOPEN, {"at": at})


async def settle_messages(database: Database, at: datetime) -> None:
    """Close what was cancelled and mark as finished what is at its end."""
    for tenant_id, message_id, is_cancelled in await database.run(statements.ENDING):
        values = {"tenant": tenant_id, "message": message_id, "at": at}
        if is_cancelled:
            while await database.run(statements.CANCEL, values):
                pass
            await database.run(statements.CANCEL_DEFERRED, values)
        if not await database.run(statements.FINISH, values) and not is_cancelled:
            # Between the two questions something was deferred or reopened; or, never yet seen, a
            # delivery is queued in a batch that is done. Opening such a batch again heals that.
            await database.run(statements.REOPEN_LOST, values)
