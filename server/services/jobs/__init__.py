"""Work outside requests: any capability registers functions, and asks for them in its own transaction.

    jobs.register("reports.word", make_word)            # when an application is made (server/capabilities/)
    enqueuing.enqueue(session, "reports.word", [campaign, unit], officer)   # handed to the queue after the commit

Guarantees, tested by killing workers (tests/jobs):

- A committed job ends once, as done or failed, whatever dies in between. The row is the truth; the queue (huey) carries
  ids, may lose all of them, and may carry one twice.
- Its result appears together with the state done, in one transaction, and only from the worker that holds the lease.
- A function may run more often than once: after a kill it starts over. Rows that it writes through `Attempt.finish` are
  written once.
"""

from server.services.jobs.attempt import Attempt
from server.services.jobs.kinds import Jobs

__all__ = [
    "Attempt",
    "Jobs",
    "attempt",
    "clearing",
    "enqueuing",
    "listing",
    "minding",
    "queue",
    "restoring",
    "running",
]
