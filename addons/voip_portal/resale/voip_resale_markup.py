"""What a reseller adds to our prices for a customer of his, from a day on."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.fields import ExactFloat

from .prices import Markups

LEAST, MOST = Decimal(-50), Decimal(1000)


class VoipResaleMarkup(models.Model):
    """Made and, until it begins, withdrawn; never changed: a new one follows.

    So a price that a customer of the reseller was shown stays what it was.
    """

    _name = "voip.resale.markup"
    _inherit = ["voip.guard"]
    _description = "Resale Mark-up"
    _order = "account_id, date_from desc, service_id, id"
    _rec_name = "account_id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "voip.account",
        string="Sub-account",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('managed_by_parent', '=', True)]",
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    service_id = fields.Many2one(
        "voip.service",
        check_company=True,
        ondelete="restrict",
        help="Empty: all services that have no mark-up of their own.",
    )
    percent = ExactFloat(
        string="Mark-up %",
        digits=(8, 4),
        required=True,
        help="Of our price without taxes: 20 makes 0.12 of 0.10. From -50 to 1,000.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        help="A day in the account's zone, from its midnight on; today or later.",
    )

    _percents = models.Constraint(
        "CHECK (percent IS NOT NULL AND percent BETWEEN -50 AND 1000)",
        "A mark-up is from -50 to 1,000 percent.",
    )
    _days = models.Constraint(
        "CHECK (date_from BETWEEN '1970-01-01' AND '2200-12-31')",
        "Choose a day between 1970 and 2200.",
    )
    _once = models.UniqueIndex(
        "(account_id, COALESCE(service_id, 0), date_from)",
        "A service has one mark-up of a day: withdraw the other one first.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """A mark-up from today on, of a sub-account whose parent resells."""
        made = super().create(vals_list)
        for markup in made:
            markup._refuse_unfit()
            markup._log("made")
        return made

    def write(self, vals):
        """Nobody changes one.

        :raises UserError: always, where anything would be changed
        """
        if vals:
            raise UserError(
                self.env._("A mark-up is never changed: make another from a day on.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        for markup in self:
            if markup.date_from <= markup.account_id._resale_today():
                raise UserError(
                    self.env._(
                        "This mark-up has begun, it stays: make another from a day on."
                    )
                )
            markup._refuse_lonely(self)
            markup._log("withdrawn")

    # === BUSINESS METHODS === #

    def _refuse_unfit(self):
        """:raises UserError: it is too early, or of an account that is not resold"""
        account = self.account_id.sudo()
        if not (account.managed_by_parent and account.parent_id.may_resell):
            raise UserError(
                self.env._(
                    "%s has no mark-ups: it is for sub-accounts that are managed by"
                    " their parent, which resells to others.",
                    account.display_name,
                )
            )
        if self.date_from < account._resale_today():
            raise UserError(self.env._("A mark-up begins today or later."))
        if self.service_id and not self._of_all(self.date_from):
            raise UserError(
                self.env._("First make a mark-up for all services, from that day on.")
            )

    def _of_all(self, day):
        """Mark-ups for all services of this account that have begun on a day."""
        return self.sudo().search(
            [
                ("account_id", "=", self.account_id.id),
                ("service_id", "=", False),
                ("date_from", "<=", day),
            ]
        )

    def _refuse_lonely(self, gone):
        """:raises UserError: without ``gone`` those of services come before all"""
        kept = self.account_id.sudo().resale_markup_ids - gone
        general = kept.filtered(lambda one: not one.service_id).mapped("date_from")
        first = min(general, default=None)
        if any(first is None or one.date_from < first for one in kept):
            raise UserError(
                self.env._("Withdraw the mark-ups of single services first.")
            )

    def _log(self, what):
        """In the audit trail: ``made`` or ``withdrawn``, and all that it says."""
        data = {
            "what": what,
            "account_id": self.account_id.id,
            "service_id": self.service_id.id,
            "percent": f"{self.percent:.4f}",
            "date_from": self.date_from.isoformat(),
            # Only the program itself says who asked it.
            "by": self.env.su and self.env.context.get("voip_resale_by", False),
        }
        self.env["voip.audit"]._log("resale_markup", self, data)

    def _prices(self):
        """:class:`Markups` of these; of one account."""
        return Markups(
            (one.service_id.id or None, one.date_from, Decimal(f"{one.percent:.4f}"))
            for one in self
        )
