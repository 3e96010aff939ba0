"""A notice of rates to a partner: made, approved, sent, delivered."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.voip_billing_base.imports.rows import rows_action

from . import picture
from .voip_rate_notice_row import STATUSES

MANAGER = "voip_billing_base.group_voip_manager"
STATES = [
    ("draft", "To Approve"),
    ("queued", "Queued"),
    ("failed", "Not Delivered"),
    ("delivered", "Delivered"),
    ("cancelled", "Cancelled"),
]
COUNT = {"readonly": True, "copy": False, "aggregator": None}
KEPT = {"readonly": True, "copy": False}


class VoipRateNotice(models.Model):
    """What an agreement's partner is told about one deck.

    It says what differs from the notices delivered to him before; nothing else moves
    what he knows.
    """

    _name = "voip.rate.notice"
    _inherit = ["voip.guard"]
    _description = "VoIP Rate Notice"
    _order = "id desc"
    _check_company_auto = True
    _voip_keeps_files = True

    name = fields.Char(readonly=True, copy=False)
    agreement_id = fields.Many2one(
        "voip.rate.agreement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="agreement_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="agreement_id.partner_id", store=True, precompute=True
    )
    deck_id = fields.Many2one(
        "voip.rate.deck",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    currency_id = fields.Many2one(related="deck_id.currency_id")
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", copy=False, index=True
    )
    content = fields.Selection(related="agreement_id.content")
    is_first = fields.Boolean(
        string="First Notice",
        help="Nothing was delivered before: it says all that is valid.",
        **KEPT,
    )
    made_at = fields.Datetime(string="Made", **KEPT)
    made_by = fields.Many2one("res.users", **KEPT)
    approved_at = fields.Datetime(string="Approved", **KEPT)
    approved_by = fields.Many2one("res.users", **KEPT)
    delivered_at = fields.Datetime(string="Delivered", **KEPT)
    delivery = fields.Integer(help="Its number among those delivered.", **COUNT)
    failure = fields.Char(string="Why Not Delivered", **KEPT)
    recipients = fields.Char(string="Sent To", **KEPT)
    mail_id = fields.Many2one("mail.mail", index="btree_not_null", **KEPT)
    message_ref = fields.Char(string="Message ID", **KEPT)
    reason = fields.Char(
        string="Reason for Shorter Notice",
        copy=False,
        help="Why changes may be valid before their notice is due. It is printed.",
    )
    xlsx = fields.Binary(string="XLSX", **KEPT)
    xlsx_name = fields.Char(**KEPT)
    xlsx_sha256 = fields.Char(string="SHA-256 of XLSX", **KEPT)
    csv = fields.Binary(string="CSV", **KEPT)
    csv_name = fields.Char(**KEPT)
    csv_sha256 = fields.Char(string="SHA-256 of CSV", **KEPT)
    row_ids = fields.One2many("voip.rate.notice.row", "notice_id", copy=False)
    row_count = fields.Integer(string="Rows", **COUNT)
    new_count = fields.Integer(string="New", **COUNT)
    increased_count = fields.Integer(string="Increases", **COUNT)
    decreased_count = fields.Integer(string="Decreases", **COUNT)
    closed_count = fields.Integer(string="Closed", **COUNT)
    unchanged_count = fields.Integer(string="Unchanged", **COUNT)
    deck_revision = fields.Integer(
        help="What the deck's rates were; another one asks for another notice.", **COUNT
    )
    late_count = fields.Integer(
        string="Delivered Too Late",
        help="Changes that were valid before the notice was due, counted from its "
        "delivery, for which nobody gave a reason.",
        **COUNT,
    )
    warning = fields.Text(compute="_compute_warning")

    # === COMPUTE METHODS === #

    @api.depends("state", "reason", "agreement_id", "row_count")
    def _compute_warning(self):
        for notice in self:
            notice.warning = notice._warning()

    def _warning(self):
        """What keeps a notice from being sent as it is, or what is wrong with it."""
        # While its reason is typed it is a record that the database does not know.
        kept = self._origin
        if not kept or self.state not in ("draft", "failed"):
            return False
        if changed := kept._changed_text():
            return changed
        early = not self.reason and kept._early()
        return early and kept._early_text(early)

    # === CRUD METHODS === #

    def write(self, vals):
        if isinstance(vals.get("reason"), str):
            vals = {**vals, "reason": vals["reason"].strip()}
        if "reason" in vals and not self.env.su:
            self.check_access("write")
            for notice in self:
                if notice.state not in ("draft", "failed"):
                    raise UserError(
                        self.env._(
                            "%(notice)s was sent: its reason stays.",
                            notice=notice.display_name,
                        )
                    )
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        """Notices are made by their agreement only."""
        if not self.env.su:
            self._voip_refuse_garbage(vals_list)
            raise AccessError(
                self.env._("Notices are made with the agreement's button.")
            )
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        for notice in self:
            if notice.state not in ("draft", "cancelled") or notice.approved_at:
                raise UserError(
                    self.env._(
                        "%(notice)s was sent: it stays, as the proof of what was "
                        "announced.",
                        notice=notice.display_name,
                    )
                )

    def _keep(self, vals):
        """Write what the program keeps."""
        return super(VoipRateNotice, self.sudo()).write(vals)

    # === ACTION METHODS === #

    def action_approve(self):
        """Send the notice as it is shown."""
        self._check_manager()
        for notice in self:
            notice._approve()

    def action_resend(self):
        """Send a notice again that was not delivered."""
        self._check_manager()
        for notice in self:
            if notice.state != "failed":
                raise UserError(
                    self.env._("Only a notice that was not delivered is sent again.")
                )
            notice._approve()

    def action_cancel(self):
        """Give the notice up; the next one says what it would have said."""
        self._check_manager()
        for notice in self:
            if notice.state not in ("draft", "failed"):
                raise UserError(
                    self.env._(
                        "%(notice)s is on its way or was delivered.",
                        notice=notice.display_name,
                    )
                )
            notice._cancel()

    def action_view_rows(self):
        """The rows; of one status where the context names it."""
        return rows_action(self, "voip_rating.voip_rate_notice_row_action", "notice_id")

    def _check_manager(self):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only billing managers send notices."))

    # === BUSINESS METHODS === #

    def _fill(self, at):
        """Write the rows: what the partner does not know yet.

        :param at: naive UTC, from when on
        """
        self.ensure_one()
        cr = self.env.cr
        self.env.flush_all()
        params = self._params() | {"at": at, "full": self.content == "full"}
        cr.execute("SET LOCAL jit = off")
        cr.execute(picture.DECK.format(table="voip_will", which=picture.ALL), params)
        cr.execute(picture.TOLD.format(which=picture.ALL), params)
        cr.execute("ANALYZE voip_will; ANALYZE voip_told")
        cr.execute(picture.DIFFERENCE.format(old="voip_told", new="voip_will"), params)
        cr.execute(picture.STORE, params)
        cr.execute(picture.COUNTS, params)
        counts = dict.fromkeys((status for status, _label in STATUSES), 0)
        counts |= dict(cr.fetchall())
        cr.execute("ANALYZE voip_rate_notice_row")
        self.invalidate_recordset(["row_ids"])
        self._keep(
            {f"{status}_count": count for status, count in counts.items()}
            | {"row_count": sum(counts.values()), "deck_revision": self._revision()}
        )
        self._make_files()

    def _revision(self):
        """What the deck's rates are now, whatever Odoo remembers."""
        self.env.cr.execute(
            "SELECT revision FROM voip_rate_deck WHERE id = %s", [self.deck_id.id]
        )
        return self.env.cr.fetchone()[0]

    def _changed_text(self):
        """Why it may tell what is not true: the deck has other rates by now."""
        if self.deck_revision in (0, self._revision()):
            return ""
        return self.env._(
            "The rates of %(deck)s changed since this notice was made, so it may tell "
            "what is not true: make a new notice, which takes its place.",
            deck=self.deck_id.display_name,
        )

    def _params(self):
        return {
            "notice": self.id,
            "company": self.company_id.id,
            "agreement": self.agreement_id.id,
            "deck": self.deck_id.id,
        }

    def _says_something(self):
        return self.row_count > self.unchanged_count

    def _early(self, delivered=None):
        """The first row that is valid before its notice is due.

        What needs no notice may be valid before it is told.

        :param delivered: naive UTC; None = now
        :return: (code, start, status, how many) or None
        """
        if self.is_first:
            return None
        self.env.flush_all()
        agreement = self.agreement_id
        earliest = {
            kind: moment
            for kind, moment in agreement._earliest(
                delivered or fields.Datetime.now()
            ).items()
            if agreement[f"days_{kind}"]
        }
        query = picture.EARLY_ROWS.format(which="o.reason IS NULL")
        self.env.cr.execute(
            query,
            self._params()
            | {"kinds": list(earliest), "earliest": list(earliest.values())},
        )
        return self.env.cr.fetchone()

    def _early_text(self, early):
        code, starts, status, count = early
        agreement = self.agreement_id
        earliest = agreement._earliest(fields.Datetime.now())[status]
        return self.env._(
            "Changes that are valid before their notice is due: %(count)s. The first "
            "is %(code)s from %(starts)s on. Delivered now, it may be valid from "
            "%(earliest)s on. Give it a later date in the deck, or say here why the "
            "notice is shorter.",
            count=count,
            code=code,
            starts=agreement._local(starts),
            earliest=agreement._local(earliest),
        )

    def _approve(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT state FROM voip_rate_notice WHERE id = %s FOR UPDATE", [self.id]
        )
        if self.env.cr.fetchone()[0] not in ("draft", "failed"):
            raise UserError(
                self.env._("%(notice)s was sent already.", notice=self.display_name)
            )
        if changed := self._changed_text():
            raise UserError(changed)
        if early := self._early():
            if not self.reason:
                raise UserError(self._early_text(early))
            self._log("notice_shorten", {"reason": self.reason, "changed": early[3]})
            self._make_files()
        self._keep(
            {
                "approved_at": fields.Datetime.now(),
                "approved_by": self.env.uid,
                "state": "queued",
                "failure": False,
            }
        )
        self._log("notice_approve", self._hashes())
        self._deliver()

    def _cancel(self):
        mail = self.sudo().mail_id
        self._keep({"state": "cancelled"})
        if mail.state in ("outgoing", "exception"):
            mail.cancel()

    def _hashes(self):
        return {
            name: self[f"{name}_sha256"]
            for name in ("xlsx", "csv")
            if self[f"{name}_sha256"]
        }

    def _delivered(self):
        """The partner has it: from now on this is what he knows."""
        now = fields.Datetime.now()
        for notice in self.sudo():
            if notice.state == "delivered":
                continue
            number = max(notice.agreement_id.notice_ids.mapped("delivery"), default=0)
            early = notice._early(now)
            notice._keep(
                {
                    "state": "delivered",
                    "delivered_at": now,
                    "delivery": number + 1,
                    "failure": False,
                    "late_count": early[3] if early and not notice.reason else 0,
                }
            )
            notice._log("notice_delivered", notice._hashes())

    def _undelivered(self, failure):
        """It could not be delivered.

        :param failure: why, as a sentence
        """
        for notice in self.sudo():
            if notice.state in ("queued", "failed"):
                notice._keep({"state": "failed", "failure": failure})

    def _log(self, event, more):
        data = {
            "partner": self.partner_id.display_name,
            "deck": self.deck_id.code,
            "notice": self.name,
            **more,
        }
        self.env["voip.audit"]._log(event, self, data)
