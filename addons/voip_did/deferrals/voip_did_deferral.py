"""Month-ends of deferred revenue: what was charged in advance and is not earned yet."""

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount, BigInteger
from odoo.addons.voip_billing_base.notice import notice


class VoipDidDeferral(models.Model):
    """A company's month-end: opening + added - recognised = closing, and its entry.

    Written whole by the run and never changed; what is found later is in the next one.
    """

    _name = "voip.did.deferral"
    _inherit = ["voip.append.only"]
    _description = "Month-End of Deferred Revenue"
    _log_access = True
    _order = "date_end desc, id desc"
    _rec_name = "date_end"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency"
    )
    date_end = fields.Date(string="Month-End", required=True, readonly=True)
    date_posted = fields.Date(
        string="Posted on",
        required=True,
        readonly=True,
        help="The month-end, or the first day that is not locked.",
    )
    account_id = fields.Many2one(
        "account.account",
        string="Deferred Revenue Account",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Journal Entry",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty where nothing was deferred nor recognised.",
    )
    opening = Amount(required=True, readonly=True, **MONEY)
    added = Amount(required=True, readonly=True, **MONEY)
    recognised = Amount(required=True, readonly=True, **MONEY)
    closing = Amount(required=True, readonly=True, **MONEY)
    line_count = fields.Integer(
        string="Spans", required=True, readonly=True, aggregator=None
    )
    message = fields.Text(readonly=True)
    last_line = BigInteger(
        required=True,
        readonly=True,
        aggregator=None,
        help="The highest number of a journal item that was there.",
    )
    last_charge = BigInteger(
        required=True,
        readonly=True,
        aggregator=None,
        help="The highest number of a charge of rental that was there.",
    )
    ledger = Amount(
        string="In the Ledger",
        compute="_compute_ledger",
        help="Credit balance of the deferred revenue account on the day of the entry.",
        **MONEY,
    )
    difference = Amount(
        compute="_compute_ledger",
        help="Ledger - closing: what others booked on the account.",
        **MONEY,
    )

    _once = models.UniqueIndex(
        "(company_id, date_end)", "This month-end is done already."
    )
    _bounds = models.Constraint(
        "CHECK (closing = opening + added - recognised"
        " AND closing BETWEEN -1000000000000000 AND 1000000000000000"
        " AND date_posted >= date_end)",
        "A month-end is out of bounds.",
    )

    def init(self):
        install_append_only(self.env.cr, self._table)

    # === COMPUTE METHODS === #

    def _compute_display_name(self):
        for deferral in self:
            day = format_date(self.env, deferral.date_end)
            deferral.display_name = self.env._("Month-end %s", day)

    def _compute_ledger(self):
        """The credit balance of each one's account when its entry was booked.

        A later month-end that was booked on the same day, for the earlier one was
        locked, does not count in it.
        """
        self.env["account.move.line"].flush_model()
        self.env.cr.execute(LEDGER_SQL, [self.ids])
        found = dict(self.env.cr.fetchall())
        for deferral in self:
            deferral.ledger = found.get(deferral.id, 0.0)
            deferral.difference = deferral.ledger - deferral.closing

    # === ACTION METHODS === #

    def action_run(self):
        """Do the month-ends that are over and not done yet.

        :raises AccessError: the user is no billing manager
        """
        self.check_access("read")
        if not self.env.user.has_group("voip_billing_base.group_voip_manager"):
            raise AccessError(self.env._("Only a billing manager does month-ends."))
        deferring = self.env.companies.sudo().filtered("voip_deferral_account_id")
        done = [
            day
            for company in deferring or self.env.company.sudo()
            for day in self.sudo()._run_company(company)
        ]
        names = ", ".join(format_date(self.env, day) for day in sorted(set(done)))
        text = (
            self.env._("Done: %s.", names)
            if done
            else self.env._("Every month that is over is done already.")
        )
        return notice(text, "success" if done else "info")

    def action_view_lines(self):
        """The invoice lines behind the month-end, by customer's account."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_did.voip_did_deferral_line_action"
        )
        return action | {
            "domain": [("deferral_id", "=", self.id)],
            "context": {"search_default_group_account": 1},
        }

    def action_view_entry(self):
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(False, "form")],
        }

    def action_download(self):
        """The month-end as a workbook."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/voip/did_deferral/{self.id}/deferred-revenue.xlsx",
            "target": "download",
        }


LEDGER_SQL = """
SELECT d.id, COALESCE(-sum(l.balance), 0)::float
  FROM voip_did_deferral d
  JOIN account_move_line l ON l.account_id = d.account_id
   AND l.company_id = d.company_id AND l.parent_state = 'posted'
   AND l.date <= d.date_posted
 WHERE d.id = ANY(%s)
   AND NOT EXISTS (SELECT FROM voip_did_deferral n
                    WHERE n.move_id = l.move_id AND n.date_end > d.date_end)
 GROUP BY d.id
"""
