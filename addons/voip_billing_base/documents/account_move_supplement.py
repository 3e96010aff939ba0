"""Supplementary invoices: late usage of a period that is invoiced already."""

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_supplement = fields.Integer(
        string="Supplement",
        copy=False,
        groups=fields.NO_ACCESS,
        help="Counts the supplementary invoices of a period; 0: its invoice.",
    )

    _voip_period_uniq = models.UniqueIndex(
        "(voip_account_id, voip_period_start, voip_period_end,"
        " COALESCE(voip_supplement, 0))"
        " WHERE voip_period_end IS NOT NULL AND state != 'cancel'",
        "This account has an invoice for this period already.",
    )


class VoipBillingDocument(models.AbstractModel):
    _inherit = "voip.billing.document"

    def _prepare_header(self, line, account, refund, header):
        vals = super()._prepare_header(line, account, refund, header)
        if line.late:
            vals["voip_supplement"] = 1 + self._last_supplement(line)
            vals["ref"] = self._supplement_reference(line)
        return vals

    def _supplement_reference(self, line):
        """What the paper says: nobody takes it for the period's invoice again."""
        posted = self._period_documents(line).filtered(lambda m: m.state == "posted")
        return self.env._("Supplement to %s", posted[:1].name)

    def _last_supplement(self, line):
        """The number of the last supplement; the company's lock is held."""
        return max(self._period_documents(line).mapped("voip_supplement"), default=0)

    def _period_documents(self, line):
        """The invoice of the line's period and its supplements, oldest first."""
        return self.env["account.move"].sudo().search(
            [
                ("voip_account_id", "=", line.account_id.id),
                ("voip_period_start", "=", line.period_start),
                ("voip_period_end", "=", line.period_end),
            ],
            order="id",
        )


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    def _checks(self, since, full):
        return [
            (name, title, ONCE_SQL if name == "one_invoice" else sql)
            for name, title, sql in super()._checks(since, full)
        ]


ONCE_SQL = """
SELECT count(*) FROM (
    SELECT voip_account_id FROM account_move
     WHERE voip_period_end IS NOT NULL AND state <> 'cancel'
     GROUP BY voip_account_id, voip_period_start, voip_period_end,
              COALESCE(voip_supplement, 0)
    HAVING count(*) > 1) x
"""
