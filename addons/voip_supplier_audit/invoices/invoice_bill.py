"""The bills of a decided invoice: what is accepted, and what is disputed apart."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from .figures import ZERO, exact, spread

OPPOSITE = {"in_invoice": "in_refund", "in_refund": "in_invoice"}
# How the entries of an invoice are told apart: what follows its number.
ENDINGS = {"": "", "held": "/D", "debit": "/DN", "back": "/R"}


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _make_bills(self):
        """Post the bills of what was decided.

        Accepted money is one bill. Disputed money is a second one that is held from
        payment, or is on the first one and claimed by a debit note. A bill that was in
        the books already stays; what is not accepted of it is claimed by a debit note.

        :return: the posted entries
        """
        parts = self._parts()
        accepted, disputed = parts["accepted"], parts["disputed"]
        if self.bill_id:
            moves = self.bill_id
            self.bill_id.voip_supplier_invoice_id = self
            refused = [*disputed, *parts["rejected"]]
            return moves | self._post_move("in_refund", refused, "debit")
        held = self.agreement_id.claim_by != "debit_note"
        if held:
            moves = self._post_move("in_invoice", accepted, "")
            return moves | self._post_move("in_invoice", disputed, "held", accepted)
        moves = self._post_move("in_invoice", parts["billed"], "")
        note = self._post_move("in_refund", disputed, "debit")
        self._reconcile_payable(moves | note)
        return moves | note

    def _post_move(self, kind, parts, role, before=(), **values):
        """Post an entry of these :class:`~.invoice_parts.Part` s; none without any.

        What comes to less than nothing is an entry of the opposite kind.

        :param role: ``""``, ``held``, ``debit``, or ``back`` where a debit note is
            given up in part
        :param before: parts of another bill, together with which the sum is rounded
        :param values: of the entry, beside the usual ones
        """
        moves = self.env["account.move"]
        if not parts:
            return moves
        nets = [part for part in parts if part.kind != "tax"]
        tax = sum((part.money for part in parts if part.kind == "tax"), ZERO)
        rounded = self._rounded(nets, before)
        if sum(rounded) + tax < 0:
            kind, tax = OPPOSITE[kind], -tax
            rounded = [-money for money in rounded]
        move = moves.with_company(self.company_id).create(
            {
                **self._move_values(kind, role),
                **values,
                "invoice_line_ids": [
                    Command.create(self._bill_line(part, money))
                    for part, money in zip(nets, rounded, strict=True)
                ],
            }
        )
        self._settle_tax(move, tax)
        move.action_post()
        if self.pdf and not role:
            self._attach_pdf(move)
        return move

    def _rounded(self, nets, before):
        """Money of the lines of a bill: all bills come to their sum, rounded once."""
        already = [part.money for part in before if part.kind != "tax"]
        amounts = [*already, *(part.money for part in nets)]
        decimals = self.currency_id.decimal_places
        return spread(amounts, decimals)[len(already) :]

    def _move_values(self, kind, role):
        agreed = self.agreement_id
        values = {
            "move_type": kind,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "ref": f"{self.number}{ENDINGS[role]}",
            "voip_supplier_invoice_id": self.id,
            "voip_payment_hold": role == "held",
        }
        if agreed.payment_term_id and kind == "in_invoice":
            values["invoice_payment_term_id"] = agreed.payment_term_id.id
        return values

    def _bill_line(self, part, money):
        agreed = self.agreement_id
        values = {
            "name": part.words,
            "quantity": 1,
            "price_unit": float(money),
        }
        if agreed.product_id:
            values["product_id"] = agreed.product_id.id
        if agreed.analytic_distribution:
            values["analytic_distribution"] = agreed.analytic_distribution
        return values

    def _settle_tax(self, move, tax):
        """Taxes of a bill are those that the supplier states.

        :raises UserError: our taxes come to something else
        """
        stated = tax.quantize(
            exact(1).scaleb(-self.currency_id.decimal_places).normalize()
        )
        if exact(move.amount_tax) == stated:
            return
        if not stated:
            move.invoice_line_ids.tax_ids = [Command.clear()]
            return
        raise UserError(
            self.env._(
                "Invoice %(number)s states %(stated)s of taxes on what the bill would"
                " hold, our taxes come to %(ours)s: set the taxes of the agreement's"
                " product, or dispute the line of the tax.",
                number=self.number,
                stated=stated,
                ours=exact(move.amount_tax).normalize(),
            )
        )

    def _attach_pdf(self, move):
        self.env["ir.attachment"].create(
            {
                "name": self.pdf_name or f"{self.number}.pdf",
                "datas": self.pdf,
                "res_model": "account.move",
                "res_id": move.id,
            }
        )

    def _reconcile_payable(self, moves):
        """Set off the payable lines of posted entries against each other."""
        lines = moves.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "liability_payable"
                and not line.reconciled
            )
        )
        if len(lines.move_id) > 1:
            lines.reconcile()
