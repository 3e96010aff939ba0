"""What is agreed with a partner about changes of rates."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from . import terms

_RELATIONS = {"deck_ids", "calendar_id"}
AUDITED = _RELATIONS | {
    "active",
    "content",
    "days_closed",
    "days_decreased",
    "days_increased",
    "days_new",
    "direction",
    "tz",
}
DAYS = {"required": True, "default": 0, "aggregator": None}


class VoipRateAgreement(models.Model):
    """How long before a change of rates it has to be announced, and in which form."""

    _name = "voip.rate.agreement"
    _inherit = ["mail.thread", "voip.guard"]
    _description = "VoIP Rate Agreement"
    _order = "partner_id, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    active = fields.Boolean(default=True, tracking=True)
    direction = fields.Selection(
        [("customer", "Customer"), ("supplier", "Supplier")],
        required=True,
        default="customer",
        help="Customer: we announce our prices. Supplier: the partner announces his.",
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, check_company=True, tracking=True
    )
    account_id = fields.Many2one(
        "voip.account",
        index="btree_not_null",
        check_company=True,
        help="The account the agreement is for. Empty: all of the partner's.",
    )
    deck_ids = fields.Many2many(
        "voip.rate.deck",
        string="Decks",
        check_company=True,
        help="The decks whose changes are announced.",
    )
    days_new = fields.Integer(
        string="New Codes", tracking=True, help="Days of notice.", **DAYS
    )
    days_increased = fields.Integer(
        string="Increases",
        required=True,
        default=7,
        aggregator=None,
        tracking=True,
        help="Days of notice. Changes of other terms count as increases.",
    )
    days_decreased = fields.Integer(
        string="Decreases", tracking=True, help="Days of notice.", **DAYS
    )
    days_closed = fields.Integer(
        string="Closed Codes", tracking=True, help="Days of notice.", **DAYS
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Days",
        check_company=True,
        tracking=True,
        help="Only its working days count, without its holidays. Empty: every day "
        "counts.",
    )
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        tracking=True,
        help="Changes become valid at midnight of this zone.",
    )
    content = fields.Selection(
        [("changes", "Changes only"), ("full", "Full deck")],
        required=True,
        default="changes",
        tracking=True,
    )
    send_xlsx = fields.Boolean(string="XLSX", default=True)
    send_csv = fields.Boolean(string="CSV", default=True)
    contact_ids = fields.Many2many(
        "res.partner",
        string="Recipients",
        check_company=True,
        help="Who gets the notices. Empty: the partner.",
    )
    example = fields.Char(
        string="Announced Now",
        compute="_compute_example",
        help="When an increase may be valid whose notice is delivered now.",
    )

    _days_bounds = models.Constraint(
        f"CHECK (days_new BETWEEN 0 AND {terms.MOST_DAYS}"
        f" AND days_increased BETWEEN 0 AND {terms.MOST_DAYS}"
        f" AND days_decreased BETWEEN 0 AND {terms.MOST_DAYS}"
        f" AND days_closed BETWEEN 0 AND {terms.MOST_DAYS})",
        f"Days of notice are 0 to {terms.MOST_DAYS}.",
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "account_id")
    def _compute_display_name(self):
        for agreement in self:
            agreement.display_name = (
                agreement.account_id.display_name or agreement.partner_id.display_name
            )

    @api.depends("days_increased", "calendar_id", "tz")
    def _compute_example(self):
        now = fields.Datetime.now()
        for agreement in self:
            known = agreement.tz and 0 <= agreement.days_increased <= terms.MOST_DAYS
            agreement.example = known and self.env._(
                "An increase may be valid from %(moment)s on.",
                moment=agreement._local(agreement._earliest(now)["increased"]),
            )

    # === CONSTRAINT METHODS === #

    @api.constrains("deck_ids", "direction", "active")
    def _check_decks(self):
        for agreement in self:
            for deck in agreement.deck_ids:
                if deck.side != agreement.direction:
                    raise ValidationError(
                        self.env._(
                            "%(deck)s is no deck of the direction of this agreement.",
                            deck=deck.display_name,
                        )
                    )
            agreement._check_only_one()

    def _check_only_one(self):
        """What a supplier's sheet may do is told by one agreement."""
        if self.direction != "supplier" or not self.active:
            return
        others = self.search(
            [
                ("deck_ids", "in", self.deck_ids.ids),
                ("direction", "=", "supplier"),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        if others:
            raise ValidationError(
                self.env._(
                    "%(deck)s has an agreement with %(partner)s already.",
                    deck=(others.deck_ids & self.deck_ids)[0].display_name,
                    partner=others.display_name,
                )
            )

    @api.constrains("account_id", "partner_id", "direction")
    def _check_account(self):
        for agreement in self:
            account = agreement.account_id
            if not account:
                continue
            if agreement.direction == "supplier":
                raise ValidationError(
                    self.env._("An agreement with a supplier is for no account.")
                )
            owner = agreement.partner_id.commercial_partner_id
            if account.partner_id.commercial_partner_id != owner:
                raise ValidationError(
                    self.env._(
                        "%(account)s is no account of %(partner)s.",
                        account=account.display_name,
                        partner=agreement.partner_id.display_name,
                    )
                )

    @api.constrains("send_xlsx", "send_csv")
    def _check_formats(self):
        if not all(agreement.send_xlsx or agreement.send_csv for agreement in self):
            raise ValidationError(
                self.env._("Choose in which format the notices are sent.")
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        agreements = super().create(vals_list)
        agreements._log_change()
        return agreements

    def write(self, vals):
        result = super().write(vals)
        if AUDITED & vals.keys():
            self._log_change()
        return result

    def _log_change(self):
        """Write one audit record for each agreement: all that dates follow from."""
        for agreement in self:
            data = {
                **{name: agreement[name] for name in sorted(AUDITED - _RELATIONS)},
                "partner": agreement.partner_id.display_name,
                "decks": sorted(agreement.deck_ids.ids),
                "codes": sorted(agreement.deck_ids.mapped("code")),
                "calendar": agreement.calendar_id.id or None,
            }
            self.env["voip.audit"]._log("agreement_change", agreement, data)

    # === BUSINESS METHODS === #

    def _calendar(self, since, until):
        """The days that count between two moments (naive UTC)."""
        schedule = self.calendar_id.sudo()
        if not schedule:
            return terms.EVERY_DAY
        weekdays = {int(line.dayofweek) for line in schedule.attendance_ids}
        leaves = self.env["resource.calendar.leaves"].sudo().search(
            [
                ("resource_id", "=", False),
                ("calendar_id", "in", [schedule.id, False]),
                ("company_id", "in", [self.company_id.id, False]),
                ("date_to", ">", since),
                ("date_from", "<", until),
            ]
        )
        zone = ZoneInfo(schedule.tz or self.tz)
        holidays = {day for leave in leaves for day in _days(leave, zone)}
        return terms.Calendar(weekdays, holidays)

    def _earliest(self, delivered):
        """When changes may be valid that are delivered then.

        :param delivered: naive UTC
        :return: {kind of :data:`terms.KINDS`: naive UTC}
        """
        self.ensure_one()
        calendar = self._calendar(
            delivered - timedelta(days=2), delivered + timedelta(days=1500)
        )
        return {
            kind: terms.earliest(delivered, self[f"days_{kind}"], self.tz, calendar)
            for kind in terms.KINDS
        }

    def _local(self, moment):
        """A moment (naive UTC) as text in the agreed zone, which it names."""
        local = fields.Datetime.context_timestamp(
            self.with_context(tz=self.tz), moment
        )
        return f"{local:%Y-%m-%d %H:%M} {self.tz}"

    def _recipients(self):
        """Addresses that get the notices."""
        return [
            partner.email_formatted for partner in self._contacts() if partner.email
        ]

    def _contacts(self):
        """Who should get the notices: who was chosen, else the accounts' contacts for
        rate changes, else the partner."""
        if self.contact_ids:
            return self.contact_ids
        accounts = self.account_id or self.env["voip.account"].search(
            [
                ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        contacts = accounts.contact_ids.filtered(lambda one: one.kind == "rates")
        return contacts.partner_id or self.partner_id


def _days(leave, zone):
    """The days in a zone that a leave touches."""
    start, end = (
        moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
        for moment in (leave.date_from, leave.date_to - timedelta(seconds=1))
    )
    for ahead in range((end.date() - start.date()).days + 1):
        yield start.date() + timedelta(days=ahead)
