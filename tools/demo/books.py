"""Fifth act: an accountant's day. Money that names nothing, corrections, credits."""

from decimal import ROUND_HALF_UP, Decimal

import seed
from stage import Stage

from odoo import Command

CENT = Decimal("0.01")
SHARE = Decimal(25)


class Books(Stage):
    """Wallets follow whatever is done with receivables; sums are told beforehand."""

    def keep_books(self):
        self.books = seed.as_user(self.env, "demo")
        self.open_customer()
        self.pay_loosely()
        self.correct_payment()
        self.credit_part()

    def open_customer(self):
        env = self.books
        with self.story.step("A customer who owes already gets two accounts"):
            made = self.env["res.partner"].create({"name": "Orion Call Centers"})
            self.customer = made.with_env(env)
            self.fee(self.customer, 40)
            accounts = [
                env["voip.account"].create(
                    {"name": f"Orion {name}", "code": f"ORION-{name}",
                     "partner_id": self.customer.id}
                )
                for name in ("EAST", "WEST")
            ]
            self.east, self.west = accounts
            self.commit()
            self.wallets_are("what was open is the main account's", -40, 0)

    def pay_loosely(self):
        env = self.books
        with self.story.step("Payments that name nothing, and what they pay"):
            invoice = self.fee(self.customer, 100, self.west)
            self.wallets_are("an invoice of WEST", -40, -100)
            payment = self.payment(250)
            self.wallets_are("250 come in", 210, -100)
            lines = self.open_lines(invoice, payment.move_id)
            lines.reconcile()
            self.wallets_are("they pay WEST's invoice, the rest stays", 110, 0)
            lines.remove_move_reconcile()
            self.wallets_are("that is undone", 210, -100)
            payment.voip_account_id = self.west
            self.wallets_are("WEST is named", -40, 150)
            lines.reconcile()
            self.wallets_are("and pays its own invoice", -40, 150)
            payment.voip_account_id = self.east
            self.wallets_are("EAST is named", 110, 0)
            entries = env["voip.wallet.entry"].search(
                [("account_id", "in", (self.east | self.west).ids)], order="id"
            )
            self.story.table(
                ("wallet", "what", "of", "amount", "after"),
                [
                    (
                        entry.account_id.code,
                        entry.kind,
                        entry.origin,
                        Decimal(f"{entry.amount:.2f}"),
                        Decimal(f"{entry.balance_after:.2f}"),
                    )
                    for entry in entries
                ],
            )

    def correct_payment(self):
        with self.story.step("The bank rejects a top-up; a small rest is written off"):
            payment = seed.top_up(self.books, self.west, 60)
            self.wallets_are("60 topped up", 110, 60)
            payment.action_reject()
            self.wallets_are("rejected", 110, 0)
            invoice = self.fee(self.customer, 20, self.west)
            register = self.books["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            )
            company = self.books.company
            discounts = company.account_journal_early_pay_discount_loss_account_id
            expense = self.books["account.account"].search(
                [("account_type", "=", "expense"), ("id", "!=", discounts.id)], limit=1
            )
            register.create(
                {
                    "amount": 19.5,
                    "payment_difference_handling": "reconcile",
                    "writeoff_account_id": expense.id,
                }
            )._create_payments()
            self.wallets_are("20 invoiced, 19.50 paid, 0.50 written off", 110, 0)
            kinds = self.west.wallet_id.entry_ids.sorted("id").mapped("kind")
            self.story.same("kinds", kinds[-3:], ["invoice", "payment", "write_off"])

    def credit_part(self):
        story = self.story
        move = self.run.move_ids.filtered(lambda m: m.voip_account_id.code == "CASTOR")
        move = move.with_env(self.books)
        with story.step(f"A quarter of {move.name} is credited"):
            lines = move.invoice_line_ids.filtered("voip_service_id")
            wanted = sum(quarter(line.price_unit) for line in lines)
            wallet = move.voip_account_id.wallet_id
            before = Decimal(f"{wallet.ledger_balance:.2f}")
            wizard = self.books["voip.credit.wizard"].create(
                {
                    "move_id": move.id,
                    "scope": "percent",
                    "percentage": float(SHARE),
                    "reason": "Quality below what was agreed",
                    "settlement": "wallet",
                }
            )
            wizard.action_credit()
            self.commit()
            note = move.reversal_move_ids
            untaxed = Decimal(f"{note.amount_untaxed:.2f}")
            story.same("credited before tax", untaxed, wanted)
            total = Decimal(f"{note.amount_total:.2f}")
            after = Decimal(f"{wallet.ledger_balance:.2f}")
            story.same("the wallet has it", after - before, total)
            self.ledgers["CASTOR"] = self.ledgers.get("CASTOR", Decimal(0)) + total
            story.say(
                f"{note.name}: {note.currency_id.name} {total} of"
                f" {move.amount_total:.2f}, {len(lines)} lines each rounded once"
            )

    # === What accountants do === #

    def fee(self, partner, amount, account=None):
        """A posted invoice without tax, typed by hand."""
        move = self.books["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "voip_account_id": account.id if account else False,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Set-up", "price_unit": amount, "tax_ids": []}
                    )
                ],
            }
        )
        move.action_post()
        return move

    def payment(self, amount):
        payment = self.books["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": amount,
            }
        )
        payment.action_post()
        return payment

    @staticmethod
    def open_lines(*moves):
        lines = [
            line
            for move in moves
            for line in move.line_ids
            if line.account_type == "asset_receivable"
        ]
        return lines[0].browse([line.id for line in lines])

    def wallets_are(self, when, east, west):
        """Compare both wallets, and their sum with the customer's receivable."""
        self.commit()
        found = [
            Decimal(f"{account.wallet_id.ledger_balance:.2f}")
            for account in (self.east, self.west)
        ]
        wanted = [Decimal(east), Decimal(west)]
        self.story.same(f"wallets: {when}", found, wanted)
        self.customer.invalidate_recordset()
        owed = Decimal(f"{self.customer.credit:.2f}")
        self.story.same(f"receivable: {when}", owed, -sum(wanted))
        self.story.say(f"EAST {found[0]:>8}  WEST {found[1]:>8}  {when}")


def quarter(price):
    exact = Decimal(f"{price:.2f}") * SHARE / 100
    return exact.quantize(CENT, ROUND_HALF_UP)
