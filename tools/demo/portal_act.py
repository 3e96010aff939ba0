"""A prepaid customer runs low: alerts, a top-up that comes by itself, one that fails.

Lark Studio pays by Odoo's demo provider, which the company takes for trials. Every
balance, before taxes, is held against the journal items and against lookups counted
one by one.
"""

from datetime import timedelta
from decimal import Decimal

from stage import Stage

from odoo.fields import Command, Datetime
from odoo.tools import mute_logger

CODE, SOURCE = "LARK", "directory"
PRICE, PAID, RECHARGE, BELOW = "0.05", 50, 25, 10
FIRST, THEN = 850, 400
LEDGER_SQL = """
SELECT COALESCE(-sum(l.amount_currency), 0)::text
  FROM account_move_line l
  JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
 WHERE l.parent_state = 'posted' AND l.voip_account_id = %s
"""


class Portal(Stage):
    """What a customer pays by himself, and what is told to him."""

    def run_low(self):
        with self.story.step("A customer tops up, as his page does"):
            self.lark_party()
            self.lark_pays()
        with self.story.step("He names who may do what: a bookkeeper may look only"):
            self.lark_names_contacts()
        with self.story.step(f"{FIRST:,} lookups: told once, recharged once"):
            self.lark_looks_up(0, FIRST)
            self.lark_is_recharged()
        with self.story.step("His card is refused: told, and not tried again at once"):
            self.lark_token.demo_simulated_state = "error"
            self.lark_looks_up(FIRST, THEN)
            self.lark_is_refused()
            self.story.agree("Balance that runs low")

    def lark_party(self):
        env = self.env
        env.company.voip_test_payments = True
        partner = env["res.partner"].create(
            {"name": "Lark Studio", "email": "lark@example.com", "is_company": True}
        )
        self.lark = env["voip.account"].create(
            {"name": "Lark Studio", "code": CODE, "partner_id": partner.id,
             "tz": "UTC", "start_date": self.first}
        )  # fmt: skip
        owner = env["res.partner"].create(
            {"name": "Linda Lark", "parent_id": partner.id,
             "email": "linda@example.com"}
        )  # fmt: skip
        env["res.users"].with_context(no_reset_password=True).create(
            {"login": "lark", "password": "lark", "partner_id": owner.id,
             "company_id": env.company.id,
             "company_ids": [Command.set(env.company.ids)],
             "group_ids": [Command.set(env.ref("base.group_portal").ids)]}
        )  # fmt: skip
        self.lark_prices()
        self.lark_token = self.lark_card(owner)
        self.commit()

    def lark_prices(self):
        kind = self.env.ref("voip_billing_base.event_type_number_lookup")
        kind.is_priced = True
        sale = self.env["voip.event.pricelist"].create(
            {"name": "Lookups", "code": "LOOKUPS",
             "currency_id": self.lark.currency_id.id}
        )  # fmt: skip
        self.lark.event_pricelist_id = sale
        self.env["voip.event.price"].create(
            {"pricelist_id": sale.id, "type_id": kind.id, "price": float(PRICE),
             "effective_from": self.first}
        )  # fmt: skip

    def lark_card(self, owner):
        env = self.env
        provider = env["payment.provider"].search(
            [("code", "=", "demo"), ("company_id", "=", env.company.id)], limit=1
        )
        bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
        )
        provider.write(
            {"state": "test", "is_published": True, "journal_id": bank.id,
             "allow_tokenization": True}
        )  # fmt: skip
        return env["payment.token"].create(
            {"provider_id": provider.id, "partner_id": owner.id, "provider_ref": "lark",
             "payment_method_id": provider.payment_method_ids[:1].id,
             "payment_details": "4242", "demo_simulated_state": "done"}
        )  # fmt: skip

    def lark_pays(self):
        token = self.lark_token
        transaction = self.env["payment.transaction"].create(
            {"provider_id": token.provider_id.id, "token_id": token.id,
             "payment_method_id": token.payment_method_id.id, "amount": PAID,
             "currency_id": self.lark.currency_id.id, "operation": "online_token",
             "partner_id": token.partner_id.id, "reference": "TOPUP-LARK-1",
             "voip_account_id": self.lark.id}
        )  # fmt: skip
        transaction._charge_with_token()
        for _again in range(2):
            transaction._post_process()
        self.commit()
        self.lark_stands("after the top-up", PAID, 0)
        self.lark.write(
            {"auto_recharge": True, "auto_recharge_token_id": token.id,
             "auto_recharge_threshold": BELOW, "auto_recharge_amount": RECHARGE,
             "auto_recharge_daily_cap": 100}
        )  # fmt: skip
        self.commit()

    def lark_names_contacts(self):
        """Of three contacts one is the owner, one may look, one sees nothing."""
        env, owner = self.env, self.lark_token.partner_id
        reader, other = (self.lark_contact(name) for name in ("Ben", "Cora"))
        self.lark._set_portal_rights(
            {reader.partner_id: "reader", other.partner_id: None}, owner
        )
        self.commit()
        for contact, right, pays in (
            (owner, "owner", True),
            (reader.partner_id, "reader", False),
            (other.partner_id, None, False),
        ):
            found = self.lark._portal_right(contact)
            self.story.same(f"right of {contact.name}", found, right)
            may = self.lark._portal_may(contact, "pay")
            self.story.same(f"{contact.name} may pay", may, pays)
        for user, seen in ((reader, self.lark), (other, self.lark.browse())):
            found = env["voip.account"].with_user(user).search([])
            self.story.same(f"accounts {user.name} sees", found.ids, seen.ids)

    def lark_contact(self, name):
        """A contact of his who logs in as lark-<name>."""
        contact = self.env["res.partner"].create(
            {"name": f"{name} Lark", "parent_id": self.lark.partner_id.id,
             "email": f"{name.lower()}@lark.example.com"}
        )  # fmt: skip
        login = f"lark-{name.lower()}"
        return self.env["res.users"].with_context(no_reset_password=True).create(
            {"login": login, "password": login, "partner_id": contact.id,
             "company_id": self.env.company.id,
             "company_ids": [Command.set(self.env.company.ids)],
             "group_ids": [Command.set(self.env.ref("base.group_portal").ids)]}
        )  # fmt: skip

    def lark_looks_up(self, first, count):
        moment = Datetime.now() - timedelta(minutes=5)
        answer = self.env["voip.usage.event"].record(
            [
                {"event_id": f"l-{place:05d}", "account": CODE, "source": SOURCE,
                 "event_type": "number_lookup", "units": 1,
                 "occurred_at": f"{moment.isoformat()}Z", "metadata": {}}
                for place in range(first, first + count)
            ]
        )  # fmt: skip
        self.story.same(f"lookups from {first}", answer["accepted"], count)
        self.count_events()

    def lark_runs(self):
        """The scheduled actions, twice: the second time changes nothing."""
        accounts = self.env["voip.account"]
        for _again in range(2):
            accounts._cron_low_balance()
            accounts._cron_recharge()
            self.commit()

    def lark_is_recharged(self):
        self.env["voip.account"]._cron_low_balance()
        self.commit()
        self.story.same("low balances told", self.lark_mails("is low"), 1)
        self.lark_runs()
        self.lark_stands("after the recharge", PAID + RECHARGE, FIRST)
        states = self.lark.recharge_ids.mapped("state")
        self.story.same("recharges", states, ["done"])
        self.story.same("recharges told", self.lark_mails("was topped up"), 1)
        self.story.same("below a level", self.lark.low_balance, False)

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def lark_is_refused(self):
        self.lark_runs()
        self.lark_stands("after the refusal", PAID + RECHARGE, FIRST + THEN)
        states = self.lark.recharge_ids.sorted("id").mapped("state")
        self.story.same("recharges", states, ["done", "failed"])
        self.story.same("failures told", self.lark_mails("could not"), 1)
        self.story.say(self.lark.auto_recharge_status)

    def lark_mails(self, words):
        return self.env["mail.mail"].search_count(
            [("model", "=", "voip.account"), ("res_id", "=", self.lark.id),
             ("subject", "like", words)]
        )  # fmt: skip

    def lark_stands(self, when, paid, lookups):
        """Money paid by the journal items, what is left by counting lookups."""
        self.env.cr.execute(LEDGER_SQL, [self.lark.id])
        ledger = Decimal(self.env.cr.fetchone()[0])
        self.story.same(f"Lark's ledger {when}", ledger, Decimal(paid))
        spent = sum((Decimal(PRICE) for _one in range(lookups)), Decimal(0))
        left = Decimal(paid) - spent
        wallet = self.lark.wallet_id
        found, used = (
            Decimal(f"{wallet[name]:.8f}") for name in ("ledger_balance", "unbilled")
        )
        found -= used
        self.story.same(f"Lark's balance before taxes {when}", found, left)
        currency = self.lark.currency_id.name
        self.story.say(f"{when}: {left:,.2f} {currency} left before taxes")
