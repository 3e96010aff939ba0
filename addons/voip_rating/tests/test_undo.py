"""A batch is taken back where its charges still belong to who was charged."""

from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestUndo(VoipRatingCommon):
    def setUp(self):
        super().setUp()
        deck = self._create_deck(rates=[{"prefix": "44", "price_per_minute": "1"}])
        self.parent = self._create_account(deck_id=deck.id)
        self.account = self._create_account(deck_id=deck.id, parent_id=self.parent.id)
        answer = self.env["voip.cdr"].ingest(
            switch=self._create_switch().code,
            records=[
                {
                    "call_id": "undone",
                    "called": "442071234567",
                    "start": "2026-10-05T10:00:00Z",
                    "duration": "60",
                    "answered": True,
                    "trunk": self._create_trunk(self.account).code,
                }
            ],
            rate_now=True,
        )
        self.batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, self.account.ids)],
            }
        )
        run.action_run()
        self.invoice = run.move_ids

    def test_an_invoice_that_was_credited_is_not_given_back_again(self):
        credit = self.invoice.sudo()._reverse_moves(cancel=False)
        credit._post(soft=False)
        with self.assertRaisesRegex(UserError, f"{self.invoice.name}.*{credit.name}"):
            self.batch.action_undo()
        self.assertEqual(self.batch.state, "done")

    def test_a_credit_note_in_draft_keeps_nobody_from_it(self):
        self.invoice.sudo()._reverse_moves(cancel=False)
        self.batch.action_undo()
        self.assertEqual(self.batch.state, "undone")

    def test_charges_of_another_payer_are_given_back_to_nobody_else(self):
        self.account.pay_by_parent = True
        with self.assertRaisesRegex(UserError, self.account.code):
            self.batch.action_undo()
        self.account.pay_by_parent = False
        self.batch.action_undo()
        self.assertEqual(self.batch.state, "undone")
