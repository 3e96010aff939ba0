"""One connection, two speeds: short questions overtake long COPYs."""

import itertools
import queue
import sys
import threading

import numpy as np

from odoo.addons.voip_billing_base.charge.transaction import copy_lines, copy_stream
from odoo.addons.voip_billing_base.engine.copy_lines import content

PIECE = 1 << 18
BACKLOG = 192
# How long the server may wait for the interpreter lock; Python's own is 5 ms.
SWITCH_SECONDS = 0.001
BLOCK = 100
QUESTION, COPY, END = 0, 1, 2


class DirectQueue:
    """Runs everything at once in the caller's thread; for small batches."""

    def __init__(self, cr):
        self.cr = cr

    def call(self, func):
        return func()

    def copy(self, table, columns, lines):  # pylint: disable=method-required-super
        copy_lines(self.cr, table, columns, lines)

    def close(self):
        """Nothing waits here."""

    abort = close
    post = call


class IdBlocks:
    """Fresh ids of a sequence that counts blocks of 100.

    Asks for as many again as were taken so far, so that a large file asks seldom;
    what is left over is a gap.
    """

    def __init__(self, cr, jobs, sequence):
        self.cr, self.jobs, self.sequence = cr, jobs, sequence
        self._taken = 0
        self._left = np.zeros(0, np.int64)

    def take(self, count):
        """``count`` ids, int64."""
        missing = count - len(self._left)
        if missing > 0:
            wanted = max(missing, self._taken)
            fresh = self.jobs.call(lambda: self._reserve(wanted))
            self._left = np.concatenate([self._left, fresh])
        ids, self._left = self._left[:count], self._left[count:]
        self._taken += count
        return ids

    def _reserve(self, count):
        blocks = -(-count // BLOCK)
        self.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)", [self.sequence, blocks]
        )
        starts = np.fromiter((row[0] for row in self.cr.fetchall()), np.int64, blocks)
        return (starts[:, None] + np.arange(BLOCK)).ravel()


class CopyQueue:
    """Writes in a thread of its own while the caller parses and rates.

    The server works on one core and this process on another. Questions (``call``) go
    before waiting COPYs, so that the next chunk is rated while the last is written;
    everything belongs to one transaction, so the order of COPYs does not matter.
    """

    def __init__(self, cr):
        self.cr = cr
        self._error = None
        self._order = itertools.count()
        self._jobs = queue.PriorityQueue()
        self._room = threading.Semaphore(BACKLOG)
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def call(self, func):
        """Run ``func`` in the writing thread and return its result."""
        answer = queue.SimpleQueue()
        self._jobs.put((QUESTION, next(self._order), (func, answer)))
        result, error = answer.get()
        if error is not None:
            raise error
        return result

    def post(self, func):
        """Run ``func`` soon in the writing thread; a later call raises its error."""
        self._jobs.put((QUESTION, next(self._order), (func, None)))

    def copy(self, table, columns, lines):  # pylint: disable=method-required-super
        """Queue a COPY, cut into pieces; waits while much is queued."""
        pieces = 1 + lines.nbytes // PIECE
        step = -(-len(lines) // pieces)
        for start in range(0, len(lines), step or 1):
            self._room.acquire()
            self._raise()
            job = (table, columns, lines.slice(start, step))
            self._jobs.put((COPY, next(self._order), job))

    def close(self):
        """Wait until everything is written; raises what the thread met."""
        self._end()
        self._raise()

    def abort(self):
        """Drop what is queued; the caller rolls back."""
        self._error = self._error or RuntimeError("the batch was given up")
        self._end()

    def _end(self):
        self._jobs.put((END, next(self._order), None))
        self._thread.join()
        sys.setswitchinterval(self._interval)

    def _raise(self):
        if self._error is not None:
            raise self._error

    def _work(self):
        while True:
            kind, _order, job = self._jobs.get()
            if kind == END:
                return
            if kind == QUESTION:
                self._answer(*job)
            else:
                self._write(*job)

    def _answer(self, func, answer):
        try:
            self._raise()
            result = func(), None
        except BaseException as error:
            result = None, error
            self._error = self._error or (error if answer is None else None)
        if answer is not None:
            answer.put(result)

    def _write(self, table, columns, lines):
        try:
            if self._error is None:
                copy_stream(self.cr, table, columns, _Pieces(self, table, lines))
        except BaseException as error:
            self._error = error
        finally:
            self._room.release()

    def _next_piece(self, table):
        """The lines that go to the same table and are next, or None."""
        with self._jobs.mutex:
            waits = self._jobs.queue and self._jobs.queue[0]
            if not waits or waits[0] != COPY or waits[2][0] != table:
                return None
        # Only questions overtake, and nobody else takes from the queue.
        job = self._jobs.get()
        if job[0] != COPY:
            self._jobs.put(job)
            return None
        self._room.release()
        return job[2][2]


class _Pieces:
    """A stream of one COPY: goes on while the next piece is for the same table."""

    def __init__(self, jobs, table, lines):
        self._jobs, self._table = jobs, table
        self._left = content(lines)

    def read(self, size):  # pylint: disable=method-required-super
        if not self._left.size:
            lines = self._jobs._next_piece(self._table)
            self._left = content(lines) if lines is not None else self._left
        piece = self._left.slice(0, min(size, self._left.size))
        self._left = self._left.slice(piece.size)
        return piece.to_pybytes()


class Ahead:
    """Iterates over ``items``, made in a thread of its own and one in advance.

    While the caller waits for the server the next item is made. The thread begins at
    once; leaving the ``with`` block ends it.
    """

    def __init__(self, items):
        self._items = items
        self._results = queue.Queue(maxsize=1)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._stopped.set()
        self._thread.join()

    def __iter__(self):
        while (result := self._results.get())[0] is not END:
            yield result[0]
        if result[1] is not None:
            raise result[1]

    def _work(self):
        try:
            for item in self._items:
                self._put((item, None))
                if self._stopped.is_set():
                    return
            self._put((END, None))
        except BaseException as error:
            self._put((END, error))

    def _put(self, result):
        while not self._stopped.is_set():
            try:
                return self._results.put(result, timeout=0.1)
            except queue.Full:
                continue
