"""The audit trail in words: events, what they are about and what they say."""

import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# Names in the data that no field of the record has; modules add theirs.
WORDS = {
    "amount": _lt("Amount"),
    "code": _lt("Code"),
    "currency": _lt("Currency"),
    "entry": _lt("Journal entry"),
    "errors": _lt("Errors"),
    "invoiced": _lt("Invoiced"),
    "notice_hours": _lt("Notice (hours)"),
    "payer": _lt("Paid by"),
    "payment": _lt("Payment"),
    "reason": _lt("Reason"),
    "recharge": _lt("Recharge"),
    "rows": _lt("Rows"),
    "seal_calls": _lt("Answered calls"),
    "seal_cost": _lt("Cost"),
    "seal_sale": _lt("Sale"),
    "seal_seconds": _lt("Billed seconds"),
    "to": _lt("To"),
    "transaction": _lt("Transaction"),
    "totals": _lt("Totals"),
    "unrated": _lt("Records without a price"),
}
# What a seal covers; modules add theirs.
PARTS = {"usage": _lt("Rated usage"), "summaries": _lt("Usage summaries")}
SEAL = "month_sealed"


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    subject = fields.Char(
        compute="_compute_subject", string="About", help="The record it happened to."
    )
    summary = fields.Char(
        compute="_compute_words", string="Particulars", help="What happened, in a line."
    )
    particulars = fields.Html(
        compute="_compute_words", string="In Words", sanitize=False
    )

    # === COMPUTE METHODS === #

    @api.depends("event", "seq")
    def _compute_display_name(self):
        names = dict(self._fields["event"]._description_selection(self.env))
        for audit in self:
            audit.display_name = f"{audit.seq}: {names.get(audit.event, audit.event)}"

    @api.depends("res_model", "res_id")
    def _compute_subject(self):
        for model, audits in self.grouped("res_model").items():
            names = self._names(model, audits.mapped("res_id"))
            for audit in audits:
                audit.subject = names.get(audit.res_id, False)

    @api.depends("event", "data", "res_model")
    def _compute_words(self):
        for audit in self:
            data = json.loads(audit.data)
            if audit.event == SEAL:
                values = audit._seal_values(data)
                audit.summary = self.env._(
                    "%(month)s: %(rows)s calls and other usage, sale %(sale)s",
                    month=values["month"],
                    rows=values["parts"][0]["rows"],
                    sale=audit._number(data["usage"]["sale"]),
                )
            else:
                values = {"lines": list(audit._lines(data))}
                audit.summary = "; ".join(map(": ".join, values["lines"]))
            audit.particulars = self.env["ir.qweb"]._render(
                "voip_billing_base.audit_particulars", values
            )

    # === ACTION METHODS === #

    def action_view_summaries(self):
        """The usage summaries that this seal covers."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_summary_action"
        )
        return action | {"domain": [("seal_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    @api.model
    def _select_event(self):
        """[(name, words)] of all events; modules add theirs."""
        return [
            ("account_credit_moved", self.env._("Balance moved to another account")),
            ("account_credit_repaid", self.env._("Credit paid back")),
            ("account_state", self.env._("Account state changed")),
            ("account_terms", self.env._("Account terms changed")),
            ("billing_run", self.env._("Billing run done")),
            ("billing_run_override", self.env._("Unrated records overridden")),
            ("event_price", self.env._("Price of events changed")),
            ("event_price_end", self.env._("Price of events deleted")),
            ("event_dismissed", self.env._("Event dismissed")),
            ("event_taken", self.env._("Refused event taken")),
            ("event_price_new", self.env._("Price of events made")),
            ("event_webhook_secret", self.env._("Secret of a webhook set")),
            ("events_again", self.env._("Events priced again")),
            ("credit_used_up", self.env._("Credit used up")),
            ("postpaid_approved", self.env._("Postpaid request approved")),
            ("portal_rights", self.env._("Portal rights changed")),
            ("postpaid_asked", self.env._("Postpaid asked for")),
            ("postpaid_refused", self.env._("Postpaid request refused")),
            ("postpaid_withdrawn", self.env._("Postpaid request withdrawn")),
            ("recharge_decided", self.env._("Recharge decided by hand")),
            ("recharge_done", self.env._("Recharged")),
            ("recharge_failed", self.env._("Recharge failed")),
            ("recharge_settings", self.env._("Settings of recharges changed")),
            (SEAL, self.env._("Month sealed")),
            ("topup", self.env._("Top-up")),
        ]

    @api.model
    def _words(self):
        """{name in the data: lazy words}; modules add theirs."""
        return WORDS

    @api.model
    def _parts(self):
        """{part of a seal: lazy words}, in order; modules add theirs."""
        return PARTS

    @api.model
    def _names(self, model, ids):
        """{id: kind and name} of the records of ``model`` that the user may read."""
        if not model or model not in self.env:
            return {}
        Model = self.env[model].with_context(active_test=False)
        if not Model.has_access("read"):
            return {}
        kind = self.env["ir.model"]._display_name_for([model])[0]["display_name"]
        return {
            record.id: f"{kind} {record.display_name}"
            for record in Model.search([("id", "in", ids)])
        }

    @api.model
    def _sentence(self, data):
        """Counts and other values that no record has fields for, in a line."""
        return "; ".join(map(": ".join, self.browse()._lines(data)))

    def _lines(self, data):
        """(name, value) in words of what was recorded."""
        if {"before", "after"} <= data.keys():
            change = [data.pop("before"), data.pop("after")]
            yield self.env._("Change"), self._text("state", change)
        for name, value in data.items():
            yield self._word(name), self._text(name, value)

    def _field(self, name):
        """The field of the record's model that ``name`` means, if any."""
        if not self.res_model or self.res_model not in self.env:
            return None
        return self.env[self.res_model]._fields.get(name)

    def _word(self, name):
        if self._field(name):
            return self._field(name)._description_string(self.env)
        word = self._words().get(name)
        return str(self.env._(word)) if word else name.replace("_", " ").capitalize()

    def _text(self, name, value):
        if isinstance(value, dict):
            return ", ".join(map(self._pair, value, value.values())) or "–"
        if isinstance(value, list):
            parts = [self._text(name, one) for one in value]
            return ("; " if value and isinstance(value[0], dict) else " → ").join(parts)
        return self._scalar(name, value)

    def _pair(self, name, value):
        # Totals are per currency, which needs no word.
        if name.isupper():
            return f"{self._number(value)} {name}"
        return f"{self._word(name)} {self._text(name, value)}"

    def _scalar(self, name, value):
        field = self._field(name)
        kind = field.type if field else ""
        if isinstance(value, bool) and kind in ("", "boolean"):
            return self.env._("Yes") if value else self.env._("No")
        if value is False or value in (None, ""):
            return "–"
        if kind == "many2one":
            found = self.env[field.comodel_name].browse(value).exists()
            readable = found and found.has_access("read")
            return found.display_name if readable else f"#{value}"
        if kind == "selection":
            return dict(field._description_selection(self.env)).get(value, str(value))
        return str(value) if isinstance(value, str) else self._number(value)

    # === SEALS === #

    def _seal_values(self, data):
        """What the table of a seal shows: month and a row for each part."""
        return {
            "month": format_date(self.env, data["month"], date_format="MMMM yyyy"),
            "version": data["version"],
            "parts": [
                self._seal_part(str(self.env._(words)), data[name])
                for name, words in self._parts().items()
                if name in data
            ],
        }

    def _seal_part(self, words, content):
        sums = [
            f"{self._word(f'seal_{key}')} {self._number(value)}"
            for key, value in content.items()
            if key not in ("rows", "hash")
        ]
        return {
            "name": words,
            "rows": self._number(content["rows"]),
            "sums": ", ".join(sums),
            "hash": content["hash"],
        }

    def _number(self, value):
        """A figure exactly as recorded, in groups of three digits."""
        whole, point, decimals = f"{Decimal(str(value)):,f}".partition(".")
        decimals = decimals.rstrip("0").ljust(2, "0") if point else ""
        return f"{whole}{point}{decimals}"
