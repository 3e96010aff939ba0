"""What is open with a partner becomes lines."""

from odoo import models

SOURCES = ("asset_receivable", "liability_payable")


class VoipNetting(models.Model):
    _inherit = "voip.netting"

    def _propose(self):
        """Make the lines what is open now; what people chose on them stays.

        Items that another netting holds are not offered.
        """
        items = self._open_items()
        there = {line.move_line_id: line for line in self.line_ids}
        self.env["voip.netting.line"].browse(
            line.id for item, line in there.items() if item not in items
        ).unlink()
        known = self._disputed_before(items - self.line_ids.move_line_id)
        for item in items & self.line_ids.move_line_id:
            self._renew(there[item], item)
        self.env["voip.netting.line"].create(
            [
                self._prepare_line_vals(item, known.get(item))
                for item in items
                if item not in there
            ]
        )
        self.env.flush_all()

    def _open_items(self):
        """Posted items with something open, of the partner and its contacts."""
        items = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("account_id.account_type", "in", SOURCES),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            order="date_maturity, date, id",
        )
        lines = self.env["voip.netting.line"].search(
            [
                ("move_line_id", "in", items.ids),
                ("is_live", "=", True),
                ("netting_id", "!=", self.id),
            ]
        )
        open_items = items.filtered(lambda item: _residual(item))
        return open_items - lines.move_line_id

    def _disputed_before(self, items):
        """{item: reason} of items that the last netting left out as disputed."""
        lines = self.env["voip.netting.line"].search(
            [("move_line_id", "in", items.ids)], order="id"
        )
        found = {}
        for line in lines:
            disputed = line.withheld == "disputed"
            found[line.move_line_id] = line.reason or "" if disputed else None
        return {item: text for item, text in found.items() if text is not None}

    def _prepare_line_vals(self, item, disputed):
        residual = _residual(item)
        withheld, reason = self._proposed(item, disputed)
        return {
            "netting_id": self.id,
            "move_line_id": item.id,
            "currency_id": item.currency_id.id,
            "side": "theirs" if residual > 0 else "ours",
            "due": item.date_maturity or item.date,
            "residual": abs(residual),
            "amount": abs(residual),
            "withheld": withheld,
            "reason": reason,
            "is_live": not withheld,
        }

    def _proposed(self, item, disputed):
        """(why it is left out or False, reason) of an item that is new."""
        if disputed is not None:
            return "disputed", disputed
        if reason := self._disputed_now(item):
            return "disputed", reason
        if item.move_id.origin_payment_id or item.move_id.statement_line_id:
            # Credit of a prepaid wallet is for calls to come.
            return "advance", False
        due = item.date_maturity or item.date
        if self.due_until and due > self.due_until:
            return "not_due", False
        return False, False

    def _disputed_now(self, item):
        """Why the document of an item is neither paid nor netted; False: no reason."""
        if item.move_id.payment_state == "blocked":
            return self.env._("Payment of the document is blocked.")
        return item.move_id._voip_withheld_reason()

    def _disputed_since(self, line):
        """Why a line that is taken became disputed; False where it is not, or where
        somebody took it although it was: its reason is still on the line."""
        if line.withheld and line.withheld != "not_due":
            return False
        reason = self._disputed_now(line.move_line_id)
        return reason if reason and reason != line.reason else False

    def _renew(self, line, item):
        """What is open has changed since: an amount that was all of it still is. What
        became disputed is left out."""
        residual = _residual(item)
        size, side = abs(residual), "theirs" if residual > 0 else "ours"
        whole = line.currency_id.compare_amounts(line.amount, line.residual) >= 0
        amount = size if whole or line.side != side else min(line.amount, size)
        values = {
            "side": side,
            "due": item.date_maturity or item.date,
            "residual": size,
            "amount": amount,
        }
        if reason := self._disputed_since(line):
            values |= {"withheld": "disputed", "reason": reason, "is_live": False}
        line.write(values)

    def _redate(self):
        """What is due later than chosen is left out, what was left out for it taken."""
        for line in self.line_ids.filtered(lambda each: not each.reason):
            late = bool(self.due_until) and line.due > self.due_until
            if late and not line.withheld:
                line.write({"withheld": "not_due", "is_live": False})
            elif line.withheld == "not_due" and not late:
                line.withheld = False
                line._take()


def _residual(item):
    return item.currency_id.round(item.amount_residual_currency)
