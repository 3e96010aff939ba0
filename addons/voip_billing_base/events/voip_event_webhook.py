"""Webhooks of providers that count: their address, their secret, what they posted."""

import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..charge.transaction import run_money
from ..engine.event_webhook import BadPost, public_key

SECRET_TABLE = """
CREATE TABLE IF NOT EXISTS voip_event_webhook_secret (
    webhook_id integer PRIMARY KEY REFERENCES voip_event_webhook (id) ON DELETE CASCADE,
    secret text NOT NULL
)
"""


class VoipEventWebhook(models.Model):
    """An address that a provider posts to, and what proves that it is the provider."""

    _name = "voip.event.webhook"
    _inherit = ["voip.write.only", "voip.guard"]
    _description = "Event Webhook"
    _order = "name, id"
    _check_company_auto = True

    _secret_table = "voip_event_webhook_secret"
    _secret_link = "webhook_id"
    _secret_name = "secret"
    _secret_event = "event_webhook_secret"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    provider = fields.Selection(
        [("twilio", "Twilio"), ("sendgrid", "SendGrid")],
        required=True,
        default="twilio",
    )
    account_id = fields.Many2one(
        "voip.account",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        help="Whose events they are, unless a post names another account.",
    )
    ref = fields.Char(
        readonly=True,
        copy=False,
        required=True,
        default=lambda self: secrets.token_hex(16),
    )
    url = fields.Char(string="Address", compute="_compute_url")
    secret = fields.Char(
        string="New Secret",
        compute="_compute_secret",
        inverse="_inverse_secret",
        help="Twilio: the auth token. SendGrid: the verification key of its signed"
        " event webhook. It is kept, and never shown again.",
    )
    has_secret = fields.Boolean(compute="_compute_secret")
    last_post = fields.Datetime(readonly=True, copy=False)
    refused_count = fields.Integer(
        string="Refused",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Posts without a valid signature, or that are no events.",
    )
    last_refusal = fields.Char(readonly=True, copy=False)

    _ref_uniq = models.Constraint("UNIQUE (ref)", "A webhook has its own address.")

    def init(self):
        self.env.cr.execute(SECRET_TABLE)

    # === COMPUTE METHODS === #

    @api.depends("ref", "provider")
    def _compute_url(self):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        for webhook in self:
            webhook.url = f"{base}/voip/events/{webhook.provider}/{webhook.ref}"

    # === CRUD METHODS === #

    def write(self, vals):
        # What proves one provider proves no other.
        if "provider" in vals and any(w.provider != vals["provider"] for w in self):
            raise UserError(self.env._("Make another webhook for another provider."))
        return super().write(vals)

    # === HOOKS === #

    def _check_secret(self, secret):
        if self.provider == "sendgrid":
            try:
                public_key(secret)
            except BadPost as error:
                raise UserError(str(error)) from error

    # === BUSINESS METHODS === #

    @api.model
    def _of_ref(self, provider, ref):
        """(webhook, its secret) of an address; (none, None)."""
        webhook = self.sudo().search(
            [("ref", "=", ref), ("provider", "=", provider)], limit=1
        )
        return webhook, webhook._secrets().get(webhook.id)

    def _take(self, events):
        """Keep events of a post; sent again they are there already.

        :param list events: as the door takes them, without ``source``
        :return: the answer of the door
        """
        self.ensure_one()
        named = [{**event, "source": f"{self.provider}-{self.id}"} for event in events]
        company = self.company_id.id

        def keep(env):
            events = env["voip.usage.event"].sudo()
            answer = events._keep(company, named, conflicts=False)
            # Twilio tells of a message when it leaves and when it arrives.
            told = [e for e in answer["errors"] if e["code"] != "conflict"]
            again = len(answer["errors"]) - len(told)
            why = told[0]["message"] if told else None
            env.cr.execute(TOLD_SQL, [why, len(told), self.id])
            again += answer["duplicates"]
            return {**answer, "errors": told, "duplicates": again}

        answer = run_money(self.env, keep)
        self.invalidate_recordset()
        return answer

    def _refuse(self, why):
        """Keep that a post was refused; nothing of the post is kept."""
        run_money(self.env, lambda env: env.cr.execute(REFUSED_SQL, [why, self.id]))
        self.invalidate_recordset()


TOLD_SQL = """
UPDATE voip_event_webhook
   SET last_post = now() AT TIME ZONE 'UTC',
       last_refusal = COALESCE(%s, last_refusal),
       refused_count = COALESCE(refused_count, 0) + %s
 WHERE id = %s
"""
REFUSED_SQL = """
UPDATE voip_event_webhook
   SET refused_count = COALESCE(refused_count, 0) + 1, last_refusal = %s
 WHERE id = %s
"""
