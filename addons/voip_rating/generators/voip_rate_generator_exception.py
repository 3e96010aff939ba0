from odoo import fields, models


class VoipRateGeneratorException(models.Model):
    """A code that a mark-up leaves alone."""

    _name = "voip.rate.generator.exception"
    _inherit = ["voip.rate.generator.part"]
    _description = "VoIP Rate Mark-up Exception"
    _order = "prefix, id"
    _rec_name = "prefix"
    _check_company_auto = True

    prefix = fields.Char(string="Code", required=True, help="Such as 4479.")
    is_below = fields.Boolean(
        string="Longer Codes Too",
        default=True,
        help="All codes that begin with this one are left alone.",
    )
    note = fields.Char(help="Why it is left alone.")

    _prefix_uniq = models.UniqueIndex(
        "(generator_id, prefix)", "The code is an exception already."
    )
    _prefix_digits = models.Constraint(
        "CHECK (prefix ~ '^[1-9][0-9]{0,14}$')",
        "A code has 1 to 15 digits and does not begin with 0.",
    )
