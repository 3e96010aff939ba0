"""Prices that count from a day to a day, and stay as they are once they charged."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class VoipDatedPrice(models.AbstractModel):
    """A price that has charged is never edited: it is ended, and another one begins.

    So whoever asks why sees what was charged. What is made, ended and deleted is in the
    audit trail, as ``<_priced>_new``, ``<_priced>`` and ``<_priced>_end``.
    """

    _name = "voip.dated.price"
    _inherit = ["voip.finite"]
    _description = "Price With Dates"

    # Of the events of the audit trail.
    _priced = None

    account_id = fields.Many2one(
        "voip.account",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="A price of its own. Empty: all accounts.",
    )
    effective_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    effective_to = fields.Date(string="To", help="The last day. Empty: no end.")

    _days = models.Constraint(
        "CHECK (effective_to IS NULL OR effective_to >= effective_from)",
        "A price ends on the day it begins, or later.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # An end that was set just now makes room for what begins after it.
        self.flush_model()
        prices = super().create([self._plain(vals) for vals in vals_list])
        for price in prices:
            price._audit(f"{self._priced}_new", price._terms())
        return prices

    def write(self, vals):
        vals = self._plain(vals)
        if vals.keys() - {"effective_to"}:
            self._refuse_charged()
        before = {price: price._terms() for price in self}
        result = super().write(vals)
        if "effective_to" in vals:
            self._refuse_early_end()
        for price, said in before.items():
            now = price._terms()
            if changes := {n: [said[n], now[n]] for n in now if said[n] != now[n]}:
                price._audit(self._priced, changes)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        self._refuse_charged()
        for price in self:
            price._audit(f"{self._priced}_end", price._terms())

    # === BUSINESS METHODS === #

    @api.model
    def _plain(self, vals):
        """Values as they are kept."""
        return vals

    def _terms(self):
        """{field: value} of what the audit trail keeps."""
        return {
            "effective_from": str(self.effective_from),
            "effective_to": str(self.effective_to or ""),
        }

    def _charged_until(self):
        """{price id: last day it has charged}."""
        raise NotImplementedError

    def _audit(self, event, data):
        self.env["voip.audit"]._log(event, self, data, company=self.company_id)

    def _refuse_charged(self):
        self._refuse_first(
            lambda price, day: True,
            self.env._(
                "%(price)s has charged until %(day)s and stays as it is: give it"
                " an end, and let a new price begin after that."
            ),
        )

    def _refuse_early_end(self):
        self._refuse_first(
            lambda price, day: price.effective_to and price.effective_to < day,
            self.env._(
                "%(price)s has charged until %(day)s: let it end then or later."
            ),
        )

    def _refuse_first(self, is_wrong, sentence):
        """:raises UserError: naming a price that charged until a day and is wrong"""
        until = self._charged_until()
        for price in self.filtered(lambda x: x.id in until):
            if is_wrong(price, until[price.id]):
                day = format_date(self.env, until[price.id])
                raise UserError(sentence % {"price": price.display_name, "day": day})
