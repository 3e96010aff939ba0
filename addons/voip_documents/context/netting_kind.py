"""Requests for netting as documents."""

from odoo import api, models
from odoo.exceptions import UserError

from ..netting.document import context_of
from ..netting.sample import sample_request
from .figures import layout_of
from .subject import Subject

COLUMNS = (
    ("Currency", "line.currency", "text", -1, 9),
    ("Document", "line.number", "text", -1, 22),
    ("Reference", "line.reference", "text", -1, 22),
    ("Date", "line.date", "date", -1, 12),
    ("Due", "line.due", "date", -1, 12),
    ("Open", "line.open", "number", -1, 14),
    ("In Favour of Us", "line.theirs", "number", -1, 14),
    ("In Favour of You", "line.ours", "number", -1, 14),
    ("Netted", "line.netted", "number", -1, 14),
    ("Left Out Because", "line.why_text", "text", -1, 24),
)


class VoipDocumentKindNetting(models.AbstractModel):
    _name = "voip.document.kind.netting"
    _inherit = "voip.document.kind"
    _description = "Netting Requests"
    _rank = 50
    _body = "voip_documents/templates/netting_request.html"
    _heads = COLUMNS

    def _label(self):
        return self.env._("Netting Request")

    # === SUBJECTS === #

    @api.model
    def _named(self, record, account, first, last):
        self._refuse_range(first, last)
        if not isinstance(record, str) or not record:
            raise UserError(self.env._("record is the number of a netting."))
        mine = ("company_id", "in", self.env.companies.ids)
        found = self.env["voip.netting"].search([("name", "=", record), mine], limit=2)
        if len(found) != 1:
            raise UserError(self.env._("record: there is no netting %s.", record[:60]))
        return self._of_netting(found, self._named_account(account, found.company_id))

    @api.model
    def _of_netting(self, netting, account=None):
        """The subject of a netting; a partner's accounts have no say in it."""
        account = self.env["voip.account"] if account is None else account
        return Subject(netting, netting.company_id, netting.partner_id, account)

    @api.model
    def _moment(self, subject):
        asked = subject.record.requested_at
        return asked.date() if asked else super()._moment(subject)

    @api.model
    def _previewed(self, template):
        """The last netting that was asked for."""
        companies = template.company_id or self.env.companies
        found = self.env["voip.netting"].search(
            [("company_id", "in", companies.ids), ("state", "!=", "draft")],
            order="id desc",
            limit=1,
        )
        return self._of_netting(found) if found else None

    @api.model
    def _sample(self):
        code = self.env.lang or "en_US"
        layout = layout_of(self.env, code, self.env.company.currency_id)
        return sample_request(self.env, layout, self._language(code))

    # === DATA === #

    @api.model
    def _data(self, subject, lang=None):
        return context_of(subject.record, lang)
