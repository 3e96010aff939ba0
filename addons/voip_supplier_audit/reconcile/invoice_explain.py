"""Why an invoice differs: the engine's diagnosis on its lines, told in sentences."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

from ..costs.invoice_reconcile import asked_of
from ..engine.explain import BOTH, BOUND, SUMMARY, TEXTS, TIES, sentence, summary
from ..engine.rules import Supposition
from ..engine.runs import distinct
from ..invoices.figures import exact, text
from .case import Case, Printed, Terms
from .read import read_ours
from .versions import agreed_rates, read_rule, read_versions

# Beyond so many of our calls the memory of a worker would not do.
MOST_CALLS = 2_000_000
# Where carriers keep their clocks, beside UTC and the two companies' own zones.
ZONES = (
    "UTC",
    "America/Los_Angeles",
    "America/New_York",
    "America/Bogota",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
)
_MOST_FACTORS = 3
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1)


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    explained_total = Amount(
        string="Explained",
        compute="_compute_why",
        help="What of the difference has a cause. With what is not explained it is the"
        " difference.",
        **MONEY,
    )
    unexplained = Amount(compute="_compute_why", **MONEY)
    why = fields.Text(
        compute="_compute_why", help="The causes of the difference, and their money."
    )
    just_as_well = fields.Json(
        readonly=True,
        copy=False,
        help="Kinds that explain the whole invoice, then those that do so as well.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "difference",
        "just_as_well",
        "line_ids.explanations",
        "line_ids.unexplained",
        "ours_unbilled",
        "state",
    )
    def _compute_why(self):
        for invoice in self:
            groups = invoice._line_groups()
            rest = sum((group.unexplained for group in groups), Decimal(0))
            difference = exact(invoice.difference)
            invoice.unexplained = float(rest)
            invoice.explained_total = float(difference - rest)
            invoice.why = invoice._why(difference, rest, groups)

    def _why(self, difference, rest, groups):
        if self.state == "imported":
            return False
        others = self._uncompared_texts()
        if self._is_all_other_currency():
            return " ".join(others)
        found = self._explained_kinds()
        count = sum(group.count for group in groups)
        if not others and not found and abs(rest) <= self._unit() / 2 * count:
            return self.env._("Nothing to explain: what is billed is ours.")
        said = summary(
            found,
            _scaled(difference),
            _scaled(rest),
            self._told_money,
            self._kind_label,
            self.env._(SUMMARY),
        )
        if sum(group.ours_calls for group in groups) > MOST_CALLS:
            more = self.env._(BOUND, most=f"{MOST_CALLS:,}")
            return f"{said} {more}"
        ties = self._ties_text(self.just_as_well or [])
        return " ".join([said, *ties, *others])

    def _told_money(self, scaled):
        """Money of the whole as its currency is printed."""
        unit = Decimal(1).scaleb(-self.currency_id.decimal_places)
        return text(Decimal(scaled).scaleb(-8).quantize(unit))

    def _explained_kinds(self):
        """Scaled amounts by kind, over all lines and what is on no line."""
        money = self._explained_money()
        found = {kind: _scaled(amount) for kind, amount in money.items()}
        if self.ours_unbilled:
            unbilled = _scaled(exact(self.ours_unbilled))
            found["missing_there"] = found.get("missing_there", 0) - unbilled
        return found

    def _causes(self):
        """[(kind, Decimal)] of what makes the invoice dearer than ours, or cheaper."""
        found = self._explained_kinds().items()
        return [(kind, Decimal(amount).scaleb(-8)) for kind, amount in found]

    def _unit(self):
        agreed = self.agreement_id.sudo()
        return Decimal(1).scaleb(-(agreed.amount_decimals if agreed else 2))

    def _kind_label(self, kind):
        found = self.env["voip.supplier.invoice.line"]._fields["found"]
        return dict(found._description_selection(self.env))[kind].lower()

    def _ties_text(self, ties):
        """A sentence on what gives the same money; none: no sentence."""
        if not ties:
            return []
        both = self.env._(BOTH)
        names = [both.join(map(self._kind_label, kinds)) for kinds in ties]
        return [self.env._(TIES, kinds="; ".join(names))]

    # === BUSINESS METHODS === #

    def _usage_lines(self):
        return self.line_ids.filtered(lambda line: line.kind == "usage")

    def _explain(self, case):
        """Put causes on the lines.

        :param case: :class:`~.case.Case` with the supplier's records, or None
        """
        usage = self._compared_lines()
        self.just_as_well = False
        gaps = [abs(exact(line.difference)) for line in usage]
        calls = sum(usage.mapped("ours_calls"))
        if calls > MOST_CALLS or max(gaps, default=0) <= self._unit() / 2:
            return
        found, keys = (case or self._case()).diagnose()
        if found is None:
            return
        self.just_as_well = [list(kinds) for kinds in found.ties] or False
        lines = list(usage.browse(keys))
        usage._write_found(
            {
                line.id: line._explained_values(result, lines)
                for line, result in zip(lines, found.lines, strict=True)
                if result.explanations
            }
        )

    def _case(self, pairs=None):
        """The invoice as the engine takes it.

        :param pairs: :class:`~.case.Pairs` of the supplier's records, or None
        """
        usage = self._usage_lines()
        cr, asked = self.env.cr, self._asked_calls()
        ours = pairs.ours if pairs else read_ours(cr, asked)
        used, place = distinct(ours.code)
        counts = np.bincount(place, minlength=used.size)
        versions = read_versions(cr, used.tolist(), self.currency_id.id, asked["until"])
        counts = dict(zip(used.tolist(), counts.tolist(), strict=True))
        rule = read_rule(cr, versions, counts)
        terms = self._diagnosed_terms(rule)
        printed = [_printed(line) for line in usage]
        rates, place = agreed_rates(versions)
        return Case(printed, ours, versions, rates, place, rule, terms, pairs)

    def _diagnosed_terms(self, rule):
        agreed = self.agreement_id
        since, until = self._period_utc()
        return Terms(
            ((since - _EPOCH) // _MICROSECOND, (until - _EPOCH) // _MICROSECOND),
            _scaled(self._unit()),
            60_000 // 10 ** min(agreed.minute_decimals if agreed else 2, 4),
            self._zones(),
            (*self._currencies(), *self._taxes()),
            tuple(agreed._suppositions(rule)),
        )

    def _ahead(self, tz):
        """Microseconds that a zone is ahead of UTC when the period begins."""
        begin = self._period_utc()[0].replace(tzinfo=ZoneInfo("UTC"))
        return begin.astimezone(ZoneInfo(tz)).utcoffset() // _MICROSECOND

    def _zones(self):
        """Microseconds that other zones are ahead of the invoice's."""
        names = (self.partner_id.tz, self.company_id.partner_id.tz, *ZONES)
        mine = self._ahead(self.tz)
        ahead = {self._ahead(name) - mine for name in names if name}
        return tuple(sorted(ahead - {0}, key=abs))

    def _currencies(self):
        """Factors of other currencies that have a rate."""
        others = self.env["res.currency"].search(
            [("id", "!=", self.currency_id.id)], limit=_MOST_FACTORS
        )
        for currency in others:
            rate = self.env["res.currency"]._get_conversion_rate(
                self.currency_id, currency, self.company_id, self.date
            )
            factor = int(exact(rate).scaleb(8)), 10**8
            if factor[0] > 0 and factor[0] != factor[1]:
                yield "currency", factor, {"currency": currency.name}

    def _taxes(self):
        """Factors of the percentages that purchases are taxed with."""
        domain = Domain("company_id", "=", self.company_id.id) & Domain(
            [
                ("type_tax_use", "=", "purchase"),
                ("amount_type", "=", "percent"),
                ("amount", ">", 0),
            ]
        )
        rates = dict.fromkeys(self.env["account.tax"].search(domain).mapped("amount"))
        for rate in list(rates)[:_MOST_FACTORS]:
            over = int(exact(rate).scaleb(8))
            yield "tax", (10**10 + over, 10**10), {"percent": rate}


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    def _explained_values(self, result, lines):
        """What the engine found of the line.

        :param result: :class:`~..engine.diagnose.LineResult` with explanations
        :param lines: the records that the engine's positions are of
        """
        largest = max(result.explanations, key=lambda one: abs(one.amount))
        told = [self._told_explanation(one, lines) for one in result.explanations]
        told = [*(self.explanations or []), *told]
        ties = self.invoice_id._ties_text(result.ties)
        told[-1]["text"] = " ".join([told[-1]["text"], *ties])
        kind = largest.kind if result.within_tolerance else self.found
        return {"explanations": told, "found": kind}

    def _told_explanation(self, one, lines):
        invoice, evidence = self.invoice_id, dict(one.evidence)
        if "zone_us" in evidence:
            evidence["zone_us"] += invoice._ahead(invoice.tz)
        if "line" in evidence:
            evidence["line"] = lines[evidence["line"]].display_name
        template = {one.kind: self.env._(TEXTS[one.kind])}
        one = replace(one, evidence=evidence)
        zone = ZoneInfo(invoice.tz)
        return {
            "kind": one.kind,
            "amount": _money(one.amount),
            "text": sentence(one, _money, template, zone),
        }


class VoipSupplierAgreement(models.Model):
    _inherit = "voip.supplier.agreement"

    def _suppositions(self, rule):
        """What the agreement says otherwise than the deck: he may charge by it.

        :param rule: :class:`~..engine.rules.Rule` of the deck
        """
        if self.initial_increment and self.next_increment:
            change = {"initial": self.initial_increment}
            change["following"] = self.next_increment
            yield Supposition("increments", change)
        if self and self.formula not in ("deck", rule.formula):
            yield Supposition("formula", {"formula": self.formula})
        if self and self.rounding not in ("deck", rule.rounding):
            change = {"rounding": self.rounding, "decimals": rule.decimals}
            yield Supposition("rounding", change)


def _scaled(amount):
    return int(amount.scaleb(8))


def _money(scaled):
    return text(Decimal(scaled).scaleb(-8))


def _printed(line):
    """A line as the engine's case takes it."""
    minutes, rate = exact(line.minutes), exact(line.rate)
    return Printed(
        asked_of(line),
        _scaled(exact(line.amount)),
        _scaled(exact(line.ours_amount) + line._billed_before()),
        line.calls or -1,
        int(minutes * 60_000) if line.minutes else -1,
        _scaled(rate) if line.rate else -1,
        "unknown_code" if line.found == "unknown_code" else "missing_here",
        line._is_compared(),
    )
