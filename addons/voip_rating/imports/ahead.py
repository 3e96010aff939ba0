"""What a preview asks of its deck alone, made while the sheet is read.

Reading a file is work of this process, these statements are the database's: of two
processors one does this, the other that.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from . import plain, result, writing

_TWIN = [result.BEFORE_TWIN, writing.TWIN]


def meanwhile(work):
    """Do ``work()``, which uses no database; the future of what it returns."""
    pool = ThreadPoolExecutor(1)
    begun = pool.submit(work)
    pool.shutdown(wait=False)
    return begun


class Ahead:
    """Statements on the deck, done once, before anything asks for what they make.

    :param work: the run of a preview
    """

    def __init__(self, work):
        self.cr = work.env.cr
        self.params = work.params()
        # Generated rates are compared with what was generated before.
        is_read = work.had_rates and not work.keep_manual
        self.has_open = is_read and plain.is_wanted(work)
        self.has_twin = work.had_rates and work.sheet.mode == "full"
        self.steps = [plain.OPEN] if self.has_open else []
        self.steps += _TWIN if self.has_twin else []

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

    @contextmanager
    def meanwhile(self):
        """Do it while the caller does something else; his own statements wait.

        :raises Exception: what a statement raised, once the caller is ready; his own
            ones fail in its wake
        """
        begun = meanwhile(self._run_apart)
        try:
            yield
        finally:
            begun.result()

    def _run_apart(self):
        # A cursor of the same transaction: that of Odoo keeps its own answers.
        with self.cr._obj.connection.cursor() as cursor:
            self._run_on(cursor)
