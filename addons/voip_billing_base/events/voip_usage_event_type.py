"""The registry of event types: what can be counted is one record here."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..models.voip_shared import company_unless_all

CATEGORIES = [
    ("voice", "Voice"),
    ("messaging", "Messaging"),
    ("email", "E-mail"),
    ("ai", "AI"),
    ("lookup", "Number Queries"),
    ("media", "Recording and Transcription"),
    ("other", "Other"),
]


class VoipUsageEventType(models.Model):
    """A kind of usage events. Who sends them names it by its code."""

    _name = "voip.usage.event.type"
    _inherit = ["voip.shared", "voip.guard"]
    _description = "Event Type"
    _order = "category, code, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="What events name it by, for example sms_outbound: small letters, digits "
        "and underscores.",
    )
    active = fields.Boolean(
        default=True, help="Events of an archived type go to the event errors."
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: company_unless_all(self.env),
        help="Empty: for all companies. A company's own type comes first.",
    )
    unit = fields.Char(
        required=True,
        translate=True,
        help="What one unit is: message, call, token, page, minute, query.",
    )
    category = fields.Selection(
        CATEGORIES,
        required=True,
        default="other",
        help="Types of a category are one colour of the usage page.",
    )
    is_priced = fields.Boolean(
        string="Charged",
        help="Its events have a price, and without one they are errors. Else they are"
        " only counted.",
    )
    service_id = fields.Many2one(
        "voip.service",
        check_company=True,
        ondelete="restrict",
        help="What invoices book its events by. One that is counted in units.",
    )
    description = fields.Text(translate=True)

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "This event type exists already: choose another code.",
    )
    _code_form = models.Constraint(
        "CHECK (code ~ '^[a-z0-9_]{1,64}$')",
        "The code of an event type has 1 to 64 small letters, digits and underscores.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("is_priced", "service_id")
    def _check_service(self):
        for kind in self.filtered("is_priced"):
            if not kind.service_id or kind.service_id.unit != "unit":
                raise ValidationError(
                    self.env._(
                        "%s is charged: choose a service that is counted in units.",
                        kind.name,
                    )
                )
