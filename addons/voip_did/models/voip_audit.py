"""Words of what happens to numbers in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    "account": _lt("Account"),
    "after": _lt("After"),
    "agreed_on": _lt("Agreed for"),
    "by_caller": _lt("By caller's number"),
    "caller_foreign": _lt("Foreign callers"),
    "caller_of_others": _lt("Callers of others"),
    "before": _lt("Before"),
    "carrier": _lt("Other carrier"),
    "changed_count": _lt("Changed"),
    "country": _lt("Country"),
    "direction": _lt("Direction"),
    "done_on": _lt("Done on"),
    "deck": _lt("Deck"),
    "end": _lt("To"),
    "faulty_count": _lt("Faulty"),
    "fee": _lt("Fee"),
    "from": _lt("From"),
    "kind": _lt("Kind"),
    "new_count": _lt("New"),
    "number": _lt("Number"),
    "number_count": _lt("New numbers"),
    "numbers": _lt("From numbers"),
    "plan": _lt("Plan"),
    "price": _lt("Price"),
    "row_count": _lt("Rows"),
    "sha256": _lt("SHA-256"),
    "size": _lt("Size"),
    "start": _lt("From"),
    "unchanged_count": _lt("Unchanged"),
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
            ("did_import", self.env._("List of numbers imported")),
            ("did_joined", self.env._("Numbers joined to a block")),
            ("did_inbound", self.env._("Inbound price of numbers changed")),
            ("did_plan", self.env._("Plan of numbers changed")),
            ("did_plan_new", self.env._("Plan of numbers made")),
            ("did_ported", self.env._("Porting of a number")),
            ("did_price", self.env._("Price of numbers changed")),
            ("did_price_end", self.env._("Price of numbers deleted")),
            ("did_price_new", self.env._("Price of numbers made")),
            ("did_reserved", self.env._("Number reserved")),
            ("did_resumed", self.env._("Suspension of a number ended")),
            ("did_split", self.env._("Block of numbers split")),
            ("did_suspended", self.env._("Number suspended")),
            ("did_unassigned", self.env._("Assignment of a number deleted")),
            ("did_unreserved", self.env._("Reservation of a number ended")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS
