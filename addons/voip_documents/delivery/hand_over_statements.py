"""Statements go out by themselves: each month's, once it is over."""

from odoo import api, fields, models

MONTH = {
    "which": "a.send_statements AND a.payer_id = a.id",
    "first": "date_trunc('month', clock) - interval '1 month'",
    "ends": "date_trunc('month', clock)",
    "since": "send_statements_since",
    "fault": "statement_fault_of",
}


class VoipAccount(models.Model):
    _inherit = "voip.account"

    send_statements = fields.Boolean(
        string="Send Statements Monthly",
        tracking=True,
        help="The statement of each month is mailed once the month is over, at the "
        "company's hour, in the account's time zone.",
    )
    send_statements_since = fields.Date(readonly=True, copy=False)
    statement_fault_of = fields.Date(readonly=True, copy=False)

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
        if kind == "statement":
            return self._queue_statement(account, first, last, send_at)
        return super()._queue_report(kind, account, first, last, send_at)
