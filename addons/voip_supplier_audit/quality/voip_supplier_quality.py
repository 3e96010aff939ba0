"""One agreed term about a supplier's quality."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import quality

FIGURES = ("threshold", "percent", "step", "most", "least_attempts")
FIGURE = {"digits": (16, 4), "aggregator": None}


class VoipSupplierQuality(models.Model):
    """A penalty or a bonus on a measure of a month's calls, as the agreement says."""

    _name = "voip.supplier.quality"
    _inherit = ["voip.guard"]
    _description = "Quality Term"
    _order = "agreement_id, measure, kind, threshold, id"
    _check_company_auto = True

    agreement_id = fields.Many2one(
        "voip.supplier.agreement",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="agreement_id.company_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(
        [(quality.PENALTY, "Penalty below"), (quality.BONUS, "Bonus from")],
        required=True,
        default=quality.PENALTY,
        help="A penalty is what the supplier credits, a bonus is what he may charge.",
    )
    measure = fields.Selection(
        [("asr", "ASR (%)"), ("acd", "ACD (s)")],
        required=True,
        default="asr",
        help="ASR: answered calls of all attempts. ACD: average duration of an answered"
        " call. Of our own calls of the month, in the agreement's zone.",
    )
    threshold = fields.Float(required=True, **FIGURE)
    percent = fields.Float(
        string="Of the Usage (%)",
        required=True,
        help="Of what the month's calls cost us, in the agreement's currency.",
        **FIGURE,
    )
    step = fields.Float(
        string="For Each",
        help="The percentage counts for each full step beyond the threshold. Empty:"
        " once.",
        **FIGURE,
    )
    most = fields.Float(string="At Most (%)", help="Empty: no limit.", **FIGURE)
    least_attempts = fields.Integer(
        string="From Attempts",
        default=1000,
        aggregator=None,
        help="A month of fewer attempts says nothing about quality.",
    )

    _figures = models.Constraint(
        "CHECK (threshold >= 0 AND percent > 0 AND percent <= 100 AND step >= 0"
        " AND most BETWEEN 0 AND 100 AND least_attempts >= 0)",
        "A term has a percentage above 0 and at most 100; nothing of it is below zero.",
    )

    # === COMPUTE METHODS === #

    @api.depends("kind", "measure", "threshold")
    def _compute_display_name(self):
        for term in self:
            kind, measure = (
                dict(term._fields[name]._description_selection(self.env)).get(
                    term[name], ""
                )
                for name in ("kind", "measure")
            )
            term.display_name = f"{measure}: {kind} {term.threshold:g}"

    # === CONSTRAINT METHODS === #

    @api.constrains("measure", "threshold")
    def _check_threshold(self):
        for term in self:
            if term.measure == "asr" and term.threshold > 100:
                raise ValidationError(
                    self.env._(
                        "%(term)s: an ASR is at most 100 %%, give a lower threshold.",
                        term=term.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(vals_list)
        terms._log_change()
        return terms

    def write(self, vals):
        result = super().write(vals)
        self._log_change()
        return result

    def unlink(self):
        agreements = self.agreement_id
        result = super().unlink()
        agreements.exists()._log_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._refuse_decided()

    def _refuse_decided(self):
        """Take drafts of the terms away.

        :raises UserError: what a term came to is confirmed or dropped
        """
        proposals = self.env["voip.supplier.proposal"].sudo()
        proposals = proposals.search([("term_id", "in", self.ids)])
        if decided := proposals.filtered(lambda one: one.state != "draft")[:1]:
            raise UserError(
                self.env._(
                    "%(proposal)s is decided by this term, which stays: end the"
                    " agreement, and make one without the term.",
                    proposal=decided.display_name,
                )
            )
        proposals.unlink()

    def _log_change(self):
        self.env.flush_all()
        self.agreement_id._log_change()


class VoipSupplierAgreement(models.Model):
    _inherit = "voip.supplier.agreement"

    quality_ids = fields.One2many(
        "voip.supplier.quality", "agreement_id", string="Quality Terms", copy=True
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_quality(self):
        self.quality_ids._refuse_decided()

    def _audit_data(self):
        """What is agreed on quality is in the audit trail, too."""
        terms = self.quality_ids.sorted("id")
        return super()._audit_data() | {
            "quality": [
                {name: term[name] for name in ("kind", "measure", *FIGURES)}
                for term in terms
            ]
        }
