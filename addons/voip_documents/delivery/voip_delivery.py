"""The outbox: mails of documents, when they go out, what became of them."""

from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import FORMATS, MIMETYPES
from ..languages import language_names
from .states import COLORS, LEFT, MAIL_KINDS, STATES

MOVABLE = ("waiting", "held")


class VoipDelivery(models.Model):
    """A mail with documents. ``delivery_send`` says why none goes out twice."""

    _name = "voip.delivery"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.job"]
    _description = "Mail of Documents"
    _order = "send_at desc, id desc"
    _rec_name = "subject"
    _check_company_auto = True

    _job_cron = "voip_documents.ir_cron_delivery"
    _voip_internal = ("partner_id",)

    key = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid4()),
        help="Names the mail at the provider, which is asked by it after a crash.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    account_id = fields.Many2one(
        "voip.account",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        readonly=False,
        index=True,
        ondelete="restrict",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    kind = fields.Selection(
        MAIL_KINDS, string="Document", required=True, readonly=True
    )
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    document_ids = fields.Many2many(
        "voip.document",
        string="Files",
        readonly=True,
        check_company=True,
        ondelete="restrict",
    )
    recipient_ids = fields.One2many(
        "voip.delivery.recipient", "delivery_id", readonly=True
    )
    boxes = fields.Char(compute="_compute_boxes")
    lang = fields.Char(string="Language Code", readonly=True)
    lang_name = fields.Char(string="Language", compute="_compute_lang_name")
    subject = fields.Char(readonly=True)
    body = fields.Html(readonly=True)
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="waiting",
        copy=False,
        tracking=True,
        help="Not Known: the provider does not say; look whether the mail arrived.",
    )
    state_color = fields.Char(compute="_compute_state_color")
    send_at = fields.Datetime(
        string="Goes Out",
        required=True,
        default=lambda self: self.env.cr.now().replace(microsecond=0),
    )
    tried_at = fields.Datetime(string="Last Try", readonly=True, copy=False)
    sent_at = fields.Datetime(readonly=True, copy=False)
    provider = fields.Char(readonly=True, copy=False)
    provider_account = fields.Char(
        readonly=True,
        copy=False,
        help="Tells whether Brevo's account is still the one that got the mail.",
    )
    provider_message = fields.Char(
        string="Message ID", readonly=True, copy=False, index="btree_not_null"
    )
    resend_of_id = fields.Many2one(
        "voip.delivery",
        string="Sent Again From",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    is_withdrawn = fields.Boolean(
        readonly=True,
        copy=False,
        help="Its invoice was reset to draft after it left, or while it was leaving.",
    )
    is_merged = fields.Boolean(
        readonly=True,
        copy=False,
        help="The statement of a customer who was merged into one that had its own of"
        " the same days.",
    )

    _key_uniq = models.Constraint("UNIQUE(key)", "A key names one mail.")
    _once = models.UniqueIndex(
        "(move_id, kind, lang) WHERE move_id IS NOT NULL AND resend_of_id IS NULL"
        " AND state <> 'cancelled' AND is_withdrawn IS NOT TRUE",
        "This document has a mail already: send that one again.",
    )
    _once_statement = models.UniqueIndex(
        "(account_id, kind, date_from, date_to, lang) WHERE date_to IS NOT NULL"
        " AND resend_of_id IS NULL AND state <> 'cancelled'",
        "This statement has a mail already: send that one again.",
    )
    _once_customer = models.UniqueIndex(
        "(partner_id, company_id, kind, date_from, date_to, lang) WHERE account_id IS"
        " NULL AND date_to IS NOT NULL AND resend_of_id IS NULL"
        " AND state <> 'cancelled' AND is_merged IS NOT TRUE",
        "This statement has a mail already: send that one again.",
    )
    _due = models.Index(
        "(COALESCE(retry_at, send_at), id) WHERE state IN ('waiting', 'sending')"
    )

    # === COMPUTE METHODS === #

    @api.depends("account_id")
    def _compute_partner_id(self):
        for delivery in self:
            # A mail of no account is made with its customer.
            partner = delivery.account_id.partner_id or delivery.partner_id
            delivery.partner_id = partner

    @api.depends("state")
    def _compute_state_color(self):
        for delivery in self:
            delivery.state_color = COLORS[delivery.state]

    @api.depends("subject", "partner_id", "kind")
    @api.depends_context("voip_calendar", "lang")
    def _compute_display_name(self):
        """In a calendar whom it is for and what it carries, else its subject."""
        if not self.env.context.get("voip_calendar"):
            return super()._compute_display_name()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for delivery in self:
            # The kind of a removed module is not there.
            who, what = delivery.partner_id.name or "", kinds.get(delivery.kind, "")
            delivery.display_name = f"{who} · {what}" if who else what
        return None

    @api.depends("document_ids.missing_scripts")
    def _compute_boxes(self):
        """What a file of the mail prints as boxes, as a sentence; False without."""
        for delivery in self:
            texts = delivery.document_ids.filtered("missing_scripts")
            delivery.boxes = texts[:1].boxes

    @api.depends("lang")
    def _compute_lang_name(self):
        names = language_names(self.env)
        for delivery in self:
            delivery.lang_name = names.get(delivery.lang, delivery.lang)

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and set(self.mapped("state")) - set(MOVABLE):
            raise UserError(
                self.env._("Only a mail that waits or is held gets another time.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A mail is never deleted. Cancel it instead."))

    # === ACTION METHODS === #

    def action_hold(self):
        """Keep mails back until they are released."""
        self._move_on(("waiting",), {"state": "held"})

    def action_release(self):
        """Let held mails go at their time, and failed ones be tried again."""
        values = {"state": "waiting", "try_count": 0, **self._job_done_values()}
        done = self._move_on(("held", "failed"), values)
        done._untell_managers()
        done._wake_worker()

    def action_cancel(self):
        done = self._move_on(("waiting", "held", "failed"), {"state": "cancelled"})
        done._untell_managers()

    def action_was_sent(self):
        """A person saw that the mail arrived."""
        done = self._move_on(("unsure",), {"state": "sent", "retry_at": False})
        done.sudo()._keep_files()
        done._untell_managers()

    def action_was_not_sent(self):
        """A person saw that the mail did not arrive: it is sent again."""
        values = {"state": "waiting", "try_count": 0, **self._job_done_values()}
        done = self._move_on(("unsure",), values)
        done._untell_managers()
        done._wake_worker()

    def action_resend(self):
        """Send the same files and text again, as a mail of its own."""
        self.check_access("write")
        self.ensure_one()
        if self.state not in (*LEFT, "cancelled"):
            raise UserError(self.env._("The mail did not leave yet: %s.", self.subject))
        if why := self.sudo()._overtaken():
            raise UserError(why)
        again = self.sudo().create(self.sudo()._again())
        again._wake_worker()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_documents.voip_delivery_action"
        )
        return {**action, "domain": [("id", "=", again.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _move_on(self, states, values):
        """Those in one of ``states``, which get ``values``.

        :raises UserError: none is
        """
        self.check_access("write")
        self.lock_for_update()
        found = self.filtered(lambda delivery: delivery.state in states)
        if not found:
            names = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "This is for mails in state %s only.",
                    ", ".join(names[state] for state in states),
                )
            )
        found.sudo().write(values)
        return found.sudo()

    def _overtaken(self):
        """Why the mail must not go any more, as a sentence; "" where it may."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        if self.kind not in kinds:
            return self.env._("The module that mails such documents was removed.")
        if self.is_withdrawn or (self.move_id and self.move_id.state != "posted"):
            return self.env._(
                "%s was reset to draft: this mail does not go. Once it is posted again,"
                " press Send by Mail on it.",
                self.move_id.display_name,
            )
        return ""

    def _leave_kind(self):
        """Their module is removed: none goes any more, all stay as what was sent."""
        message = self.env._("The module that mails such documents was removed.")
        waiting = self.filtered(lambda delivery: delivery.state in (*MOVABLE, "failed"))
        waiting.sudo().write({"state": "cancelled", "message": message})

    def _files(self):
        """[(name, media type, bytes)] of what the mail carries, the PDF first.

        :raises UserError: a file is not what was made
        """
        order = [name for name, _label in FORMATS]
        ordered = self.document_ids.sorted(lambda each: order.index(each.format))
        return [
            (document.name, MIMETYPES[document.format], document._whole())
            for document in ordered
        ]

    def _keep_files(self):
        """What somebody has is kept for the legal time."""
        made = self.document_ids.filtered(lambda document: document.state == "made")
        made.write({"state": "sent", "sent_at": fields.Datetime.now()})

    def _again(self):
        """Values of a mail with the same files and text."""
        return {
            "company_id": self.company_id.id,
            "account_id": self.account_id.id,
            "partner_id": self.partner_id.id,
            "move_id": self.move_id.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "kind": self.kind,
            "lang": self.lang,
            "subject": self.subject,
            "body": self.body,
            "document_ids": [(6, 0, self.document_ids.ids)],
            "recipient_ids": [
                (0, 0, {"partner_id": one.partner_id.id, "email": one.email})
                for one in self.recipient_ids
            ],
            "resend_of_id": self.id,
        }
