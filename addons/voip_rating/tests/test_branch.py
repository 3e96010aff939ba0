"""Users of a branch alone do in it what users of a company do."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.tests import Form, tagged

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestBranch(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.env.company.id}
        )
        cls.cr.precommit.run()  # its books
        cls.env.user.company_ids |= cls.branch
        cls.env.registry.clear_cache()
        cls.here = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.branch.ids}
        )
        cls.partner = cls.env["res.partner"].create({"name": "Customer"})
        cls.manager = cls._user("voip_billing_base.group_voip_manager")
        cls.user = cls._user("voip_billing_base.group_voip_user")
        cls.account = cls.here["voip.account"].create(
            {"name": "Account", "tz": "UTC", "partner_id": cls.partner.id}
        )

    @classmethod
    def _user(cls, group):
        return cls.env["res.users"].create(
            {
                "name": group,
                "login": f"branch {group}",
                "group_ids": [(6, 0, cls.env.ref(group).ids)],
                "company_id": cls.branch.id,
                "company_ids": [(6, 0, cls.branch.ids)],
            }
        )

    def _as(self, user, model):
        self.env.invalidate_all()
        return self.here(user=user)[model]

    def test_a_user_of_the_branch_tops_up_with_the_journal_that_is_offered(self):
        for number, user in enumerate((self.user, self.manager), 1):
            self.env.invalidate_all()
            wizards = self._as(user, "voip.topup.wizard")
            form = Form(wizards.with_context(default_account_id=self.account.id))
            form.amount = 50
            self.assertEqual(form.journal_id.type, "bank")
            form.save().action_topup()
            wallet = self.account.sudo().wallet_id
            wallet.invalidate_recordset()
            self.assertEqual(wallet.ledger_balance, 50 * number)
        payments = self.env["account.payment"].search(
            [("voip_account_id", "=", self.account.id)]
        )
        self.assertEqual(payments.company_id, self.branch)
        self.assertWhole()

    def test_an_api_top_up_in_a_branch_has_a_journal(self):
        wizards = self._as(self.user, "voip.topup.wizard")
        wizard = wizards.create({"account_id": self.account.id, "amount": 5})
        self.assertIn(wizard.journal_id.company_id, self.branch.parent_ids)
        wizard.action_topup()
        self.assertEqual(self.account.sudo().wallet_id.ledger_balance, 5)

    def test_a_user_of_the_branch_loads_a_deck_and_bills_calls(self):
        deck = self._as(self.manager, "voip.rate.deck").create(
            {"name": "Deck", "code": "branch", "tz": "UTC"}
        )
        rows = [{"prefix": "44", "price_per_minute": "0.6"}]
        result = self._as(self.manager, "voip.rate.deck").load(deck.code, rows)
        self.assertTrue(result["applied"], result)
        self._as(self.manager, "voip.account").browse(self.account.id).deck_id = deck
        switch = self.here["voip.switch"].create({"name": "S", "code": "branch"})
        self.here["voip.trunk"].create(
            {
                "name": "T",
                "code": "branch",
                "side": "customer",
                "account_id": self.account.id,
            }
        )
        start = "2026-10-05T10:00:00Z"
        self.here["voip.cdr"].ingest(
            switch.code,
            [
                {
                    "call_id": "1",
                    "called": "442071234567",
                    "start": start,
                    "answer": start,
                    "duration": "60",
                    "trunk": "branch",
                }
            ],
            rate_now=True,
        )
        run = self._as(self.user, "voip.billing.run").create(
            {"cutoff": datetime(2026, 11, 5), "invoice_date": date(2026, 11, 5)}
        )
        run.action_run()
        self.assertEqual(run.state, "done", run.line_ids.mapped("message"))
        self.assertEqual(run.sudo().move_ids.company_id, self.branch)
        self.assertWhole()
