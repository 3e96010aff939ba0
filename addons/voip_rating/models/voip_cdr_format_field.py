"""Fields of formats."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..formats import BadFormat, Line


class VoipCdrFormatField(models.Model):
    """One field of a call record and where it comes from."""

    _name = "voip.cdr.format.field"
    _description = "Field of a Call Record Format"
    _inherit = ["voip.guard"]
    _order = "format_id, sequence, id"
    _rec_name = "target"
    _check_company_auto = True

    format_id = fields.Many2one(
        "voip.cdr.format",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="format_id.company_id", store=True, index="btree_not_null"
    )
    sequence = fields.Integer(default=10)
    target = fields.Selection("_select_target", string="Field", required=True)
    source = fields.Char(
        string="From",
        help="Name of the column, or path of the JSON value (variables.uuid). "
        "a | b: the first that is not empty; a + b: both with a space between.",
    )
    transform = fields.Selection(
        "_select_transform", string="Read As", required=True, default="as_is"
    )
    argument = fields.Char(
        string="With",
        help="Table: a=b; c=d. Before or after a mark: the mark. Constant: the value.",
    )

    _target_uniq = models.Constraint(
        "UNIQUE(format_id, target)", "A format reads each field once."
    )
    _sequence_bounds = models.Constraint(
        "CHECK (sequence BETWEEN 0 AND 1000000)", "The order is 0 to 1,000,000."
    )

    @api.model
    def _select_target(self):
        return [(name, name) for name in Line.targets()]

    @api.model
    def _select_transform(self):
        return [(code, self.env._(name)) for code, name in Line.transforms().items()]

    # === CONSTRAINT METHODS === #

    @api.constrains("source", "transform", "argument", "target")
    def _check_line(self):
        for field in self:
            try:
                field._line()
            except BadFormat as error:
                raise ValidationError(error.sentence(self.env)) from error

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.format_id._refuse_shipped()
        lines.format_id._check_lines()
        lines._log_lines()
        return lines

    def write(self, vals):
        before = self.format_id
        before._refuse_shipped()
        result = super().write(vals)
        self.format_id._refuse_shipped()
        (before | self.format_id)._check_lines()
        self._log_lines()
        return result

    def unlink(self):
        formats = self.format_id
        result = super().unlink()
        formats._check_lines()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shipped(self):
        self.format_id._refuse_shipped()
        self._log_lines(gone=True)

    def _log_lines(self, gone=False):
        self.env.registry.clear_cache()
        for line in self:
            if line.company_id:
                said = "" if gone else f"{line.source or ''} ({line.transform})"
                self.env["voip.audit"]._log(
                    "format_change",
                    line.format_id,
                    {"code": line.format_id.code, line.target: said},
                    company=line.company_id,
                )

    def _line(self):
        return Line.of(
            self.target, self.source or "", self.transform, self.argument or ""
        )
