"""AI voice on invoices: a section of its own that is the month to the cent."""

from datetime import timedelta

from odoo.tests import new_test_user, tagged

from .common import AiCommon


@tagged("post_install", "-at_install")
class TestInvoice(AiCommon):
    def _run(self, **values):
        run = self.env["voip.billing.run"].create(
            {
                "account_ids": self.account.ids,
                "cutoff": self.env.cr.now() + timedelta(days=62),
                **values,
            }
        )
        run.action_run()
        return run

    def test_fee_minutes_and_tokens_by_model_are_a_section(self):
        """120 minutes at 0.56, a fee of 800.00, tokens at two models' prices."""
        self._price("input", 0.25, "cost")
        self._price("input", 0.5)
        self._price("output", 1, "cost")
        self._price("output", 2)
        plan = self._plan(monthly_fee=800, minute_price=0.56)
        self._subscribe_month(plan)
        self._send(
            *(
                self._session(
                    n, seconds=1200, prompt_tokens=2000, cached_tokens=0,
                    completion_tokens=500, model="gpt-4o-2024-05-13",
                )
                for n in range(6)
            )
        )  # fmt: skip
        run = self._run()
        lines = run.move_ids.invoice_line_ids.sorted("sequence")
        sections = lines.filtered(lambda x: x.display_type == "line_section")
        self.assertEqual(sections.mapped("name"), ["AI voice"])
        self.assertEqual(lines[0], sections)
        amounts = {
            line.name: line.price_subtotal
            for line in lines
            if line.display_type == "product"
        }
        self.assertEqual(
            amounts,
            {
                f"AI voice, fees: Plan, monthly fee {self.at:%Y-%m}": 800.0,
                "Minutes": 67.2,
                "AI tokens: GPT-4o, Input tokens, / 1,000": 6.0,
                "AI tokens: GPT-4o, Output tokens, / 1,000": 6.0,
            },
        )
        row = self.env["voip.ai.month"].search([("account_id", "=", self.account.id)])
        self.assertEqual(row.amount, run.move_ids.amount_untaxed)
        self.assertEqual(row.fee_amount + row.minute_amount, 867.2)
        self.assertWhole()

    def test_the_form_counts_tokens_as_the_paper_does(self):
        """Units times the rate are the amount, for whoever reads the invoice."""
        self._usual_prices()
        self._send(self._session(1, completion_tokens=0), self._session(2))
        plain = new_test_user(self.env, "plain", "account.group_account_invoice")
        lines = self._run().move_ids.invoice_line_ids.with_user(plain)
        counted = {line.name.rpartition(": ")[2]: line.voip_counted for line in lines}
        self.assertEqual(counted["GPT-4o, Input tokens, / 1,000"], 1200)
        self.assertEqual(counted["GPT-4o, Output tokens, / 1,000"], 200)

    def test_a_mark_up_in_another_currency_is_one_line_with_its_rates(self):
        """No line a day, each of which rounds what it charges to nothing."""
        self._two_days_in_another_currency()
        # 400 at 0.004 a thousand are 0.0016, at 2.00 and at 2.50.
        self.assertEqual(self._sent(0).amount, 0.0032)
        self.assertEqual(self._sent(1).amount, 0.004)
        move = self._run().move_ids
        line = move.invoice_line_ids.filtered("voip_service_id")
        self.assertRecordValues(
            line, [{"voip_counted": 800, "price_subtotal": 0.01, "voip_rate": 0.004}]
        )
        own = self.env.company.currency_id.name
        self.assertEqual(line.voip_rate_text, f"0.0040 {own}")
        self.assertEqual([len(note[1]) for note in move._voip_exchange_notes()], [2])
        usage = self.env["voip.usage"].search(line.action_voip_view_usage()["domain"])
        self.assertEqual(usage.mapped("deck_amount"), [0.0016, 0.0016])
        self._sent(0).action_price_again()
        self.assertWhole()

    def _two_days_in_another_currency(self):
        """Sessions 0 and 1, marked up by 25 %, on days of two exchange rates."""
        there = self.env["res.currency"].create({"name": "XAV", "symbol": "X"})
        days = [self.at - timedelta(days=n) for n in (1, 2)]
        for day, rate in zip(days, (2, 2.5), strict=True):
            self.env["res.currency.rate"].create(
                {"currency_id": there.id, "name": day.date(), "rate": rate,
                 "company_id": self.env.company.id}
            )  # fmt: skip
        self.account = self._create_account(
            code="ai-x", mode="postpaid", cycle="monthly", currency_id=there.id
        )
        self._price("input", 0.0032, "cost")
        self._price(False, 0, pricing="markup", markup_percent=25, model_id=False)
        only = {"cached_tokens": 0, "completion_tokens": 0, "prompt_tokens": 400}
        self._send(
            *(
                self._session(n, started_at=day.isoformat(), **only)
                for n, day in enumerate(days)
            )
        )

    def test_sessions_without_a_price_stop_their_invoice(self):
        self._send(self._session(1))
        run = self.env["voip.billing.run"].create(
            {
                "account_ids": self.account.ids,
                "cutoff": self.env.cr.now() + timedelta(days=62),
            }
        )
        count, sentence, stopped = run._unrated()
        self.assertEqual(count, 1)
        self.assertIn("1 AI sessions without a price", sentence)
        self.assertIn("AI Voice, Session Errors", sentence)
        self.assertIn(self.account.id, stopped)

    def test_a_run_charges_alone_what_still_waits_for_its_call(self):
        self._usual_prices()
        self._send(self._session(1, call_id="nowhere"))
        self.assertEqual(self._sent(1).state, "call")
        self._run()
        self.assertEqual(self._sent(1).state, "charged")
        # Once charged it waits no more, whatever happens to it.
        self._sent(1).action_price_again()
        self.assertEqual(self._sent(1).state, "charged")

    def test_a_correction_after_the_invoice_is_on_the_next_one(self):
        self._usual_prices()
        self._send(self._session(1, prompt_tokens=10**6))
        self._run()
        billed = self.account.wallet_id.unbilled
        self.assertEqual(billed, 0)
        self._send(self._session(1, prompt_tokens=2 * 10**6, revision=1))
        self.assertEqual(self._unbilled(), 5.0)
        self.assertWhole()
