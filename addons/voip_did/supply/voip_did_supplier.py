"""How a supplier of numbers counts their rental."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class VoipDidSupplier(models.Model):
    """Terms of a supplier of numbers; without any: months of the calendar, by day."""

    _name = "voip.did.supplier"
    _inherit = ["mail.thread", "voip.guard"]
    _description = "Supplier of Numbers"
    _order = "partner_id, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('parent_id', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    invoice_day = fields.Integer(
        string="First Day of Months",
        required=True,
        default=1,
        aggregator=None,
        tracking=True,
        help="1 to 28: the day on which his months of rental begin.",
    )
    prorate = fields.Selection(
        [("day", "By the day"), ("whole", "Whole months only")],
        string="Parts of Months",
        required=True,
        default="day",
        tracking=True,
    )

    _partner_uniq = models.Constraint(
        "UNIQUE (company_id, partner_id)", "This supplier has terms already."
    )
    _day_bounds = models.Constraint(
        "CHECK (invoice_day BETWEEN 1 AND 28)", "Months begin on day 1 to 28."
    )

    @api.model_create_multi
    def create(self, vals_list):
        found = super().create(vals_list)
        found._refuse_counted("invoice_day", {one: 1 for one in found})
        return found

    def write(self, vals):
        before = {one: one.invoice_day for one in self}
        result = super().write(vals)
        self._refuse_counted("invoice_day", before)
        return result

    def _refuse_counted(self, name, before):
        """Months that were counted stay: others would lie over them.

        :raises UserError: naming the supplier
        """
        costs = self.env["voip.did.cost"].sudo()
        for one, said in before.items():
            if one[name] != said and costs.search_count(
                [
                    ("supplier_id", "=", one.partner_id.id),
                    ("company_id", "=", one.company_id.id),
                ],
                limit=1,
            ):
                raise UserError(
                    self.env._(
                        "Months of %s are counted already: their first day stays.",
                        one.partner_id.display_name,
                    )
                )
