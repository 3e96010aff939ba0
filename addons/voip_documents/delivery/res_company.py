"""By whom the mails of a company go."""

from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..secret import digest
from .brevo import Brevo
from .mail import Away
from .smtp import Smtp

API = "https://api.brevo.com/v3"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ResCompany(models.Model):
    _inherit = "res.company"

    voip_mail_provider = fields.Selection(
        [("smtp", "Odoo's Outgoing Mail Server"), ("brevo", "Brevo")],
        string="Documents Are Mailed by",
        default="smtp",
        required=True,
    )
    voip_mail_from = fields.Char(
        string="Sender of Documents",
        help="Address that documents come from; empty: the company's own.",
    )
    voip_brevo_url = fields.Char(string="Address of Brevo's API", default=API)
    voip_brevo_key = fields.Char(
        string="API Key of Brevo", groups="base.group_system", copy=False
    )

    @api.constrains("voip_brevo_url")
    def _check_voip_brevo_url(self):
        for company in self:
            parts = urlsplit(company.voip_brevo_url or "https://x")
            own = parts.scheme == "http" and parts.hostname in LOOPBACK
            if not (own or (parts.scheme == "https" and parts.hostname)):
                raise ValidationError(
                    self.env._(
                        "The address of Brevo's API begins with https://, or its key "
                        "could be read on the way."
                    )
                )

    def _voip_mailer(self):
        """The provider of this company.

        :raises Away: it is not set up
        """
        company = self.sudo()
        if company.voip_mail_provider == "brevo":
            return company._voip_brevo()
        return Smtp(company._voip_smtp_session)

    def _voip_brevo(self):
        """The company's account of Brevo.

        :raises Away: it is not set up
        """
        company = self.sudo()
        if not (company.voip_brevo_key and company.voip_brevo_url):
            raise Away("no API key of Brevo is set")
        return Brevo(company.voip_brevo_key, company.voip_brevo_url)

    def _voip_brevo_account(self):
        """What tells this account of Brevo from another one; "" without any."""
        company = self.sudo()
        if company.voip_mail_provider != "brevo" or not company.voip_brevo_key:
            return ""
        # Of a key too long to be guessed.
        return digest(f"{company.voip_brevo_url} {company.voip_brevo_key}")[:16]

    def _voip_smtp_session(self):
        """A session of Odoo's outgoing mail server for the company's sender.

        :raises Away: there is no server, or this Odoo mails nothing
        :raises OSError, smtplib.SMTPException: it does not take the session
        """
        servers = self.env["ir.mail_server"].sudo()
        try:
            session = servers._connect__(smtp_from=self._voip_mail_sender()[1])
        except UserError as error:
            raise Away(" ".join(str(error).split())[:500]) from error
        if session is None:
            raise Away("Odoo is loading and mails nothing now")
        return session

    def _voip_mail_sender(self):
        """(name, address) that documents come from."""
        company = self.sudo()
        return company.name, company.voip_mail_from or company.email or ""


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    voip_mail_provider = fields.Selection(
        related="company_id.voip_mail_provider", readonly=False
    )
    voip_mail_from = fields.Char(related="company_id.voip_mail_from", readonly=False)
    voip_brevo_url = fields.Char(related="company_id.voip_brevo_url", readonly=False)
    voip_mail_hour = fields.Integer(related="company_id.voip_mail_hour", readonly=False)
    voip_webhook_networks = fields.Char(
        related="company_id.voip_webhook_networks", readonly=False
    )
    voip_brevo_new_key = fields.Char(
        string="API Key", help="What is stored is not shown; empty leaves it as it is."
    )

    def action_voip_new_webhook(self):
        """Show a new address and secret once; nothing of the secret is stored."""
        self.check_access("write")
        self.ensure_one()
        address, secret = self.company_id._voip_new_webhook()
        text = self.env._(
            "Address: %(address)s. Token: %(secret)s. Enter both at Brevo, "
            "authentication by bearer token; the token is not shown again.",
            address=address,
            secret=secret,
        )
        params = {"title": self.env._("Webhook"), "message": text, "sticky": True}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": params,
        }

    def set_values(self):
        result = super().set_values()
        if self.voip_brevo_new_key:
            self.company_id.voip_brevo_key = self.voip_brevo_new_key
            # The form's own row keeps nothing of it.
            self.voip_brevo_new_key = False
        return result
