"""Usage reports go out by themselves: each week's or each month's, once it is over."""

from odoo import api, fields, models

SPAN = "CASE send_usage WHEN 'weekly' THEN 'week' ELSE 'month' END"
USAGE = {
    "which": "a.send_usage IS NOT NULL",
    # Weeks begin on Monday.
    "first": f"date_trunc({SPAN}, clock) - ('1 ' || {SPAN})::interval",
    "ends": f"date_trunc({SPAN}, clock)",
    "since": "send_usage_since",
    "fault": "usage_fault_of",
}


class VoipAccount(models.Model):
    _inherit = "voip.account"

    send_usage = fields.Selection(
        [("weekly", "Weekly"), ("monthly", "Monthly")],
        string="Send Usage Reports",
        tracking=True,
        help="What the account and those below it used is mailed once the week (Monday "
        "to Sunday) or the month is over, at the company's hour, in the account's time "
        "zone. Empty: never.",
    )
    send_usage_since = fields.Date(readonly=True, copy=False)
    usage_fault_of = fields.Date(readonly=True, copy=False)

    @api.model
    def _report_switches(self):
        return {**super()._report_switches(), "send_usage": "send_usage_since"}


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    @api.model
    def _reports(self):
        return {**super()._reports(), "usage": USAGE}

    @api.model
    def _queue_report(self, kind, account, first, last, send_at):
        if kind == "usage":
            return self._queue_usage(account, first, last, send_at)
        return super()._queue_report(kind, account, first, last, send_at)
