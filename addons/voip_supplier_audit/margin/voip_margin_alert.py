"""What sells for too little: one alert of each cause."""

from datetime import datetime, time, timedelta
from os.path import commonprefix

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, ExactFloat

from .res_company import PERCENT

MANAGER = "voip_billing_base.group_voip_manager"


class VoipMarginAlert(models.Model):
    """An account, a destination and a deck whose margin is below its threshold.

    The figures are those of the last day with calls, by rate in ``line_ids``. The watch
    updates an alert while the margin is low, closes it when it is back or no calls are
    left, and opens it again; a manager accepts it until a day, with a reason.
    """

    _name = "voip.margin.alert"
    _inherit = ["mail.thread", "voip.guard"]
    _description = "Margin Alert"
    _order = "margin, id"
    _rec_name = "label"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        "voip.account",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    deck_id = fields.Many2one(
        "voip.rate.deck",
        string="Customer Deck",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    destination_id = fields.Many2one(
        "voip.destination", readonly=True, check_company=True, ondelete="set null"
    )
    label = fields.Char(string="Destination Name", required=True, readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("accepted", "Accepted"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
    )
    first_day = fields.Date(
        string="Since", readonly=True, help="First day that this alert was open for."
    )
    day = fields.Date(
        string="Figures Of", readonly=True, help="The last day with calls."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    calls = BigInteger(readonly=True, help="Answered calls of the day.")
    seconds = BigInteger(string="Billed (s)", readonly=True)
    minutes = fields.Float(
        string="Billed (min)", digits=(16, 1), readonly=True, aggregator="sum"
    )
    sale = Amount(readonly=True, **MONEY)
    cost = Amount(readonly=True, **MONEY)
    overhead = Amount(
        readonly=True,
        help="Per billed minute and of the sale, by the company's settings.",
        **MONEY,
    )
    margin = Amount(readonly=True, help="Sale − cost − overhead.", **MONEY)
    margin_percent = ExactFloat(
        string="Margin (%)",
        digits=(16, 4),
        min_display_digits=1,
        readonly=True,
        aggregator=None,
        help="Of the sale. Empty where nothing was sold.",
    )
    threshold = ExactFloat(
        string="Least Margin (%)", digits=PERCENT, readonly=True, aggregator=None
    )
    price_text = fields.Char(
        string="Restoring Prices",
        readonly=True,
        help="Code, price per minute as sold → price that restores the margin, in the"
        " deck's currency.",
    )
    deck_currency_id = fields.Many2one(
        related="deck_id.currency_id", string="Rate Currency"
    )
    line_ids = fields.One2many("voip.margin.line", "alert_id", readonly=True)
    accepted_until = fields.Date(readonly=True, tracking=True)
    accepted_reason = fields.Char(readonly=True, tracking=True)
    accepted_by_id = fields.Many2one("res.users", readonly=True)
    closed_reason = fields.Char(readonly=True, tracking=True)

    _cause_uniq = models.UniqueIndex(
        "(account_id, deck_id, label, COALESCE(destination_id, 0))",
        "There is an alert of this account, destination and deck already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("label", "account_id")
    def _compute_display_name(self):
        for alert in self:
            alert.display_name = f"{alert.label}, {alert.account_id.display_name}"

    # === ACTION METHODS === #

    def action_watch(self):
        """Look at the margins of all companies of the user now."""
        self.check_access("read")
        if not self.env.user.has_group("voip_billing_base.group_voip_user"):
            raise AccessError(
                self.env._("Margins are looked at by billing users, and by schedule.")
            )
        watch = self.sudo()
        for company in self.env.companies:
            watch.with_company(company)._watch(company)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_accept(self):
        """Ask why the margin is accepted, and until when."""
        self.check_access("read")
        self._refuse_no_manager()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accept Low Margin"),
            "res_model": "voip.margin.accept",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_alert_ids": [(6, 0, self.ids)]},
        }

    def action_reopen(self):
        """Take back that the margin is accepted."""
        self.check_access("read")
        self._refuse_no_manager()
        accepted = self.filtered(lambda alert: alert.state == "accepted")
        accepted.sudo().write({"state": "open", **NOT_ACCEPTED})
        return True

    def action_view_usage(self):
        """The calls of the day that the figures are of."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_action"
        )
        midnight = datetime.combine(self.day, time.min)
        return action | {
            "domain": [
                ("account_id", "=", self.account_id.id),
                ("started_at", ">=", midnight - timedelta(days=1)),
                ("started_at", "<", midnight + timedelta(days=2)),
                ("local_day", "=", self.day),
                ("label", "=", self.label),
                ("rate_id", "in", self._day_lines().rate_id.ids),
            ],
            "context": {},
        }

    def action_view_rates(self):
        """The deck's versions of the codes that sold it."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_action"
        )
        codes = set(self._day_lines().mapped("prefix"))
        domain = [("deck_id", "=", self.deck_id.id), ("prefix", "in", sorted(codes))]
        return action | {
            "domain": domain,
            "context": {"default_deck_id": self.deck_id.id},
        }

    def action_compare(self):
        """The deck beside the suppliers' decks, over these codes."""
        self.check_access("read")
        self.ensure_one()
        codes = self._day_lines().mapped("prefix")
        comparison = self.env["voip.rate.comparison"].create(
            {
                "sale_deck_ids": [(6, 0, self.deck_id.ids)],
                "prefix": commonprefix(codes) or False,
            }
        )
        return comparison.action_show()

    # === BUSINESS METHODS === #

    def _refuse_no_manager(self):
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Low margins are accepted by billing managers.")
            )

    def _day_lines(self):
        return self.line_ids.filtered(lambda line: line.day == self.day)

    def _accept(self, reason, until):
        """Accept these alerts up to a day; kept in the audit trail.

        :raises UserError: one is closed, or the day has passed
        """
        self._refuse_no_manager()
        if until < fields.Date.context_today(self):
            raise UserError(
                self.env._("Accepted until: choose today or a later day.")
            )
        closed = self.filtered(lambda alert: alert.state == "closed")
        if closed:
            raise UserError(
                self.env._(
                    "%s: its margin is back, there is nothing to accept.",
                    closed[0].display_name,
                )
            )
        values = {
            "state": "accepted",
            "accepted_reason": reason,
            "accepted_until": until,
            "accepted_by_id": self.env.uid,
        }
        self.sudo().write(values)
        audit = self.env["voip.audit"].sudo()
        for alert in self:
            data = {
                "reason": reason,
                "margin_until": str(until),
                "margin_percent": f"{alert.margin_percent:.4f}",
            }
            audit._log("margin_accepted", alert, data)


NOT_ACCEPTED = {
    "accepted_reason": False,
    "accepted_until": False,
    "accepted_by_id": False,
}
