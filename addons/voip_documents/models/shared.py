"""What all companies share is changed by who works for each of them.

A template says where a customer pays: whoever changed the one of all companies would
put his own bank account on the invoices of others.
"""

from odoo import models
from odoo.exceptions import AccessError

CHANGES = ("create", "write", "unlink")


def works_for_all(env):
    """Whether the user works for every company there is."""
    own = env.user.company_ids.ids
    return not env["res.company"].sudo().search_count([("id", "not in", own)], 1)


def refused(records, operation, shared):
    """As ``_check_access`` answers: None, or what is refused and its error.

    :param shared: those of ``records`` that are of no company
    """
    env = records.env
    if env.su or operation not in CHANGES or not shared:
        return None
    if works_for_all(env):
        return None
    sentence = env._(
        "%s is for all companies: only who works for each of them changes it. Make a "
        "copy for your company instead.",
        shared[:1].sudo().display_name,
    )
    return shared, lambda: AccessError(sentence)


class VoipDocumentTemplate(models.Model):
    _inherit = "voip.document.template"

    def _own_company(self):
        """The company of a template that the user makes: empty, which is all of them,
        only for who may change what is of all."""
        companies = self.env["res.company"]
        may = self.env.su or works_for_all(self.env)
        return companies if may else self.env.company

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
