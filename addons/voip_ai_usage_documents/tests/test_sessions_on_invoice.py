"""The AI sessions of an invoice as its annex, and what its paper says of them."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.voip_ai_usage.tests.common import AiCommon


@tagged("post_install", "-at_install")
class TestSessionsOnInvoice(AiCommon):
    def _run(self, days=62):
        run = self.env["voip.billing.run"].create(
            {
                "account_ids": self.account.ids,
                "cutoff": self.env.cr.now() + timedelta(days=days),
            }
        )
        run.action_run()
        return run.move_ids

    def _invoice(self, *sessions, **terms):
        self._usual_prices()
        terms = {"monthly_fee": 800, "minute_price": 0.56} | terms
        self._subscribe_month(self._plan(**terms))
        self._send(*sessions)
        return self._run()

    def _annex(self, move):
        name, kind, file, _size, _digest = move._voip_sessions_file()
        with file:
            rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8-sig")))
        self.assertTrue(name.endswith(f" AI sessions.{kind}"), name)
        return rows

    def _data(self, move):
        kind = self.env[f"voip.document.kind.{move.move_type.removeprefix('out_')}"]
        return kind._data(kind._of_move(move))

    def test_what_lacks_to_the_minimum_is_one_line_without_a_rate(self):
        """Each session lacks something else: no line for each, and no rate of all."""
        move = self._invoice(
            self._session(1), self._session(2, prompt_tokens=2000),
            monthly_fee=0, minute_price=0, minimum=0.05,
        )  # fmt: skip
        found = [x for x in self._data(move)["lines"] if "Minimum" in x["name"]]
        told = ("quantity", "price", "price_text", "rate", "rate_text", "amount")
        # 0.10 less 0.008 of the first one and 0.013 of the second one.
        self.assertEqual(
            [[line[name] for name in told] for line in found],
            [["2", None, "", None, "", "0.08"]],
        )
        line = move.invoice_line_ids.filtered(lambda x: "Minimum" in x.name)
        self.assertEqual((line.voip_counted, line.voip_rate_text), (2, ""))

    def test_each_session_is_a_row_with_its_tokens_time_and_amounts(self):
        move = self._invoice(
            self._session(1, seconds=90, call_id="c-1", tools=["look_up", "look_up"]),
            self._session(2, seconds=60, model="gpt-4o-2024-05-13", connected=False),
        )
        self.assertEqual(move.voip_session_count, 2)
        one, two = self._annex(move)
        wanted = {
            "Session ID": "s-1", "Call ID": "c-1", "Account": "ai-1",
            "Duration (s)": "90", "Connected": "t", "Models": "gpt-4o", "Tools": "2",
            "Input Tokens": "600", "Input Cached Tokens": "400",
            "Output Tokens": "200", "Billed (s)": "90", "Currency": "USD",
        }  # fmt: skip
        self.assertEqual({name: one[name] for name in wanted}, wanted)
        amounts = ("Minutes Amount", "Tokens and Parts Amount", "Amount")
        # 1.5 minutes at 0.56; 600 at 0.005, 400 at 0.0025 and 200 at 0.02 per 1,000.
        self.assertEqual(
            [Decimal(one[name]) for name in amounts],
            [Decimal("0.84"), Decimal("0.008"), Decimal("0.848")],
        )
        self.assertEqual((two["Session ID"], two["Connected"]), ("s-2", "f"))

    def test_the_annex_and_the_fees_are_the_section_to_the_cent(self):
        # 0.01 of tokens each, 0.56 of minutes but for two; 0.60 is charged at least.
        used = {"seconds": 60, "prompt_tokens": 2000, "cached_tokens": 0}
        sessions = [self._session(n, completion_tokens=0, **used) for n in range(5)]
        move = self._invoice(*sessions, minimum=0.6, included_minutes=2)
        rows = self._annex(move)
        amount = sum(Decimal(row["Amount"]) for row in rows)
        self.assertEqual((len(rows), amount), (5, 3))
        self.assertEqual(move.amount_untaxed, 803.0)
        lacking = sum(Decimal(row["Minimum Amount"]) for row in rows)
        self.assertEqual(lacking, Decimal("1.27"))
        for row in rows:
            parts = ("Minutes Amount", "Tokens and Parts Amount", "Minimum Amount")
            told = sum(Decimal(row[name]) for name in parts)
            self.assertEqual(told, Decimal(row["Amount"]))
            # What is included or free was used nevertheless.
            self.assertEqual(row["Billed (s)"], "60")

    def test_a_correction_is_the_difference_in_the_annex_of_the_next_invoice(self):
        first = self._invoice(self._session(1, seconds=60, prompt_tokens=10**6))
        [before] = self._annex(first)
        self._send(
            self._session(1, seconds=60, prompt_tokens=3 * 10**6, revision=1),
        )
        second = self._run(days=93)
        [row] = self._annex(second)
        self.assertEqual(row["Input Tokens"], str(2 * 10**6))
        self.assertEqual(Decimal(row["Amount"]), Decimal(10))
        self.assertEqual(self._annex(first), [before])

    def test_times_are_the_accounts(self):
        self.account.tz = "Asia/Tokyo"
        [row] = self._annex(self._invoice(self._session(1, seconds=60)))
        there = self.at + timedelta(hours=9)
        self.assertEqual(row["Start"], f"{there:%Y-%m-%d %H:%M:%S}")

    def test_what_a_sender_named_is_no_formula(self):
        session = self._session(1, seconds=60, call_id="=1+1") | {"session_id": "@x"}
        [row] = self._annex(self._invoice(session))
        self.assertEqual((row["Session ID"], row["Call ID"]), ("'@x", "'=1+1"))

    def test_many_sessions_are_zipped(self):
        move = self._invoice(self._session(1, seconds=60))
        self.patch(type(move), "_voip_session_counts", lambda self: {self.id: 100_001})
        name, kind, file, _size, _digest = move._voip_sessions_file()
        with file:
            self.assertEqual((kind, file.read(2)), ("zip", b"PK"))
        self.assertTrue(name.endswith(".zip"))

    def test_the_paper_counts_sessions_and_points_to_the_annex(self):
        move = self._invoice(*(self._session(n, seconds=60) for n in range(3)))
        data = self._data(move)
        [note] = [note for note in data["notes"] if "annex" in note]
        self.assertTrue(note.startswith("AI voice, 3 sessions:"), note)
        [section] = data["sections"]
        self.assertEqual(section["name"], "AI voice")
        told = {line["name"]: line for line in section["lines"]}
        minutes = told["Minutes"]
        self.assertEqual((minutes["calls"], minutes["seconds"]), (3, 180))
        tokens = told["AI tokens: GPT-4o, Input tokens, / 1,000"]
        self.assertEqual((tokens["quantity"], tokens["rate"]), ("1800", "0.0050"))

    def test_a_plain_invoice_has_no_annex_and_no_word_of_it(self):
        move = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.account.partner_id.id}
        )
        self.assertFalse(move.voip_session_count)
        self.assertFalse([n for n in self._data(move)["notes"] if "annex" in n])
        with self.assertRaises(UserError):
            move._voip_sessions_file()

    def test_the_annex_is_of_who_may_read_charges(self):
        move = self._invoice(self._session(1, seconds=60))
        clerk = new_test_user(self.env, "e2-clerk", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            move.with_user(clerk)._voip_sessions_file()
