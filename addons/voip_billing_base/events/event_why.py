"""Why an event costs what it does: its charges in words."""

from odoo import fields, models

from ..const import MONEY
from ..fields import Amount


class VoipUsageEvent(models.Model):
    _inherit = "voip.usage.event"

    is_priced = fields.Boolean(
        string="Charged", readonly=True, help="Not only counted: it has a price."
    )
    amount = Amount(compute="_compute_amount", **MONEY)
    currency_id = fields.Many2one(related="account_id.currency_id")
    explanation = fields.Text(
        compute="_compute_explanation",
        string="Why This Price?",
        groups="voip_billing_base.group_voip_viewer",
    )

    # === COMPUTE METHODS === #

    def _compute_amount(self):
        charges = self.env["voip.usage.event.charge"]
        sums = charges._read_group(
            [("event_id", "in", self.ids)], ["event_id"], ["amount:sum"]
        )
        amounts = dict(sums)
        for event in self:
            event.amount = amounts.get(event.id, 0.0)

    def _compute_explanation(self):
        charges = self.env["voip.usage.event.charge"].search(
            [("event_id", "in", self.ids)]
        )
        by_event = charges.grouped("event_id")
        for event in self:
            some = by_event.get(event.id, charges.browse())
            event.explanation = "\n".join(event._why(some)) or False

    def _why(self, charges):
        """Sentences about its charges, the oldest first."""
        if self.state == "counted" and not self.is_priced:
            yield self.env._("%s is only counted, it costs nothing.", self.type_id.name)
        back = {charge.reversal_of for charge in charges} - {0}
        for charge in charges:
            if charge.reversal_of:
                continue
            sentence = charge._sentence()
            if charge.id in back:
                sentence = self.env._("Taken back: %s", sentence)
            yield sentence
        cost = sum(charges.mapped("cost"))
        if cost:
            price = charges.cost_price_id[-1:]
            yield self.env._(
                "It costs %(cost)s %(currency)s by the list %(list)s.",
                cost=number(cost),
                currency=self.company_id.currency_id.name,
                list=price.pricelist_id.name,
            )

    # === ACTION METHODS === #

    def action_view_usage(self):
        """The rated usage that it became."""
        self.check_access("read")
        self.ensure_one()
        charges = self.env["voip.usage.event.charge"].search(
            [("event_id", "=", self.id)]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_action"
        )
        domain = [
            ("account_id", "in", charges.account_id.ids),
            ("started_at", "=", self.occurred_at),
            ("id", "in", charges.mapped("usage_id")),
        ]
        return action | {"domain": domain, "context": {}}


class VoipUsageEventCharge(models.Model):
    _inherit = "voip.usage.event.charge"

    def _sentence(self):
        """What one charge is: price, list, what it was chosen by, and its units."""
        price = self.price_id
        words = [
            self.env._(
                "%(part)s %(price)s of the list %(list)s, from %(day)s on%(chosen)s:",
                part=dict(self._fields["part"]._description_selection(self.env))[
                    self.part
                ],
                price=price.label,
                list=price.pricelist_id.name,
                day=price.effective_from,
                chosen=price._chosen_by(),
            ),
            self._multiplication(),
        ]
        if self.start or price.tier_ids or price.free_units:
            words.append(
                self.env._("(after %s units of the month)", f"{self.start:,}")
            )
        return " ".join(words)

    def _multiplication(self):
        per = f" / {self.per:,}" if self.per != 1 else ""
        product = f"{self.base:,} × {number(self.unit_price)}{per}"
        result = f"{number(self.amount)} {self.currency_id.name}"
        if self.word == "included":
            return self.env._("%s units are included.", f"{self.base:,}")
        if self.word == "volume":
            return self.env._(
                "%(units)s units before come to the price %(price)s%(per)s, which"
                " changes them by %(result)s.",
                units=f"{self.base:,}",
                price=number(self.unit_price),
                per=per,
                result=result,
            )
        return f"{product} = {result}"


class VoipEventPrice(models.Model):
    _inherit = "voip.event.price"

    def _chosen_by(self):
        """What made this price the one that counts, after a comma; "" nothing."""
        chosen = [
            f"{self._fields[name]._description_string(self.env)} {self[name]}"
            for name in ("campaign", "carrier", "model", "kind", "prefix")
            if self[name]
        ]
        if self.account_id:
            chosen.insert(0, self.env._("own price of %s", self.account_id.code))
        return ", " + ", ".join(chosen) if chosen else ""


def number(value):
    """A float of at most 8 decimals as people write it."""
    text = f"{value:,.8f}"
    return text.rstrip("0").rstrip(".")
