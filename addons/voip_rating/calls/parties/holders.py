"""Who has which number when: spans of time of the numbers that a company keeps."""

import numpy as np

from odoo.addons.voip_billing_base.charge.writer import at_once

# Columns of a span, all integers; seconds since 1970, 0 where there is none.
SPAN = (
    "number",
    "since",
    "until",
    "account_id",
    "deck_id",
    "cost_deck_id",
    "supplier_id",
    "by_caller",
    "unknown_as",
    "two_way",
    "cost_by",
)
# Which number the cost is of; without any that of the price.
BY_CALLED, BY_CALLER = 1, 2
COLUMN = {name: place for place, name in enumerate(SPAN)}
# Seconds: beyond the times that records may have.
ENDLESS = 2**33
KEPT = 250_000


class Holders:
    """Spans of the numbers that were asked for, read once a batch.

    :param call: runs the function it is given where the database may be asked
    """

    def __init__(self, env, company, call=at_once):
        self.env = env
        self.company = company
        self._call = call
        self._rules = None
        self._clear()

    def _clear(self):
        self._asked = np.empty(0, np.int64)
        self._set(np.empty((0, len(SPAN)), np.int64))

    def caller_rules(self):
        """{account id: (numbers of others, foreign numbers)} of what is not accepted.

        The words are those of the setting: accept, flag or refuse.
        """
        if self._rules is None:
            self._call(self._read_rules)
        return self._rules

    def _read_rules(self):
        self._rules = self.env["voip.number.holder"]._caller_rules(self.company)

    def meet(self, numbers):
        """Read the spans of ``numbers`` (int64 array) that are not known yet."""
        if len(self._asked) > KEPT:
            self._clear()
        new = np.setdiff1d(numbers, self._asked)
        if new.size:
            self._call(lambda: self._read(new))

    def _read(self, new):
        found = self.env["voip.number.holder"]._spans(self.company, new.tolist())
        spans = np.array(found, np.int64).reshape(-1, len(SPAN))
        self._asked = np.union1d(self._asked, new)
        self._set(np.concatenate([self._spans, spans]) if len(spans) else self._spans)

    def _set(self, spans):
        order = np.lexsort((spans[:, COLUMN["since"]], spans[:, COLUMN["number"]]))
        self._spans = spans[order]
        numbers = self._spans[:, COLUMN["number"]]
        self._numbers, ranks = np.unique(numbers, return_inverse=True)
        since = np.clip(self._spans[:, COLUMN["since"]], 0, ENDLESS)
        self._keys = ranks.reshape(-1) * ENDLESS * 2 + since

    def known(self, numbers):
        """Mask of those of the met ``numbers`` that the company keeps."""
        return np.isin(numbers, self._numbers)

    def at(self, numbers, seconds):
        """The span of each of the met numbers at a time.

        Of two spans the one that began last counts.

        :param numbers, seconds: int64 arrays; seconds since 1970
        :return: places for :meth:`column`, -1 where nobody has the number
        """
        if not len(self._keys):
            return np.full(len(numbers), -1, np.int64)
        rank = np.searchsorted(self._numbers, numbers)
        rank = np.minimum(rank, len(self._numbers) - 1)
        times = np.clip(seconds, 0, ENDLESS)
        place = np.searchsorted(self._keys, rank * ENDLESS * 2 + times, "right") - 1
        span = self._spans[np.maximum(place, 0)]
        held = (place >= 0) & (span[:, COLUMN["number"]] == numbers)
        held &= (times < span[:, COLUMN["until"]]) & (span[:, COLUMN["account_id"]] > 0)
        return np.where(held, place, -1)

    def column(self, name, places):
        """A column of :data:`SPAN` at ``places``."""
        return self._spans[places, COLUMN[name]]
