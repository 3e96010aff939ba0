"""Days on which a number was suspended."""

from odoo import fields, models

CAUSES = [("unpaid", "Rental not paid"), ("staff", "By staff")]


class VoipDidSuspension(models.Model):
    """From the first to the last day, both included; without a last one it goes on."""

    _name = "voip.did.suspension"
    _inherit = ["voip.guard"]
    _description = "Suspension of a Number"
    _order = "date_start desc, id desc"
    _rec_name = "did_id"
    _check_company_auto = True

    assignment_id = fields.Many2one(
        "voip.did.assignment",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    did_id = fields.Many2one(
        related="assignment_id.did_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="assignment_id.company_id", store=True, precompute=True, index=True
    )
    account_id = fields.Many2one(related="assignment_id.account_id")
    cause = fields.Selection(CAUSES, required=True, readonly=True, default="staff")
    reason = fields.Char(readonly=True)
    date_start = fields.Date(
        string="From", required=True, readonly=True, default=fields.Date.context_today
    )
    date_end = fields.Date(string="To", readonly=True, help="Empty: it goes on.")

    _dates_in_order = models.Constraint(
        "CHECK (date_end >= date_start)", "The last day is not before the first one."
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(assignment_id, assignment_id, '[]') WITH &&,"
        " daterange(date_start, date_end, '[]') WITH &&)",
        "The number is suspended on some of these days already.",
    )
