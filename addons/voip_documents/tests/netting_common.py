"""A partner who is customer and supplier, and people who net with it."""

from datetime import date

from odoo import Command
from odoo.tests import new_test_user

from .statement_common import StatementCommon

NIGHT = date(2026, 12, 31)


class NettingCommon(StatementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.customer.email = "partner@example.com"
        cls.clerk = cls._colleague("user")
        cls.approver = cls._colleague("approver")

    @classmethod
    def _work_in(cls, data):
        cls.there = cls.setup_other_company()["company"]
        cls.env.user.write({"company_ids": [Command.link(cls.there.id)]})
        return super()._work_in(data)

    def _elsewhere(self, move_type, amount):
        """A document with the same partner in another company."""
        moves = self.env["account.move"].with_context(
            allowed_company_ids=self.there.ids
        )
        line = {"name": "x", "price_unit": amount, "tax_ids": []}
        move = moves.create(
            {
                "move_type": move_type,
                "partner_id": self.customer.id,
                "invoice_date": self._day,
                "invoice_line_ids": [Command.create(line)],
            }
        )
        move.action_post()
        return move

    @classmethod
    def _colleague(cls, role, company=None):
        company = company or cls.env.company
        return new_test_user(
            cls.env,
            login=f"netting_{role}_{company.id}",
            groups=f"voip_billing_base.group_voip_{role}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def _bill(self, amount, currency=None, partner=None, **values):
        """A vendor bill, or below zero its refund."""
        move = self.env["account.move"].create(
            {
                "move_type": "in_invoice" if amount >= 0 else "in_refund",
                "partner_id": (partner or self.customer).id,
                "currency_id": (currency or self.own).id,
                "invoice_date": self._day,
                "date": self._day,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Line",
                            "quantity": 1,
                            "price_unit": abs(amount),
                            "account_id": self._account_of("default_account_expense"),
                            "tax_ids": [],
                        }
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move

    def _netting(self, user=None, **values):
        """A netting of all that is open, as the clerk makes it."""
        netting = (
            self.env["voip.netting"]
            .with_user(user or self.clerk)
            .create(
                {
                    "partner_id": self.customer.id,
                    "due_until": NIGHT,
                    "date": self._day,
                    **values,
                }
            )
        )
        netting.action_propose()
        return netting

    def _ask(self, netting):
        """Request; the key of the link."""
        action = netting.action_request()
        return action["context"]["default_link"].rpartition("/")[2]

    def _agree(self, netting, how="paper"):
        if netting.is_open:
            self._ask(netting)
        wizard = self.env["voip.netting.agreement"].with_user(netting.env.user)
        values = {"netting_id": netting.id, "how": how, "name": "Ann Signer"}
        wizard.create(values).action_record()
        return netting

    def _post(self, netting):
        """Agreed on, approved by another one."""
        self._agree(netting)
        netting.with_user(self.approver).action_approve()
        self.env.invalidate_all()
        return netting

    def _line(self, netting, move):
        return netting.line_ids.filtered(lambda line: line.move_id == move)

    def _item(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_type in ("asset_receivable", "liability_payable")
        )

    def _residuals(self, *moves):
        self.env.invalidate_all()
        return [
            round(sum(self._item(move).mapped("amount_residual_currency")), 3)
            for move in moves
        ]

    def _rate(self, netting, one, rate, other):
        netting.rate_ids = [
            Command.create(
                {"currency_id": one.id, "rate": rate, "other_currency_id": other.id}
            )
        ]
