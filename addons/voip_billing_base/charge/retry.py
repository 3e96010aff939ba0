"""Which errors pass by themselves, and when to try again."""

import errno

import psycopg2
from psycopg2.pool import PoolError

from .transaction import RetryTransaction

# Seconds until the next try; the last one stays.
BACK_OFF = (5, 15, 60, 300, 900)

# First by the whole SQLSTATE, then by its class.
STATES = {
    "25P03": "busy",  # idle in transaction for too long
    "25P04": "busy",  # transaction for too long
    "55006": "busy",  # object in use
    "55P03": "busy",  # lock not available
    "57014": "busy",  # statement timeout
    "25006": "away",  # read only: the server is a standby
    "57P01": "away",  # shut down by the administrator
    "57P02": "away",  # shut down after a crash
    "57P03": "away",  # starting
    "57P05": "away",  # idle for too long
    "58030": "full",  # the disk fails
    "53000": "memory",
    "53100": "full",
    "53200": "memory",
    "53300": "crowded",
    "53400": "crowded",
}
CLASSES = {"08": "away", "40": "busy"}
NUMBERS = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EIO: "full",
    errno.ENOMEM: "memory",
    errno.EMFILE: "crowded",
    errno.ENFILE: "crowded",
    errno.EAGAIN: "crowded",
}


def temporary_kind(error):
    """Why ``error`` may pass by itself.

    What it was raised from counts, too: an answer to the user hides no lock timeout.

    :param error: exception of a job
    :return: "busy" (others hold the records), "away" (no database), "full" (no disk),
        "memory", "crowded" (no connection or file left), or None: it can never work
    """
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        kind = _kind(error)
        if kind:
            return kind
        error = error.__cause__
    return None


def _kind(error):
    if isinstance(error, RetryTransaction):
        return "busy"
    if isinstance(error, psycopg2.Error):
        return _database_kind(error)
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, ConnectionError | TimeoutError):
        return "away"
    if isinstance(error, OSError):
        return NUMBERS.get(error.errno)
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "crowded"
    return None


def _database_kind(error):
    if isinstance(error, PoolError):
        return "crowded"
    if isinstance(error, psycopg2.InterfaceError):
        return "away"
    if not error.pgcode:
        # The server said nothing: the connection broke, or was not made.
        return "away" if isinstance(error, psycopg2.DatabaseError) else None
    return STATES.get(error.pgcode) or CLASSES.get(error.pgcode[:2])


def wait_seconds(tries):
    """Seconds until the next try after ``tries`` (from 1) that failed."""
    return BACK_OFF[min(max(tries, 1), len(BACK_OFF)) - 1]
