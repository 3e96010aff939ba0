"""Words of what happens to numbers in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    "account": _lt("Account"),
    "after": _lt("After"),
    "by_caller": _lt("By caller's number"),
    "caller_foreign": _lt("Foreign callers"),
    "caller_of_others": _lt("Callers of others"),
    "before": _lt("Before"),
    "country": _lt("Country"),
    "deck": _lt("Deck"),
    "end": _lt("To"),
    "fee": _lt("Fee"),
    "from": _lt("From"),
    "kind": _lt("Kind"),
    "numbers": _lt("From numbers"),
    "plan": _lt("Plan"),
    "price": _lt("Price"),
    "start": _lt("From"),
    "unknown_as": _lt("Unknown callers as"),
}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("did_assigned", self.env._("Number assigned")),
            ("did_caller", self.env._("Callers of an account changed")),
            ("did_changed", self.env._("Number changed")),
            ("did_inbound", self.env._("Inbound price of numbers changed")),
            ("did_plan", self.env._("Plan of numbers changed")),
            ("did_price", self.env._("Price of numbers changed")),
            ("did_price_end", self.env._("Price of numbers deleted")),
            ("did_price_new", self.env._("Price of numbers made")),
            ("did_unassigned", self.env._("Assignment of a number deleted")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS
