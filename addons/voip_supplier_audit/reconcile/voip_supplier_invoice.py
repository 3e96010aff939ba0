"""An invoice's call records beside ours, call by call."""

from datetime import datetime, timedelta

import numpy as np

from odoo import models
from odoo.tools import SQL, file_open

from ..engine.classify import CLASSES, CODE, Limits, classify, set_foreign
from ..engine.pair import match
from ..engine.records import NO_ID
from ..engine.runs import distinct
from ..invoices.figures import days_utc, text
from .binary import copy_columns
from .case import Pairs
from .read import read_ours, read_theirs

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_NONE = -1
# Shares of the work.
SUMMED, READ, PAIRED, KEPT = 0.1, 0.4, 0.6, 0.8
_COLUMNS = ("invoice_id", "record_id", "usage_id", "class", "way", "ambiguous")
_COLUMNS += ("amount", "line_id")
_KINDS = ("integer", "bigint", "bigint", "smallint", "smallint", "boolean")
_KINDS += ("money", "integer")
# Ids that a row may lack.
_LINKS = [_COLUMNS.index(name) for name in ("record_id", "usage_id", "line_id")]
_FORGET = "DELETE FROM voip_supplier_match_row WHERE invoice_id = %s"
_SUMS = """
SELECT class, count(*), sum(amount) FROM voip_supplier_match_row
 WHERE invoice_id = %s GROUP BY class ORDER BY class
"""


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def init(self):
        result = super().init()
        with file_open("voip_supplier_audit/sql/matches.sql") as script:
            self.env.cr.execute(script.read())
        return result

    def _reconcile(self):
        result = super()._reconcile()
        if self._is_all_other_currency():
            # Amounts of calls are no more comparable than those of lines.
            self.env.cr.execute(_FORGET, [self.id])
            self.just_as_well = False
        else:
            self._explain(self._match_records())
        return result

    def _match_records(self):
        """Pair the supplier's records with our calls and keep what was found.

        :return: :class:`~.case.Case` of the invoice, or None without records
        """
        cr = self.env.cr
        cr.execute(_FORGET, [self.id])
        self._tell(SUMMED)
        theirs = read_theirs(cr, self.id, self.tz)
        if not len(theirs):
            return None
        since, until = self._period_utc()
        has_ids = bool((theirs.records.id_hash != NO_ID).any())
        ours = read_ours(cr, self._asked_calls(), has_ids)
        self._tell(READ)
        # A credit is no call, and takes no one's place.
        is_credit = theirs.charged.amount < 0
        matched = match(ours.records, theirs.records, is_credit)
        self._tell(PAIRED)
        limits = Limits(
            ((since - _EPOCH) // _MICROSECOND, (until - _EPOCH) // _MICROSECOND),
            (self.agreement_id.duration_seconds or 0) * 1000,
        )
        starts = ours.records.start_us
        classes = classify(matched, ours.charged, theirs.charged, starts, limits)
        set_foreign(classes, matched, self._is_foreign(ours.code))
        case = self._case(Pairs(ours, theirs, matched, classes))
        rows = _theirs_rows(case)
        lacking = _lacking_rows(case)
        self._keep_matches(
            [np.concatenate(both) for both in zip(rows, lacking, strict=True)]
        )
        self._tell(KEPT)
        return case

    def _is_foreign(self, rates):
        """Of each id of a rate: whether its deck is in another currency."""
        used, place = distinct(rates)
        versions = self.env["voip.rate"].browse(used.tolist())
        currency = self.currency_id
        found = [one.deck_id.currency_id != currency for one in versions]
        return np.array(found, bool)[place]

    def _asked_calls(self):
        """What :func:`~.read.read_ours` is asked: a day more on either side."""
        since, until = self._period_utc()
        partners = self.env["res.partner"].with_context(active_test=False)
        self.env.flush_all()
        return {
            "since": since - timedelta(days=1),
            "until": until + timedelta(days=1),
            "company": self.company_id.id,
            "suppliers": partners.search([("id", "child_of", self.partner_id.id)]).ids,
            "tz": self.tz,
        }

    def _keep_matches(self, columns):
        """Write pairs.

        Calls of a line lie side by side: they are looked at together.

        :param columns: as :func:`_theirs_rows` answers
        """
        columns = [np.full(len(columns[0]), self.id), *columns]
        lines, line = distinct(columns[-1])
        place = line * len(CLASSES) + columns[_COLUMNS.index("class")]
        small = np.min_scalar_type(lines.size * len(CLASSES))
        order = np.argsort(place.astype(small), kind="stable")
        # What is null has no place in a row of binary COPY: rows alike go together.
        kind = np.zeros(len(order), np.int8)
        for bit, link in enumerate(_LINKS):
            kind |= (columns[link] == _NONE).astype(np.int8) << bit
        kind = kind[order]
        for alike in np.flatnonzero(np.bincount(kind)).tolist():
            rows = order[kind == alike]
            left_out = {_LINKS[bit] for bit in range(3) if alike >> bit & 1}
            places = [n for n in range(len(_COLUMNS)) if n not in left_out]
            names = ", ".join(_COLUMNS[place] for place in places)
            copy_columns(
                self.env.cr._obj,
                f"voip_supplier_match_row ({names})",
                [columns[place][rows] for place in places],
                [_KINDS[place] for place in places],
            )

    def _period_utc(self):
        """The period as naive UTC, the day after its last one excluded."""
        return self._days_utc(self.period_start, self.period_end)

    def _days_utc(self, first, last):
        """Days of the invoice's zone, both included, as naive UTC (from, to)."""
        return days_utc(self.tz, first, last)

    def _reconciled(self):
        rows = self.env.execute_query(SQL(_SUMS, self.id))
        calls = {
            CLASSES[code]: {"count": count, "amount": text(amount)}
            for code, count, amount in rows
        }
        return {**super()._reconciled(), "calls": calls}


def _theirs_rows(case):
    """A row per record of theirs: record, usage, class, way, ambiguous, amount, its
    line."""
    ours, theirs, matched = case.pairs.ours, case.pairs.theirs, case.pairs.match
    usage = np.full(len(theirs), _NONE, np.int64)
    paired = matched.ours >= 0
    usage[paired] = ours.ids[matched.ours[paired]]
    classes = case.pairs.classes.theirs
    found = (theirs.ids, usage, classes, matched.way, matched.ambiguous)
    return [*found, theirs.charged.amount, case.keys(case.their_lines())]


def _lacking_rows(case):
    """A row per call of ours that their records lack."""
    ours, classes = case.pairs.ours, case.pairs.classes
    rows = np.flatnonzero(classes.ours == CODE["missing_there"])
    nothing = np.zeros(rows.size, np.int64)
    record = nothing + _NONE
    found = (record, ours.ids[rows], classes.ours[rows], nothing, nothing)
    return [*found, ours.charged.amount[rows], case.keys(case.line[rows])]
