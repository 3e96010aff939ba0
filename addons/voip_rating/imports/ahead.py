"""What the database does for a preview while the sheet is read.

Reading a file is work of this process, these statements are the database's: of two
processors one does this, the other that.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue

from ..sheets.stage import STAGE_COLUMNS
from . import plain, result, writing

SHEET_COLUMNS = ("idx", "number", "closing")
# So much of a text goes at once: each piece waits for the thread that reads.
_AT_ONCE = 1 << 18
_TWIN = [result.BEFORE_TWIN, writing.TWIN]


def meanwhile(work):
    """Do ``work()``, which uses no database; the future of what it returns."""
    pool = ThreadPoolExecutor(1)
    begun = pool.submit(work)
    pool.shutdown(wait=False)
    return begun


def copy_in(cursor, table, columns, text):
    """Fill a temporary table from a COPY text.

    :param cursor: of psycopg2
    """
    copy = f"COPY {table} ({', '.join(columns)}) FROM STDIN (ENCODING 'UTF8')"
    cursor.copy_expert(copy, io.BytesIO(text.encode()), size=_AT_ONCE)


class Ahead:
    """Takes the parts of a sheet; first asks of its deck what a preview will need.

    :param work: the run of an import
    """

    def __init__(self, work):
        self.cr = work.env.cr
        self.params = work.params() | work.words()
        is_preview = work.had_rates and not work.final
        # Generated rates are compared with what was generated before.
        is_read = is_preview and not work.keep_manual
        self.has_open = is_read and plain.is_wanted(work)
        self.has_twin = is_preview and work.sheet.mode == "full"
        self.steps = [plain.OPEN, plain.TAKEN] if self.has_open else []
        self.steps += _TWIN if self.has_twin else []
        self.begin = work.now if work.sheet.past == "now" else None

    def run(self):
        """Do what is not done yet."""
        self._run_on(self.cr)

    def _run_on(self, cursor):
        while self.steps:
            cursor.execute(self.steps.pop(0), self.params)

    def make_twin(self):
        """Make the twin of the deck's rates, where there is none."""
        self.steps += [] if self.has_twin else _TWIN
        self.has_twin = True
        self.run()

    def take(self, part):
        """Take a part of the sheet.

        :param part: :class:`reading.Part`, with the moment of the work
        """
        self.run()
        self._take_on(self.cr._obj, part)

    def _take_on(self, cursor, part):
        table = "voip_taken" if self.has_open else "voip_stage"
        copy_in(cursor, table, STAGE_COLUMNS, part.stage)
        copy_in(cursor, "voip_sheet", SHEET_COLUMNS, part.sheet)
        if self.has_open:
            params = self.params | {"first": part.first, "begin": self.begin}
            cursor.execute(plain.SPLIT, params)

    @contextmanager
    def meanwhile(self):
        """A function that takes a part, later, while the caller does something else.

        His own statements wait; once he gave a part he may have none, as psycopg2
        does not keep them out of a COPY.

        :raises Exception: what a statement raised, once the caller is ready; his own
            ones fail in its wake
        """
        parts = SimpleQueue()
        begun = meanwhile(lambda: self._run_apart(parts))
        try:
            yield parts.put
        finally:
            parts.put(None)
            begun.result()

    def _run_apart(self, parts):
        # A cursor of the same transaction: that of Odoo keeps its own answers.
        with self.cr._obj.connection.cursor() as cursor:
            self._run_on(cursor)
            for part in iter(parts.get, None):
                self._take_on(cursor, part)
