"""Statements go out by themselves: each month's, once it is over."""

from odoo import api, fields, models

MONTH = {
    "which": "a.send_statements AND a.payer_id = a.id",
    "first": "date_trunc('month', clock) - interval '1 month'",
    "ends": "date_trunc('month', clock)",
    "since": "send_statements_since",
    "fault": "statement_fault_of",
    # One for all accounts of the customer, whichever of them has it sent.
    "mine": """CASE WHEN due.send_customer_statement
                    THEN d.account_id IS NULL AND d.partner_id = due.customer_id
                         AND d.company_id = due.company_id
                    ELSE d.account_id = due.id END""",
}


class VoipAccount(models.Model):
    _inherit = "voip.account"

    send_statements = fields.Boolean(
        string="Send Statements Monthly",
        tracking=True,
        help="The statement of each month is mailed once the month is over, at the "
        "company's hour, in the account's time zone.",
    )
    send_customer_statement = fields.Boolean(
        string="Of All the Customer's Accounts",
        tracking=True,
        help="The statement sent monthly has all that the customer has with the company"
        " and goes to the contacts for statements of all its accounts, once, also where"
        " several accounts have it sent.",
    )
    send_statements_since = fields.Date(readonly=True, copy=False)
    statement_fault_of = fields.Date(readonly=True, copy=False)

    def write(self, vals):
        """Months that were over went out already, as what it was before."""
        changed = self.browse()
        if "send_customer_statement" in vals:
            whole = bool(vals["send_customer_statement"])
            changed = self.filtered(
                lambda a: a.send_statements and a.send_customer_statement != whole
            )
        result = super().write(vals)
        changed._send_from_now("send_statements_since")
        return result

    @api.model
    def _report_switches(self):
        switches = super()._report_switches()
        return {**switches, "send_statements": "send_statements_since"}


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    @api.model
    def _reports(self):
        return {**super()._reports(), "statement": MONTH}

    @api.model
    def _queue_report(self, kind, account, first, last, send_at):
        if kind == "statement" and account.send_customer_statement:
            return self._queue_customer_statement(
                account.partner_id, account.company_id, first, last, send_at
            )
        if kind == "statement":
            return self._queue_statement(account, first, last, send_at)
        return super()._queue_report(kind, account, first, last, send_at)
