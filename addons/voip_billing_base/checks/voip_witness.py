"""Witnesses of records that never change, and the invariants that compare them."""

from odoo import api, models

from ..charge import witness

# Numbers that one transaction looks at.
PIECE = 5_000_000


class VoipWitness(models.AbstractModel):
    """Takes digests of what was written since the last run."""

    _name = "voip.witness"
    _description = "Witness of Records"

    def init(self):
        self.env.cr.execute(witness.TABLES)

    @api.model
    def _spans(self):
        """Tables that grow by rows; modules add theirs."""
        return witness.SPANS

    @api.model
    def _records(self):
        """Records that do not change any more; modules add theirs."""
        return witness.RECORDS

    # === CRON METHODS === #

    @api.model
    def _cron_witness(self):
        """Witness what is written since the last run, then anchor the heads."""
        cron, cr = self.env["ir.cron"], self.env.cr
        for span in self._spans():
            cr.execute(span.mark_sql(), {"kind": span.kind})
        # This transaction is older than the marks, and so in their way.
        cron._commit_progress()
        reached = {span.kind: self._reached(span) for span in self._spans()}
        # Only a transaction that begins now sees all that is there by then.
        cron._commit_progress()
        for span in self._spans():
            while self._take(span, reached[span.kind]):
                cron._commit_progress()
        for records in self._records():
            cr.execute(records.take_sql())
            cron._commit_progress()
        self.env["voip.anchor"]._write()

    # === BUSINESS METHODS === #

    def _reached(self, span):
        """Number up to which all rows of ``span`` are there."""
        self.env.cr.execute(witness.REACHED_SQL, [span.kind])
        return self.env.cr.fetchone()[0]

    def _take(self, span, reached):
        """Witness the next rows of ``span``; whether there may be more.

        :param reached: number up to which all rows are there
        """
        cr, known = self.env.cr, {"kind": span.kind, "version": span.version}
        cr.execute(
            "DELETE FROM voip_witness"
            " WHERE kind = %(kind)s AND version <> %(version)s",
            known,
        )
        cr.execute("SELECT max(upto) FROM voip_witness WHERE kind = %(kind)s", known)
        start = cr.fetchone()[0] or self._start(span)
        if start >= reached:
            return False
        # Numbers that were never written are passed at once, however many.
        cr.execute(span.next_sql(), {"from": start, "to": reached})
        start = cr.fetchone()[0]
        if start is None:
            cr.execute(
                "UPDATE voip_witness SET upto = %s WHERE kind = %s",
                [reached, span.kind],
            )
            return False
        to = min(start + PIECE, reached)
        self._witness(span, start, to)
        return to < reached

    def _witness(self, span, start, to):
        """Witness the rows of ``span`` after ``start`` up to ``to``."""
        self.env.cr.execute(span.take_sql(), {"from": start, "to": to})

    def _start(self, span):
        """The number before the first row."""
        self.env.cr.execute(span.start_sql())
        return self.env.cr.fetchone()[0]

    @api.model
    def _totals(self):
        """[(kind, version, rows, sum)] of all that is witnessed."""
        self.env.cr.execute(TOTALS_SQL)
        return self.env.cr.fetchall()


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        found = self.env["voip.witness"]
        kinds = [*found._spans(), *found._records()]
        return [
            *super()._checks(since, full),
            *(
                (f"same_{kind.kind}", self._same(kind), kind.check_sql(since, full))
                for kind in kinds
            ),
        ]

    def _same(self, kind):
        return f"What was witnessed of {kind.kind} is as it was"


TOTALS_SQL = """
SELECT kind, version, sum(rows)::bigint, sum(mark)::text
  FROM (SELECT kind, version, rows, mark FROM voip_witness
         UNION ALL
        SELECT kind, version, 1, mark FROM voip_witness_record) x
 GROUP BY 1, 2 ORDER BY 1, 2
"""
