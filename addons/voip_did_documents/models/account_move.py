"""The numbers of an invoice leave as a file, its annex."""

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.models.voip_guard import one
from odoo.addons.voip_documents.calls import calls_file
from odoo.addons.voip_documents.calls.account_move import PLAIN_ROWS
from odoo.addons.voip_documents.engine.cells import file_name


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_number_count = fields.Integer(
        string="Rented Numbers", compute="_compute_voip_number_count"
    )

    def _compute_voip_number_count(self):
        for move in self:
            move.voip_number_count = move.sudo()._voip_numbers_count()

    # === ACTION METHODS === #

    def action_voip_download_numbers(self):
        """The annex: each number with its fees, months and amounts."""
        self.check_access("read")
        one(self)
        return {
            "type": "ir.actions.act_url",
            "url": f"/voip/invoice/{self.id}/numbers/csv",
            "target": "self",
        }

    # === BUSINESS METHODS === #

    def _voip_numbers_count(self):
        """How many numbers its rental is of."""
        self.env.flush_all()
        self.env.cr.execute(COUNT_SQL, [self.invoice_line_ids.ids])
        return self.env.cr.fetchone()[0]

    def _voip_numbers_listed(self):
        """What each number was charged.

        :return: {number: [(fee, first and last day, amount as text)]}, in order: of
            what is charged the days that are paid for, of what is given back its months
        """
        self.env.flush_all()
        self.env.cr.execute(LISTED_SQL, [self.invoice_line_ids.ids])
        listed = {}
        for number, *charged in self.env.cr.fetchall():
            listed.setdefault(number, []).append(tuple(charged))
        return listed

    def _voip_numbers_file(self):
        """(file name, format, open file, size, SHA-256) of the annex.

        :raises UserError: there is no rental behind it
        """
        self.check_access("read")
        one(self)
        self.env["voip.did.charge"].check_access("read")
        charges = self.env["voip.did.charge"]
        lines = self.sudo().invoice_line_ids.ids
        rows = charges.search_count([("summary_id.move_line_id", "in", lines)])
        if not rows:
            raise UserError(
                self.env._("There is no rental of numbers in %s.", self.display_name)
            )
        format_ = "zip" if rows > PLAIN_ROWS else "csv"
        self.env.flush_all()
        cr = self.env.cr
        sql = cr._obj.mogrify(ANNEX_SQL, [lines]).decode()
        name = file_name(f"{self.name} numbers", format_)
        stem = name.removesuffix(f".{format_}")
        return name, format_, *calls_file.write(cr, sql, format_, stem)


COUNT_SQL = """
SELECT count(DISTINCT c.did_id) FROM voip_did_charge c
  JOIN voip_usage_summary s ON s.id = c.summary_id WHERE s.move_line_id = ANY(%s)
"""
LISTED_SQL = """
SELECT d.number, c.fee, min(GREATEST(c.month_first, a.date_start)),
       max(CASE WHEN c.amount >= 0 AND c.days > 0 THEN c.through ELSE c.month_last END),
       sum(c.amount)::text
  FROM voip_did_charge c
  JOIN voip_did_assignment a ON a.id = c.assignment_id
  JOIN voip_usage_summary s ON s.id = c.summary_id
  JOIN voip_did d ON d.id = c.did_id
 WHERE s.move_line_id = ANY(%s)
 GROUP BY d.number, c.fee ORDER BY d.number, c.fee DESC
"""
ANNEX_SQL = """
SELECT '+' || d.number AS "Number", a.code AS "Account", n.code AS "Country",
       d.kind AS "Kind", c.fee AS "Fee", c.month_first AS "Month From",
       c.month_last AS "Month To", c.days AS "Days", c.unit_price AS "Price",
       c.amount AS "Amount", k.name AS "Currency"
  FROM voip_did_charge c
  JOIN voip_usage_summary s ON s.id = c.summary_id
  JOIN voip_did d ON d.id = c.did_id
  JOIN voip_account a ON a.id = c.account_id
  JOIN res_currency k ON k.id = c.currency_id
  LEFT JOIN res_country n ON n.id = d.country_id
 WHERE s.move_line_id = ANY(%s)
 ORDER BY d.number, c.month_first, c.fee, c.turn
"""
