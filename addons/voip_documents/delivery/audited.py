"""By whom, from where and to whom mails go is audited, and compared with the audit.

Whoever changed the address of the provider's API in the database would read the
customers' papers; another sender, secret or network lets him speak for the company.
"""

from odoo import api, models

from ..secret import digest
from .events import BREVO
from .res_company import API

EVENT = "mail_settings"
# What they are where nothing was audited.
USUAL = {
    "voip_mail_provider": "smtp",
    "voip_mail_from": "",
    "voip_brevo_url": API,
    "voip_webhook_networks": BREVO,
}
# Told by their hash. A copy of the database has none of them, and mails nothing.
SECRETS = ("voip_brevo_key", "voip_webhook_digest")


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._voip_audit_mail({})
        return companies

    def write(self, vals):
        if not vals.keys() & {*USUAL, *SECRETS}:
            return super().write(vals)
        before = {company.id: company._voip_mail_settings() for company in self}
        result = super().write(vals)
        self._voip_audit_mail(before)
        return result

    def _voip_mail_settings(self):
        """{field: text}; of a secret its hash."""
        company = self.sudo()
        plain = {name: company[name] or "" for name in USUAL}
        hashed = {n: digest(company[n]) if company[n] else "" for n in SECRETS}
        return plain | hashed

    def _voip_audit_mail(self, before):
        """Audit what differs from ``before``, {id: settings}, else from the usual."""
        usual = USUAL | dict.fromkeys(SECRETS, "")
        for company in self:
            old, new = before.get(company.id, usual), company._voip_mail_settings()
            changed = {n: [old[n], new[n]] for n in new if old[n] != new[n]}
            if changed:
                self.env["voip.audit"]._log(EVENT, company, changed, company=company)


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [*super()._select_event(), (EVENT, self.env._("Mail settings changed"))]


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("mail_settings", "Mail of documents is set as last audited", SETTINGS),
        ]


def _values():
    """SQL of rows: field, what it is, what it usually is, whether it may be empty."""
    for name, usual in USUAL.items():
        yield f"('{name}', COALESCE(c.{name}, ''), '{usual}', false)"
    for name in SECRETS:
        hashed = f"encode(sha256(convert_to(NULLIF(c.{name}, ''), 'UTF8')), 'hex')"
        yield f"('{name}', COALESCE({hashed}, ''), '', true)"


SETTINGS = f"""
WITH said AS (
    SELECT DISTINCT ON (a.res_id, t.key) a.res_id AS id, t.key AS name,
           t.value ->> 1 AS value
      FROM voip_audit a CROSS JOIN LATERAL json_each(a.data::json) t
     WHERE a.event = '{EVENT}' AND a.res_model = 'res.company'
     ORDER BY a.res_id, t.key, a.seq DESC
)
SELECT count(*) FROM res_company c
 CROSS JOIN LATERAL (VALUES {", ".join(_values())}) v (name, value, usual, may_lack)
  LEFT JOIN said s ON s.id = c.id AND s.name = v.name
 WHERE v.value <> COALESCE(s.value, v.usual) AND NOT (v.may_lack AND v.value = '')
"""
