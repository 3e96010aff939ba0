"""Words of what rating leaves in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    "active": _lt("Active"),
    "applied": _lt("Applied"),
    "basis": _lt("Basis"),
    "calendar": _lt("Working days (ID)"),
    "call_id": _lt("Call ID"),
    "changed": _lt("Changed"),
    "changes": _lt("Changes, as hashed"),
    "closed": _lt("Closed"),
    "codes": _lt("Decks"),
    "content": _lt("Content"),
    "csv": _lt("SHA-256 of the CSV"),
    "days_closed": _lt("Days of notice: closed"),
    "days_decreased": _lt("Days of notice: decreases"),
    "days_increased": _lt("Days of notice: increases"),
    "days_new": _lt("Days of notice: new"),
    "decimals": _lt("Decimals of prices"),
    "deck": _lt("Deck"),
    "decks": _lt("Decks (ID)"),
    "decreased": _lt("Decreased"),
    "destination": _lt("Destination"),
    "direction": _lt("Direction"),
    "duplicate": _lt("Duplicates"),
    "duplicates": _lt("Duplicates"),
    "exceptions": _lt("Exceptions"),
    "exchange_date": _lt("Exchange rates of"),
    "faulty": _lt("Faulty"),
    "file": _lt("File"),
    "fixed": _lt("Mark-up per minute"),
    "floor": _lt("Least margin per minute"),
    "from": _lt("From"),
    "import": _lt("Import (ID)"),
    "increased": _lt("Increased"),
    "increments": _lt("Increments"),
    "keys": _lt("API keys"),
    "mode": _lt("Mode"),
    "new": _lt("New"),
    "note": _lt("Note"),
    "notice": _lt("Notice"),
    "on_change": _lt("When a source changes"),
    "parent": _lt("Parent deck"),
    "partner": _lt("Partner"),
    "partners": _lt("Partners"),
    "percent": _lt("Mark-up %"),
    "prefix": _lt("Code"),
    "prefixes": _lt("Codes"),
    "price": _lt("Price per minute"),
    "rated": _lt("Rated"),
    "rates": _lt("Rates"),
    "returns": _lt("Go on after an end"),
    "seal_duration_ms": _lt("Duration (ms)"),
    "seal_from": _lt("After record"),
    "seal_price": _lt("Sum of prices"),
    "seal_to": _lt("Up to record"),
    "sha256": _lt("SHA-256 of the file"),
    "sources": _lt("Source decks and weights"),
    "to": _lt("To"),
    "tz": _lt("Time zone"),
    "unchanged": _lt("Unchanged"),
    "xlsx": _lt("SHA-256 of the XLSX"),
    "zero_rated": _lt("Zero-rated"),
}
PARTS = {"calls": _lt("Call records"), "rates": _lt("Rate versions")}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("account_deck", self.env._("Account deck changed")),
            ("agreement_change", self.env._("Rate agreement changed")),
            ("batch_undone", self.env._("Batch undone")),
            ("cdr_dismissed", self.env._("Record in error dismissed")),
            ("cdr_reopened", self.env._("Record in error opened again")),
            ("deck_change", self.env._("Deck changed")),
            ("deck_create", self.env._("Deck created")),
            ("deck_generate", self.env._("Deck generated")),
            ("deck_load", self.env._("Rate sheet loaded")),
            ("format_change", self.env._("Format of call records changed")),
            ("format_create", self.env._("Format of call records created")),
            ("format_delete", self.env._("Format of call records deleted")),
            ("markup_change", self.env._("Mark-up changed")),
            ("notice_approve", self.env._("Rate notice approved")),
            ("notice_delivered", self.env._("Rate notice delivered")),
            ("notice_shorten", self.env._("Notice of rates shortened")),
            ("rate_import_apply", self.env._("Rate import applied")),
            ("rate_import_undo", self.env._("Rate import undone")),
            ("rate_add", self.env._("Rate added")),
            ("rate_close", self.env._("Rate closed")),
            ("rate_delete", self.env._("Rate deleted")),
            ("switch_key_create", self.env._("API key created")),
            ("switch_key_revoke", self.env._("API keys revoked")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS

    @api.model
    def _parts(self):
        return super()._parts() | PARTS
