"""Texts of mails that are templates at Brevo instead of Odoo's."""

from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.notice import notice

from .mail import Away, Refused


class VoipBrevoTemplate(models.Model):
    """Which template of Brevo a company's mails of a kind use.

    Brevo gets ``templateId`` and ``params`` then, see docs/delivery.md; without a row
    the text is that of Odoo's email template.
    """

    _name = "voip.brevo.template"
    _inherit = ["voip.guard"]
    _description = "Template at Brevo"
    _order = "company_id, kind"
    _rec_name = "kind"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    kind = fields.Selection(
        lambda self: self.env["voip.delivery"]._fields["kind"]._description_selection(
            self.env
        ),
        string="Document",
        required=True,
    )
    number = fields.Integer(
        string="Template ID",
        required=True,
        aggregator=None,
        help="Brevo shows it in its list of templates, e.g. 12.",
    )
    title = fields.Char(
        string="Name at Brevo",
        readonly=True,
        copy=False,
        help="As Brevo said when it was last asked.",
    )

    _once = models.Constraint(
        "UNIQUE(company_id, kind)", "This company has a template for this document."
    )
    _number_positive = models.Constraint(
        "CHECK (number > 0)", "The ID of a template is a number from 1 on."
    )

    def write(self, vals):
        """A name is that of the ID it was asked for with."""
        result = super().write(vals)
        if "number" in vals:
            self.sudo().title = False
        return result

    def action_check(self):
        """Ask Brevo for the template.

        :raises UserError: it has none of this ID, it is inactive, or does not answer
        """
        self.check_access("write")
        self.ensure_one()
        try:
            title, is_active = self.company_id._voip_brevo().template(self.number)
        except (Away, Refused) as error:
            raise UserError(
                self.env._(
                    "Template %(number)s was not found: %(reason)s. Compare the ID "
                    "with the list of templates at Brevo.",
                    number=self.number,
                    reason=error.reason,
                )
            ) from error
        self.sudo().title = title
        if not is_active:
            raise UserError(
                self.env._("%s is not active at Brevo: activate it there.", title)
            )
        return notice(self.env._("Brevo has this template: %s.", title))


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    brevo_template = fields.Integer(
        string="Template at Brevo", readonly=True, copy=False, aggregator=None
    )

    @api.model
    def _template_number(self, company, kind):
        rows = self.env["voip.brevo.template"].sudo()
        domain = [("company_id", "=", company.id), ("kind", "=", kind)]
        return rows.search(domain).number

    def _params(self):
        """What a template at Brevo is given: texts by their names."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return {
            "subject": self.subject or "",
            "kind": kinds[self.kind],
            "document": self._document_name(),
            "company": self.company_id.name,
            "customer": self.partner_id.name or "",
            "account": self.account_id.code or "",
            "date_from": str(self.date_from or ""),
            "date_to": str(self.date_to or ""),
            "language": self.lang or "",
        }

    def _document_name(self):
        """The number of what the mail is about; "" where it has none."""
        return self.move_id.name or ""

    def _task(self, is_asked):
        task = super()._task(is_asked)
        if self.provider != "brevo":
            return task
        number = self._template_number(self.company_id, self.kind)
        if not is_asked:
            self.brevo_template = number
        if not number:
            return task
        params = self.with_context(lang=self.lang)._params()
        return replace(task, mail=replace(task.mail, template=number, params=params))
