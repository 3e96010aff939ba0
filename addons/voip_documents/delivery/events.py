"""What Brevo tells of mails that left: it informs, and changes nothing else.

An event says what became of a mail at one address. The same event twice is one; in
whatever order they come, an address has the highest state that was ever told. A hard
bounce pauses the address: it gets no mail until staff say so.
"""

import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

from ..secret import digest
from .states import EVENT_NAMES, EVENTS, LEFT, PAUSING, RANKS, summed_up
from .webhook import networks

# Networks that Brevo names for its webhooks.
BREVO = "1.179.112.0/20 172.246.240.0/20"


class VoipDeliveryEvent(models.Model):
    _name = "voip.delivery.event"
    _inherit = ["voip.guard"]
    _description = "Event of a Mail"
    _order = "at desc, id desc"
    _rec_name = "name"
    _check_company_auto = True

    delivery_id = fields.Many2one(
        "voip.delivery",
        string="Mail",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="delivery_id.company_id", store=True, index=True
    )
    name = fields.Selection(EVENT_NAMES, string="Event", required=True, readonly=True)
    email = fields.Char(string="Address", required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True)
    reason = fields.Char(readonly=True)

    _once = models.Constraint(
        "UNIQUE(delivery_id, email, name, at)", "This event is known already."
    )


class VoipDeliveryPause(models.Model):
    """An address that gets nothing for now."""

    _name = "voip.delivery.pause"
    _inherit = ["voip.guard"]
    _description = "Paused Address"
    _order = "id desc"
    _rec_name = "email"

    email = fields.Char(string="Address", required=True, readonly=True, index=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    reason = fields.Char(readonly=True)
    active = fields.Boolean(default=True, readonly=True)

    _once = models.UniqueIndex(
        "(company_id, email) WHERE active IS TRUE", "This address is paused already."
    )

    def action_resume(self):
        """Mail the address again."""
        self.check_access("write")
        self.sudo().active = False


class ResCompany(models.Model):
    _inherit = "res.company"

    voip_mail_hour = fields.Integer(
        string="Documents Go Out at",
        default=8,
        help="Hour of the day, 0 to 23, in the account's time zone.",
    )
    voip_webhook_ref = fields.Char(groups="base.group_system", copy=False)
    voip_webhook_digest = fields.Char(groups="base.group_system", copy=False)
    voip_webhook_networks = fields.Char(
        string="Networks of the Webhook",
        default=BREVO,
        help="Addresses that may post events, e.g. 1.179.112.0/20. Empty: all.",
    )

    _voip_mail_hour_bounds = models.Constraint(
        "CHECK (voip_mail_hour BETWEEN 0 AND 23)", "An hour is 0 to 23."
    )
    _voip_webhook_ref_uniq = models.Constraint(
        "UNIQUE(voip_webhook_ref)", "A webhook is of one company."
    )

    @api.constrains("voip_webhook_networks")
    def _check_voip_webhook_networks(self):
        for company in self:
            try:
                networks(company.voip_webhook_networks)
            except ValueError as error:
                raise ValidationError(str(error)) from error

    def _voip_new_webhook(self):
        """(address, secret) of a new webhook; the one before does not work any more."""
        self.ensure_one()
        secret = secrets.token_urlsafe(32)
        self.sudo().write(
            {
                "voip_webhook_ref": secrets.token_hex(16),
                "voip_webhook_digest": digest(secret),
            }
        )
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        return f"{base}/voip/brevo/{self.sudo().voip_webhook_ref}", secret


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    event_ids = fields.One2many("voip.delivery.event", "delivery_id", readonly=True)

    @api.model
    def _take_events(self, company, events):
        """Keep events of mails of ``company``; what names no mail changes nothing.

        :param events: of :func:`.webhook.read`
        """
        for event in events:
            delivery = self._of_event(company, event)
            if delivery:
                delivery._take_event(event)

    @api.model
    def _of_event(self, company, event):
        mine = ("company_id", "=", company.id)
        for key in event.keys:
            if found := self.search([("key", "=", key), mine], limit=1):
                return found
        if not event.message:
            return self.browse()
        return self.search([("provider_message", "=", event.message), mine], limit=1)

    def _take_event(self, event):
        self.env.cr.execute(
            "INSERT INTO voip_delivery_event"
            " (delivery_id, company_id, name, email, at, reason, create_date)"
            " VALUES (%s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC')"
            " ON CONFLICT DO NOTHING",
            [
                self.id,
                self.company_id.id,
                event.name,
                event.address,
                event.at,
                event.reason or None,
            ],
        )
        if not self.env.cr.rowcount:
            return
        self.invalidate_recordset(["event_ids"])
        self._tell_recipient(event)
        if event.name in PAUSING:
            self._pause(event)

    def _tell_recipient(self, event):
        """The recipient's state rises; the mail's follows once it was sent."""
        one = self.recipient_ids.filtered(lambda each: each.email == event.address)
        state = EVENTS[event.name]
        if one and RANKS[state] > RANKS[one.state]:
            one.write({"state": state, "reason": event.reason or False})
        if self.state in LEFT:
            self.state = summed_up(self.recipient_ids.mapped("state"))

    def _pause(self, event):
        if event.address not in self.recipient_ids.mapped("email"):
            return
        self.env.cr.execute(
            "INSERT INTO voip_delivery_pause (company_id, email, reason, active,"
            " create_date) VALUES (%s, %s, %s, TRUE, now() AT TIME ZONE 'UTC')"
            " ON CONFLICT DO NOTHING",
            [self.company_id.id, event.address, event.reason or None],
        )
        if self.env.cr.rowcount:
            self._tell_managers(
                self.env._(
                    "%s does not exist: it gets no mail until you mend the address or "
                    "resume it in Paused Addresses.",
                    event.address,
                )
            )

    def _all_paused(self):
        """Leave out recipients whose address was paused since the mail was queued.

        :return: why nobody is left, as a sentence; "" where somebody is
        """
        emails = self.recipient_ids.mapped("email")
        off = self._paused_of(self.company_id, emails)
        for one in self.recipient_ids:
            if one.state in ("waiting", "paused"):
                one.state = "paused" if one.email in off else "waiting"
        if set(self.recipient_ids.mapped("state")) != {"paused"}:
            return ""
        return self.env._(
            "%s is paused: mend the address, or resume it in Paused Addresses, then Try"
            " Again.",
            ", ".join(emails),
        )

    @api.model
    def _unpaused(self, company, people):
        """Those of ``people`` whose address is not paused."""
        addresses = {one: email_normalize(one.email or "") for one in people}
        off = self._paused_of(company, list(addresses.values()))
        return people.filtered(lambda one: addresses[one] not in off)

    @api.model
    def _paused_of(self, company, emails):
        """Those of ``emails`` that get nothing of ``company`` for now, as a set."""
        pauses = self.env["voip.delivery.pause"].sudo()
        domain = [("company_id", "=", company.id), ("email", "in", emails)]
        return set(pauses.search(domain).mapped("email"))
