"""Inbound prices of a plan: the deck that rates calls to a number."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..numbers.voip_did import KINDS

TERMS = {"account_id", "by_caller", "deck_id", "kind", "plan_id", "unknown_as"}


class VoipDidInbound(models.Model):
    """The most specific one counts: an account's own, of these a kind's own."""

    _name = "voip.did.inbound"
    _inherit = ["voip.guard"]
    _description = "Inbound Price"
    _order = "plan_id, account_id, kind, id"
    _rec_name = "deck_id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "voip.did.plan",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    kind = fields.Selection(KINDS, help="Empty: all kinds of numbers.")
    account_id = fields.Many2one(
        "voip.account",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="A deck of its own. Empty: for all accounts.",
    )
    deck_id = fields.Many2one(
        "voip.rate.deck",
        string="Inbound Deck",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('side', '=', 'customer')]",
        help="Its codes are of the called number, its origins of the caller's.",
    )
    by_caller = fields.Boolean(
        string="By Caller's Number",
        help="The deck's codes are of the caller's number, as toll-free calls are"
        " priced. Else of the called one.",
    )
    unknown_as = fields.Char(
        string="Unknown Callers As",
        help="Digits of the deck by which callers without a number are rated. Empty:"
        " such calls go to the error queue.",
    )

    _inbound_once = models.UniqueIndex(
        "(plan_id, COALESCE(kind, ''), COALESCE(account_id, 0))",
        "The plan has an inbound price for this kind and account already.",
    )
    _unknown_digits = models.Constraint(
        "CHECK (unknown_as ~ '^[1-9][0-9]{0,14}$')",
        "Unknown callers are rated as 1 to 15 digits, without + and leading zero.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("deck_id")
    def _check_deck(self):
        for price in self:
            if price.deck_id.side != "customer":
                raise ValidationError(
                    self.env._(
                        "%s is a supplier's deck: inbound prices are of a customer's.",
                        price.deck_id.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        prices = super().create(vals_list)
        for price in prices:
            self.env["voip.audit"]._log("did_inbound", price.plan_id, price._terms())
        return prices

    def write(self, vals):
        before = {price: price._terms() for price in self}
        result = super().write(vals)
        if TERMS & vals.keys():
            for price, said in before.items():
                data = {"before": said, "after": price._terms()}
                self.env["voip.audit"]._log("did_inbound", price.plan_id, data)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_logged(self):
        for price in self:
            data = {"before": price._terms()}
            self.env["voip.audit"]._log("did_inbound", price.plan_id, data)

    def _terms(self):
        return {
            "kind": self.kind or "",
            "account": self.account_id.code or "",
            "deck": self.deck_id.code,
            "by_caller": self.by_caller,
            "unknown_as": self.unknown_as or "",
        }


class VoipDidPlan(models.Model):
    _inherit = "voip.did.plan"

    inbound_ids = fields.One2many("voip.did.inbound", "plan_id", copy=True)
