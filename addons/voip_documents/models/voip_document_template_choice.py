"""Which template an account gets, and why."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..const import FORMATS


class VoipDocumentTemplate(models.Model):
    _inherit = "voip.document.template"

    @api.model
    def _chosen(self, kind, format_, company, account):
        """The most specific template; its reason in words.

        :param account: may be empty
        :return: (template, sentence)
        :raises UserError: there is none
        """
        choices = self._choices(company, account)
        domain = Domain.OR(one for one, _reason in choices)
        mine = [("kind", "=", kind), ("format", "=", format_)]
        found = self.sudo().search(Domain(mine) & domain)
        for one, reason in choices:
            template = found.filtered_domain(one)[:1]
            if template.version_id:
                return template, reason
        raise UserError(
            self.env._(
                "There is no template for %(kind)s as %(format)s: make one in Billing, "
                "Documents, Templates.",
                kind=dict(self.env["voip.document.kind"]._kinds())[kind],
                format=dict(FORMATS)[format_],
            )
        )

    def _choices(self, company, account):
        """(domain, reason), the most specific first; a sub-account falls back on those
        above it, a branch on its company."""
        choices = []
        above = account
        while above:
            reason = self.env._("template of account %s", above.display_name)
            choices.append(([("account_id", "=", above.id)], reason))
            above = above.parent_id
        plain = ("account_id", "=", False)
        above = company.sudo()
        while above:
            reason = self.env._("template of company %s", above.name)
            choices.append(([("company_id", "=", above.id), plain], reason))
            above = above.parent_id
        reason = self.env._("template for all companies")
        choices.append(([("company_id", "=", False), plain], reason))
        return choices
