"""Journal entries move wallets: the ledger is Odoo's, the wallet follows it."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

ENTRY_KINDS = {
    "out_invoice": "invoice",
    "out_refund": "credit_note",
}


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_account_id = fields.Many2one(
        "voip.account",
        string="VoIP Account",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The account this document is for.",
    )
    voip_payer_id = fields.Many2one(
        "voip.account",
        string="Paid by Account",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The account whose wallet the receivable of this document moves.",
    )
    voip_period_start = fields.Date(string="Usage From", copy=False)
    voip_period_end = fields.Date(string="Usage To", copy=False)
    voip_run_id = fields.Many2one(
        "voip.billing.run",
        string="Billing Run",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    voip_usage_document = fields.Boolean(
        compute="_compute_voip_usage_document",
        help="Its lines are sums of rated usage.",
    )

    _voip_period_uniq = models.UniqueIndex(
        "(voip_account_id, voip_period_start, voip_period_end)"
        " WHERE voip_period_end IS NOT NULL AND state != 'cancel'",
        "This account has an invoice for this period already.",
    )
    # The last invoiced day of an account is one look-up, however many invoices it has.
    _voip_billed_until = models.Index(
        "(voip_account_id, voip_period_end)"
        " WHERE voip_period_end IS NOT NULL AND state = 'posted'"
    )

    @api.depends("voip_period_end")
    def _compute_voip_usage_document(self):
        for move in self:
            move.voip_usage_document = bool(move.voip_period_end)

    @api.depends("voip_period_end")
    def _compute_show_reset_to_draft_button(self):
        """What bills usage stays as posted: it has no button that only refuses."""
        result = super()._compute_show_reset_to_draft_button()
        for move in self:
            if move.voip_period_end and move.state == "posted":
                move.show_reset_to_draft_button = False
        return result

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._voip_sync_wallets()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_moved_wallet(self):
        if self._voip_moved_wallet():
            raise UserError(
                self.env._("An entry that moved a wallet is kept: cancel it instead.")
            )

    def _voip_moved_wallet(self):
        """Whether wallet entries, which are for ever, point to these entries."""
        self.env.cr.execute(
            "SELECT EXISTS (SELECT FROM voip_wallet_entry WHERE move_id = ANY(%(ids)s))"
            " OR EXISTS (SELECT FROM voip_wallet_pending WHERE move_id = ANY(%(ids)s))",
            {"ids": self.ids},
        )
        return self.env.cr.fetchone()[0]

    # === ACTION METHODS === #

    def action_voip_view_usage(self):
        """All records behind the document."""
        self.check_access("read")
        self.ensure_one()
        return self.invoice_line_ids._voip_usage_action()

    # === BUSINESS METHODS === #

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A credit note stays with the account of the invoice it corrects."""
        default_values_list = default_values_list or [{} for _move in self]
        for move, values in zip(self, default_values_list, strict=True):
            values.setdefault("voip_account_id", move.voip_account_id.id)
            values.setdefault("voip_payer_id", move.voip_payer_id.id)
        return super()._reverse_moves(default_values_list, cancel)

    def _voip_sync_wallets(self):
        """Bring the wallets in line with what these entries say now.

        The difference between what an entry should have moved and what its wallet
        entries say it moved, or will once they are booked, is moved, so that running
        this twice changes nothing.
        """
        if not self:
            return
        self.env["account.move"].flush_model()
        self.env["account.move.line"].flush_model()
        cr = self.env.cr
        cr.execute(LOCK_SQL, {"moves": self.ids})
        cr.execute(ATTRIBUTE_SQL, {"moves": self.ids})
        attributed = cr.rowcount
        self._voip_value_lines()
        cr.execute(DELTA_SQL, {"moves": self.ids})
        rows = cr.dictfetchall()
        if attributed:
            self.line_ids.invalidate_recordset(["voip_account_id"], flush=False)
        if rows:
            self.env["voip.wallet"]._move([self._voip_movement(row) for row in rows])

    def _voip_value_lines(self):
        """State each receivable line in its wallet's currency."""
        cr = self.env.cr
        cr.execute(VALUE_SQL, {"moves": self.ids})
        cr.execute(FOREIGN_SQL, {"moves": self.ids})
        for line_id, balance, currency_id, company_id, day in cr.fetchall():
            company = self.env["res.company"].browse(company_id)
            value = company.currency_id._convert(
                -float(balance),
                self.env["res.currency"].browse(currency_id),
                company,
                day,
            )
            cr.execute(
                "UPDATE account_move_line SET voip_ledger_amount = %s WHERE id = %s",
                [Decimal(str(value)), line_id],
            )
        self.line_ids.invalidate_recordset(["voip_ledger_amount"], flush=False)

    def _voip_movement(self, row):
        # Odoo reads numeric columns as float; money comes as text.
        ledger, unbilled, tax = (
            Decimal(row[name]) for name in ("ledger", "unbilled", "tax")
        )
        kind = ENTRY_KINDS.get(row["move_type"])
        if not row["posted"]:
            kind = "reversal"
        elif not kind and row["payment_id"]:
            kind = "topup" if ledger > 0 else "refund"
        return {
            "account_id": row["account_id"],
            "kind": kind or "adjustment",
            "ledger": ledger,
            "unbilled": unbilled,
            "tax": tax,
            "move_id": row["move_id"],
            "origin": row["name"],
        }


# Two that bring the same entry in line follow each other.
LOCK_SQL = """
SELECT FROM account_move WHERE id = ANY(%(moves)s) ORDER BY id FOR NO KEY UPDATE
"""
# An entry's receivable lines belong to the account its document or payment names, else
# to the partner's only account in that company and currency.
ATTRIBUTE_SQL = """
UPDATE account_move_line l
   SET voip_account_id = COALESCE(
           m.voip_payer_id,
           (SELECT a.payer_id FROM account_payment p
              JOIN voip_account a ON a.id = p.voip_account_id
             WHERE p.id = l.payment_id),
           (SELECT min(a.payer_id) FROM voip_account a
              JOIN res_partner ap ON ap.id = a.partner_id
              JOIN res_partner lp ON lp.id = l.partner_id
             WHERE a.company_id = l.company_id AND a.currency_id = l.currency_id
               AND ap.commercial_partner_id = lp.commercial_partner_id
            HAVING count(DISTINCT a.payer_id) = 1))
  FROM account_move m, account_account aa
 WHERE m.id = ANY(%(moves)s) AND l.move_id = m.id AND aa.id = l.account_id
   AND aa.account_type = 'asset_receivable' AND m.state = 'posted'
   AND l.voip_account_id IS NULL AND l.partner_id IS NOT NULL
"""
VALUE_SQL = """
UPDATE account_move_line l
   SET voip_ledger_amount = -l.amount_currency
  FROM voip_account a
 WHERE l.move_id = ANY(%(moves)s) AND a.id = l.voip_account_id
   AND l.currency_id = a.currency_id
   AND l.voip_ledger_amount IS DISTINCT FROM -l.amount_currency
"""
FOREIGN_SQL = """
SELECT l.id, l.balance, a.currency_id, l.company_id, l.date
  FROM account_move_line l JOIN voip_account a ON a.id = l.voip_account_id
 WHERE l.move_id = ANY(%(moves)s) AND l.currency_id <> a.currency_id
"""
DELTA_SQL = """
WITH wanted AS (
    SELECT l.move_id, l.voip_account_id AS account_id,
           sum(l.voip_ledger_amount) AS ledger, 0 AS unbilled, 0 AS tax
      FROM account_move_line l JOIN account_move m ON m.id = l.move_id
     WHERE m.id = ANY(%(moves)s) AND m.state = 'posted'
       AND l.voip_account_id IS NOT NULL
     GROUP BY 1, 2
    UNION ALL
    SELECT s.move_id, s.payer_id, 0, -sum(s.amount), -sum(s.tax)
      FROM voip_usage_summary s JOIN account_move m ON m.id = s.move_id
     WHERE m.id = ANY(%(moves)s) AND m.state = 'posted'
     GROUP BY 1, 2
    UNION ALL
    SELECT e.move_id, e.account_id, -sum(e.ledger_delta), -sum(e.unbilled_delta),
           -sum(e.tax_delta)
      FROM voip_wallet_entry e
     WHERE e.move_id = ANY(%(moves)s)
     GROUP BY 1, 2
    UNION ALL
    SELECT p.move_id, p.account_id, -sum(p.ledger), -sum(p.unbilled), -sum(p.tax)
      FROM voip_wallet_pending p
     WHERE p.move_id = ANY(%(moves)s)
     GROUP BY 1, 2
)
SELECT w.move_id, w.account_id, sum(w.ledger)::text AS ledger,
       sum(w.unbilled)::text AS unbilled, sum(w.tax)::text AS tax, m.move_type,
       m.name, m.state = 'posted' AS posted,
       m.origin_payment_id AS payment_id
  FROM wanted w JOIN account_move m ON m.id = w.move_id
 GROUP BY w.move_id, w.account_id, m.id
HAVING sum(w.ledger) <> 0 OR sum(w.unbilled) <> 0 OR sum(w.tax) <> 0
 ORDER BY w.account_id, w.move_id
"""
