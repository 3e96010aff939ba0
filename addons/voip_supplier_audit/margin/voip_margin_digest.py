"""A mail to the billing managers about alerts that are new."""

from odoo import api, models

# More are counted, and seen on the page.
LISTED = 50


class VoipMarginAlert(models.Model):
    _inherit = "voip.margin.alert"

    @api.model
    def _mail_digest(self, company, alerts):
        """Mail what is new to each billing manager of a company, in his language."""
        if not alerts:
            return
        for user in company._digest_managers():
            told = self.with_context(lang=user.lang, tz=user.tz)
            told._mail_alerts(company, alerts.ids, user)

    def _mail_alerts(self, company, ids, user):
        alerts = self.browse(ids).sorted("margin")
        body = self.env["ir.qweb"]._render(
            "voip_supplier_audit.margin_digest",
            {
                "company": company,
                "alerts": alerts[:LISTED],
                "more": max(len(alerts) - LISTED, 0),
                "url": f"{self.get_base_url()}/odoo/action-{PAGE}",
            },
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.env._(
                    "%(company)s: margin too low on %(count)s destinations",
                    company=company.name,
                    count=len(alerts),
                ),
                "email_to": user.email_formatted,
                "email_from": company.email_formatted or user.email_formatted,
                "body_html": body,
                "auto_delete": True,
            }
        )


PAGE = "voip_supplier_audit.voip_margin_alert_action"
