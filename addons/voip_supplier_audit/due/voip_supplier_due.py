"""Payment calendar: which supplier's money is due on which day, what of it is held."""

import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

from .expected import expected_rows

READ = {"readonly": True}


class VoipSupplierDue(models.Model):
    """One open amount of a supplier and the day on which it falls due.

    Of posted bills and credit notes each open payable item, of invoices that are not
    decided what their bills will be due by. Suppliers are who has an agreement, or an
    invoice that is audited. Amounts are in the currency of the document; what the
    supplier owes is below nothing.
    """

    _name = "voip.supplier.due"
    _description = "Payment to a Supplier"
    _inherit = ["voip.guard", "voip.currency.sums"]
    _auto = False
    _log_access = False
    _order = "date_due, partner_id, id"
    _rec_name = "number"
    _depends = {
        "account.move": ["ref", "state", "voip_payment_hold"],
        "account.move.line": [
            "amount_residual_currency",
            "date_maturity",
            "reconciled",
        ],
        "voip.supplier.agreement": ["partner_id"],
        "voip.supplier.invoice": ["date", "number", "partner_id", "state", "total"],
    }

    company_id = fields.Many2one("res.company", **READ)
    partner_id = fields.Many2one("res.partner", string="Supplier", **READ)
    currency_id = fields.Many2one("res.currency", **READ)
    date_due = fields.Date(string="Due", **READ)
    number = fields.Char(help="As the supplier printed it.", **READ)
    invoice_id = fields.Many2one(
        "voip.supplier.invoice", string="Audited Invoice", **READ
    )
    move_id = fields.Many2one("account.move", string="Bill", **READ)
    state = fields.Selection(
        [
            ("expected", "Not Decided"),
            ("payable", "To Pay"),
            ("held", "Held"),
            ("credit", "To Our Credit"),
        ],
        help="Not decided: as it is decided so far. Held: disputed, no payment is"
        " registered. To our credit: what the supplier owes us.",
        **READ,
    )
    amount = Amount(string="Open", help="What is not paid or set off.", **MONEY, **READ)
    held = Amount(help="Of it, what is disputed and not paid.", **MONEY, **READ)
    payable = Amount(string="To Pay", help="Open minus held.", **MONEY, **READ)

    @api.depends("number", "partner_id", "payable", "held", "currency_id")
    def _compute_display_name(self):
        """What a day of the calendar shows: money first, it has room for little."""
        for due in self:
            held = due.held and not due.payable
            due.display_name = self.env._(
                "%(money)s%(held)s %(supplier)s %(number)s",
                supplier=due.partner_id.display_name or "",
                number=due.number or "",
                money=due.currency_id.format(due.amount),
                held=self.env._(" held") if held else "",
            )

    # Asked by the registry before there are tables: the rows themselves are below.
    _table_query = "SELECT 0"

    @property
    def _table_sql(self):
        # Terms of payment are Odoo's, and other add-ons': what is expected is computed
        # with them whenever it is asked, so that no change of terms leaves old days.
        for name, names in self._depends.items():
            self.env[name].flush_model(names)
        rows = json.dumps(expected_rows(self.env))
        return SQL("(%s)", SQL(DUE_SQL, rows=rows))

    def action_view_document(self):
        """The bill, or the invoice that is not decided."""
        self.check_access("read")
        self.ensure_one()
        shown = self.move_id or self.invoice_id
        return {
            "type": "ir.actions.act_window",
            "res_model": shown._name,
            "res_id": shown.id,
            "views": [(False, "form")],
        }

    @api.model
    def _calendar_action(self):
        """The calendar, in the month of the next day on which money is due."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_supplier_audit.voip_supplier_due_action"
        )
        today = fields.Date.context_today(self)
        first = self.search([("date_due", ">=", today)], limit=1)
        found = first or self.search([], order="date_due desc, id desc", limit=1)
        if found:
            action["context"] = {"initial_date": f"{found.date_due} 12:00:00"}
        return action


DUE_SQL = """
WITH supplier AS (
    SELECT partner_id FROM voip_supplier_agreement
     UNION SELECT partner_id FROM voip_supplier_invoice),
item AS (
    SELECT 2 * l.id::bigint AS id, l.company_id, p.commercial_partner_id AS partner_id,
           l.currency_id, COALESCE(l.date_maturity, l.date) AS date_due,
           COALESCE(NULLIF(m.ref, ''), m.name) AS number,
           m.voip_supplier_invoice_id AS invoice_id, m.id AS move_id,
           -l.amount_residual_currency AS amount, m.voip_payment_hold IS TRUE AS is_held
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id
       AND a.account_type = 'liability_payable'
      JOIN account_move m ON m.id = l.move_id
       AND m.move_type IN ('in_invoice', 'in_refund')
      JOIN res_partner p ON p.id = l.partner_id
     WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
       AND l.amount_residual_currency <> 0
       AND p.commercial_partner_id IN (SELECT partner_id FROM supplier))
SELECT id, company_id, partner_id, currency_id, date_due, number, invoice_id, move_id,
       CASE WHEN is_held THEN 'held' WHEN amount < 0 THEN 'credit'
            ELSE 'payable' END AS state,
       amount, CASE WHEN is_held THEN amount ELSE 0 END AS held,
       CASE WHEN is_held THEN 0 ELSE amount END AS payable
  FROM item
 UNION ALL
SELECT id, company_id, partner_id, currency_id, date_due, number, invoice_id,
       NULL AS move_id, 'expected' AS state, amount, held, amount - held AS payable
  FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS open (id bigint, company_id int, partner_id int, currency_id int,
             invoice_id int, number text, date_due date, amount numeric, held numeric)
"""
