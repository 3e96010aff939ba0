"""What all companies share is changed by who works for each of them.

A template says where a customer pays: whoever changed the one of all companies would
put his own bank account on the invoices of others.
"""

from odoo import models

from odoo.addons.voip_billing_base.models.voip_shared import refused, works_for_all


class VoipDocumentTemplate(models.Model):
    _inherit = "voip.document.template"

    def _own_company(self):
        """The company of a template that the user makes: empty, which is all of them,
        only for who may change what is of all."""
        is_free = works_for_all(self.env)
        return self.env["res.company"] if is_free else self.env.company

    def _check_access(self, operation):
        shared = self.sudo().filtered(lambda template: not template.company_id)
        found = super()._check_access(operation)
        return found or refused(self, operation, shared.with_env(self.env))

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            self.check_access("write")
        return result


class VoipDocumentTemplateColumn(models.Model):
    _inherit = "voip.document.template.column"

    def _check_access(self, operation):
        shared = self.sudo().filtered(lambda one: not one.template_id.company_id)
        found = super()._check_access(operation)
        return found or refused(self, operation, shared.with_env(self.env))

    def write(self, vals):
        result = super().write(vals)
        if "template_id" in vals:
            self.check_access("write")
        return result
