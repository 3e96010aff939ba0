"""Thresholds of some accounts and decks."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.voip_billing_base.fields import ExactFloat

from .res_company import PERCENT


class VoipMarginRule(models.Model):
    """The least margin of an account, a deck, or an account on a deck.

    The narrowest applies: account and deck, then account, then deck, else the
    company's.
    """

    _name = "voip.margin.rule"
    _inherit = ["voip.finite"]
    _description = "Margin Threshold"
    _order = "account_id, deck_id, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    account_id = fields.Many2one(
        "voip.account",
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
        help="Empty: all accounts.",
    )
    deck_id = fields.Many2one(
        "voip.rate.deck",
        string="Customer Deck",
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
        domain=[("side", "=", "customer")],
        help="Empty: all decks.",
    )
    threshold = ExactFloat(
        string="Least Margin (%)",
        digits=PERCENT,
        required=True,
        aggregator=None,
        help="Of the sale, after cost and overhead. 0: only losses are alerts.",
    )
    note = fields.Char(help="Why it differs from the company's.")

    _scope_uniq = models.UniqueIndex(
        "(company_id, COALESCE(account_id, 0), COALESCE(deck_id, 0))",
        "There is a threshold of this account and deck already.",
    )
    _scope_given = models.Constraint(
        "CHECK (account_id IS NOT NULL OR deck_id IS NOT NULL)",
        "Choose an account or a deck; the company's threshold is in the settings.",
    )
    _bounds = models.Constraint(
        "CHECK (threshold BETWEEN 0 AND 99)", "The least margin is 0 to 99 %."
    )

    # === COMPUTE METHODS === #

    @api.depends("account_id", "deck_id")
    def _compute_display_name(self):
        for rule in self:
            parts = (rule.account_id.display_name, rule.deck_id.display_name)
            rule.display_name = ", ".join(filter(None, parts))

    # === CONSTRAINT METHODS === #

    @api.constrains("deck_id")
    def _check_deck(self):
        for rule in self:
            if rule.deck_id.side == "supplier":
                raise ValidationError(
                    self.env._(
                        "%s is a supplier's deck: margins are of customer decks.",
                        rule.deck_id.display_name,
                    )
                )

    # === BUSINESS METHODS === #

    @api.model
    def _thresholds(self, company):
        """{(account id or 0, deck id or 0): Decimal} of a company; (0, 0) its own."""
        rules = self.sudo().search([("company_id", "=", company.id)])
        own = {(0, 0): Decimal(str(company.sudo().voip_margin_percent))}
        for rule in rules:
            scope = (rule.account_id.id or 0, rule.deck_id.id or 0)
            own[scope] = Decimal(str(rule.threshold))
        return own


def threshold_of(thresholds, account, deck):
    """The narrowest of :meth:`VoipMarginRule._thresholds` for two ids."""
    for key in ((account, deck), (account, 0), (0, deck)):
        if key in thresholds:
            return thresholds[key]
    return thresholds[0, 0]
