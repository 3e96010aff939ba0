from odoo import fields, models


class VoipDestinationPrefix(models.Model):
    _name = "voip.destination.prefix"
    _inherit = ["voip.guard"]
    _description = "VoIP Destination Prefix"
    _order = "prefix, id"
    _rec_name = "prefix"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    destination_id = fields.Many2one(
        "voip.destination",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="destination_id.company_id", store=True, precompute=True
    )
    prefix = fields.Char(
        required=True, help="1 to 15 digits of E.164, country code first, without +."
    )

    _prefix_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), prefix)", "A prefix belongs to one destination."
    )
    _prefix_digits = models.Constraint(
        "CHECK (prefix ~ '^[1-9][0-9]{0,14}$')",
        "A prefix has 1 to 15 digits and does not begin with 0.",
    )
    _prefix_index = models.Index("(prefix)")
