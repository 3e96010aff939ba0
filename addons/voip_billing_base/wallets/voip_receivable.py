"""Wallets beside receivables, customer by customer."""

from odoo import fields, models

from ..const import MONEY
from ..fields import Amount

READ = {**MONEY, "readonly": True}


class VoipReceivable(models.Model):
    """One row for each wallet of a customer, one for what of his another customer's
    wallet pays, and one for what is in no wallet.

    The wallet's side and the side of the books are read apart, so that a difference
    shows.
    """

    _name = "voip.receivable"
    _inherit = ["voip.guard"]
    _description = "Wallet and Receivable"
    _auto = False
    _log_access = False
    _order = "partner_id, account_id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    account_id = fields.Many2one(
        "voip.account",
        readonly=True,
        help="Empty: open items of the customer that are in no wallet.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        "res.currency", string="Company Currency", readonly=True
    )
    ledger_balance = Amount(
        **READ, string="Wallet", help="Ledger balance of the wallet."
    )
    open_amount = Amount(
        **READ,
        string="Books",
        help="Minus what is open on the receivable lines of the wallet, each valued in "
        "the account's currency.",
    )
    difference = Amount(**READ, help="Wallet - books; it is always zero.")
    receivable = fields.Monetary(
        string="Open Receivable",
        currency_field="company_currency_id",
        readonly=True,
        help="What the customer owes on these lines, in the company's currency; below "
        "zero what he has in credit.",
    )

    @property
    def _table_query(self):
        return REPORT_SQL

    def action_view_items(self):
        """The open journal items behind the row."""
        self.check_access("read")
        self.ensure_one()
        domain = [
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("company_id", "=", self.company_id.id),
            ("voip_account_id", "=", self.account_id.id),
        ]
        if self.account_id.partner_id.commercial_partner_id != self.partner_id:
            domain.append(("partner_id", "child_of", self.partner_id.id))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_open_item_action"
        )
        return {**action, "domain": domain}


# Numbers of rows: wallets have their own, customers without wallet theirs below zero.
REPORT_SQL = """
WITH item AS (
    SELECT l.voip_account_id AS account_id, l.company_id, l.company_currency_id,
           p.commercial_partner_id AS partner_id,
           sum(l.amount_residual) AS receivable,
           sum(voip_line_open(l)) AS open_amount
      FROM account_move_line l
      JOIN account_account aa ON aa.id = l.account_id
           AND aa.account_type = 'asset_receivable'
      JOIN res_partner p ON p.id = l.partner_id
     WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
     GROUP BY 1, 2, 3, 4
), kept AS (
    SELECT account_id, sum(ledger) AS ledger FROM voip_wallet_pending GROUP BY 1
)
SELECT w.id, p.commercial_partner_id AS partner_id, a.id AS account_id, a.company_id,
       a.currency_id, c.currency_id AS company_currency_id,
       w.ledger_balance + COALESCE(k.ledger, 0) AS ledger_balance,
       COALESCE(i.open_amount, 0) AS open_amount,
       w.ledger_balance + COALESCE(k.ledger, 0) - COALESCE(i.open_amount, 0)
           AS difference,
       COALESCE(i.receivable, 0) AS receivable
  FROM voip_wallet w
  JOIN voip_account a ON a.id = w.account_id
  JOIN res_company c ON c.id = a.company_id
  JOIN res_partner p ON p.id = a.partner_id
  LEFT JOIN kept k ON k.account_id = a.id
  LEFT JOIN (SELECT i.account_id, sum(i.open_amount) AS open_amount,
                    sum(i.receivable) FILTER (
                        WHERE i.partner_id = ap.commercial_partner_id) AS receivable
               FROM item i JOIN voip_account a ON a.id = i.account_id
               JOIN res_partner ap ON ap.id = a.partner_id
              GROUP BY 1) i
    ON i.account_id = a.id
UNION ALL
SELECT -(i.account_id * 1000003 + i.partner_id), i.partner_id, i.account_id,
       a.company_id, a.currency_id, i.company_currency_id, 0, 0, 0, sum(i.receivable)
  FROM item i
  JOIN voip_account a ON a.id = i.account_id
  JOIN res_partner ap ON ap.id = a.partner_id
 WHERE i.partner_id <> ap.commercial_partner_id
 GROUP BY i.account_id, i.partner_id, a.company_id, a.currency_id,
          i.company_currency_id
UNION ALL
SELECT -min(i.partner_id) * 1000 - i.company_id, i.partner_id, NULL, i.company_id,
       i.company_currency_id, i.company_currency_id, 0, -sum(i.receivable),
       sum(i.receivable), sum(i.receivable)
  FROM item i
 WHERE i.account_id IS NULL
   AND EXISTS (SELECT FROM voip_account a JOIN res_partner ap ON ap.id = a.partner_id
                WHERE ap.commercial_partner_id = i.partner_id
                  AND a.company_id = i.company_id)
 GROUP BY i.partner_id, i.company_id, i.company_currency_id
"""
