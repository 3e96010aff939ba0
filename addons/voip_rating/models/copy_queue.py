"""One connection, two speeds: short questions overtake long COPYs."""

import io
import itertools
import queue
import threading

from odoo.addons.voip_billing_base.models.money_cursor import copy_text

PIECE = 2 << 20
BACKLOG = 24
QUESTION, COPY, END = 0, 1, 2


class DirectQueue:
    """Runs everything at once in the caller's thread; for small batches."""

    def __init__(self, cr):
        self.cr = cr

    def call(self, func):
        return func()

    def copy(self, table, columns, text):  # pylint: disable=method-required-super
        copy_text(self.cr, table, columns, io.BytesIO(text.encode()))

    def close(self):
        """Nothing waits here."""

    abort = close


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

    def copy(self, table, columns, text):  # pylint: disable=method-required-super
        """Queue a COPY, cut into pieces of whole lines; waits while much is queued."""
        data = text.encode()
        start = 0
        while start < len(data):
            end = data.rfind(b"\n", start, start + PIECE) + 1
            if start + PIECE >= len(data):
                end = len(data)
            self._room.acquire()
            self._raise()
            job = (table, columns, data[start:end])
            self._jobs.put((COPY, next(self._order), job))
            start = end

    def close(self):
        """Wait until everything is written; raises what the thread met."""
        self._jobs.put((END, next(self._order), None))
        self._thread.join()
        self._raise()

    def abort(self):
        """Drop what is queued; the caller rolls back."""
        self._error = self._error or RuntimeError("the batch was given up")
        self._jobs.put((END, next(self._order), None))
        self._thread.join()

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
            answer.put((func(), None))
        except BaseException as error:
            answer.put((None, error))

    def _write(self, table, columns, data):
        try:
            if self._error is None:
                copy_text(self.cr, table, columns, io.BytesIO(data))
        except BaseException as error:
            self._error = error
        finally:
            self._room.release()
