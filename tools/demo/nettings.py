"""A carrier that is customer and supplier: what both owe is set off, by agreement."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import seed
from mailing import Mailing

from odoo import Command

RATE = Decimal("1.10")
LINK = re.compile(r"/voip/netting/([\w-]+)")
OWED = (Decimal("1200.00"), Decimal("300.00"))
PAID = Decimal("100.00")
OWING = {"EUR": Decimal("900.00"), "USD": Decimal("1000.00")}
RESIDUAL_SQL = """
SELECT m.move_type, c.name, sum(l.amount_residual_currency)::text
  FROM account_move_line l
  JOIN account_move m ON m.id = l.move_id
  JOIN account_account a ON a.id = l.account_id
       AND a.account_type IN ('asset_receivable', 'liability_payable')
  JOIN res_currency c ON c.id = l.currency_id
 WHERE l.partner_id = %s AND l.parent_state = 'posted'
 GROUP BY 1, 2
"""


class Nettings(Mailing):
    """Two currencies at an agreed rate; the sums are told beforehand."""

    def net_with_carrier(self):
        with self.story.step("What a carrier owes is netted with what it is owed"):
            self.carrier, account = self.open_carrier()
            owed = sum(OWED) - PAID
            self.wallet_is(account, "invoiced, part of it paid", -owed)
            netting = self.ask_carrier()
            self.wallet_is(account, "asked for", -owed)
            self.accept(netting)
            left, owing = set_off(owed)
            self.wallet_is(account, "accepted, approved and posted", -left)
            self.env.cr.execute(RESIDUAL_SQL, [self.carrier.id])
            found = {}
            for kind, currency, text in self.env.cr.fetchall():
                if Decimal(text):
                    found[kind, currency] = Decimal(text)
            wanted = {("in_invoice", name): -rest for name, rest in owing.items()}
            wanted[("out_invoice", "EUR")] = left
            wanted = {key: amount for key, amount in wanted.items() if amount}
            self.story.same("open after the netting", found, wanted)

    def open_carrier(self):
        staff = seed.as_user(self.env, "demo")
        partner = self.env["res.partner"].create(
            {"name": "Zephyr Wholesale", "email": "settlements@zephyr.example"}
        )
        self.eur = self.env.ref("base.EUR")
        account = staff["voip.account"].create(
            {
                "name": "Zephyr",
                "code": "ZEPHYR",
                "partner_id": partner.id,
                "currency_id": self.eur.id,
            }
        )
        invoices = [
            self.document(staff, "out_invoice", partner, amount, self.eur)
            for amount in OWED
        ]
        register = staff["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoices[1].ids
        )
        register.create({"amount": float(PAID)})._create_payments()
        for name, amount in OWING.items():
            currency = self.env["res.currency"].search([("name", "=", name)])
            self.document(staff, "in_invoice", partner, amount, currency)
        return partner, account

    @staticmethod
    def document(env, kind, partner, amount, currency):
        line = {"name": "Transit", "price_unit": float(amount), "tax_ids": []}
        move = env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": partner.id,
                "currency_id": currency.id,
                "invoice_date": date.today(),
                "invoice_line_ids": [Command.create(line)],
            }
        )
        move.action_post()
        return move

    def ask_carrier(self):
        """The netting as requested, and the key of its link kept."""
        env = seed.as_user(self.env, "user")
        netting = env["voip.netting"].create(
            {"partner_id": self.carrier.id, "due_until": False}
        )
        netting.action_propose()
        netting.rate_ids = [
            Command.create(
                {
                    "currency_id": self.eur.id,
                    "rate": str(RATE),
                    "other_currency_id": self.env.ref("base.USD").id,
                }
            )
        ]
        with self.provider() as server:
            netting.action_request_by_mail()
            self.commit()
            self.send()
            [mail] = server.mails
        self.key = LINK.search(mail["htmlContent"])[1]
        self.story.same("files of its mail", len(mail["attachment"]), 3)
        return netting

    def accept(self, netting):
        public = self.env(user=self.env.ref("base.public_user").id, su=False)
        found = public["voip.netting"]._by_token(self.key)
        self.story.same("the link leads to the netting", found.id, netting.id)
        found._accept("Zoe of Zephyr", "198.51.100.7")
        self.commit()
        approver = seed.as_user(self.env, "approver")
        approver["voip.netting"].browse(netting.id).action_approve()
        self.commit()
        self.story.same("state of the netting", netting.state, "posted")
        again = public["voip.netting"]._by_token(self.key)
        self.story.same("its link", again._link_state(), "answered")

    def wallet_is(self, account, when, wanted):
        self.commit()
        found = Decimal(f"{account.wallet_id.ledger_balance:.2f}")
        self.story.same(f"wallet of ZEPHYR: {when}", found, wanted)
        self.story.say(f"ZEPHYR {found:>9} EUR  {when}")


def set_off(owed):
    """(EUR still owed, {currency: still owing}): EUR first, the rest at the rate."""
    euros = min(owed, OWING["EUR"])
    rest, dollars = owed - euros, OWING["USD"]
    worth = (rest * RATE).quantize(Decimal("0.01"), ROUND_HALF_UP)
    used = min(worth, dollars)
    left = rest - (used / RATE if used < worth else rest)
    return left, {"EUR": OWING["EUR"] - euros, "USD": dollars - used}
