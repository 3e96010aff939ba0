"""The same batches in several databases by turns, so that a busy machine slows all."""

import contextlib
import statistics
import sys

import common

WARM_UP = 3


class Side:
    """A database that batches are put into, and what each of them took."""

    def __init__(self, env):
        self.env = env
        self.seconds = []
        self._begun = 0.0

    def put(self, records):
        """Store and rate one batch; wall seconds."""
        self.env.invalidate_all()
        with common.Clock() as clock:
            answer = self.env["voip.cdr"].ingest(switch="bench", records=records)
            batch = self.env["voip.cdr.batch"].browse(answer["batch"])
            batch._work()
        self.env.cr.commit()  # else the batch lies beyond this snapshot
        counts = batch.read(["state", "message", "in_error"])[0]
        self.env.cr.commit()
        if counts["state"] != "done" or counts["in_error"]:
            sys.exit(f"a batch went wrong: {counts}")
        return clock

    def begin(self):
        self.seconds.clear()
        self._begun = self._server()

    def server(self):
        """Processor seconds of the server since ``begin``."""
        return self._server() - self._begun

    def _server(self):
        self.env.cr.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        )
        return sum(common.backend_cpu(pid) for (pid,) in self.env.cr.fetchall())


def take_turns(databases, batches):
    """Put every batch into every database; a :class:`Side` for each, in their order.

    :param batches: list of lists of records; the first are for warming up
    """
    with contextlib.ExitStack() as stack:
        sides = [
            Side(stack.enter_context(common.environment(name))) for name in databases
        ]
        for place, records in enumerate(batches):
            if place == WARM_UP:
                for side in sides:
                    side.begin()
            for side in sides if place % 2 else reversed(sides):
                side.seconds.append(side.put(records))
        for side in sides:
            side.spent = side.server() / len(side.seconds)
    return sides


def show(name, side):
    """Lines of one side; the median in seconds is returned."""
    median = statistics.median(clock.wall for clock in side.seconds)
    common.show(name, median, "s", 3)
    own = statistics.median(clock.cpu for clock in side.seconds)
    common.show("  processor, own process", own, "s", 3)
    common.show("  processor, server", side.spent, "s", 3)
    return median
