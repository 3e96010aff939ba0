"""Intake and rating of batches: once, exactly, nothing lost."""

import csv
import io
from base64 import b64encode
from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestIngest(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck(
            rates=[
                {"prefix": "44", "destination": "UK", "price_per_minute": "0.0085"},
                {
                    "prefix": "447",
                    "price_per_minute": "1.00",
                    "connect_fee": "0.15",
                    "initial_increment": "30",
                    "next_increment": "6",
                },
                {"prefix": "4490", "price_per_minute": "2", "blocked": True},
            ]
        )
        cls.cost_deck = cls._create_deck(
            side="supplier", rates=[{"prefix": "44", "price_per_minute": "0.005"}]
        )
        cls.account = cls._create_account(deck_id=cls.deck.id)
        cls.supplier = cls.env["res.partner"].create({"name": "Carrier"})
        cls.switch = cls._create_switch(code="sw1")
        cls._create_trunk(code="cust1", account_id=cls.account.id)
        cls._create_trunk(
            code="supp1",
            side="supplier",
            partner_id=cls.supplier.id,
            deck_id=cls.cost_deck.id,
        )
        cls.Cdr = cls.env["voip.cdr"]

    def _record(self, call_id, **values):
        start = self._recent("10:00:00")
        return {
            "call_id": call_id,
            "caller": "+4930123456",
            "called": "442071234567",
            "start": start,
            "answer": start,
            "duration": "47",
            "trunk": "cust1",
            "supplier_trunk": "supp1",
            **values,
        }

    def _recent(self, clock):
        day = self.env.cr.now().date().replace(day=1)
        return f"{day}T{clock}Z" if day < self.env.cr.now().date() else (
            self.env.cr.now().strftime("%Y-%m-%dT00:00:00Z")
        )

    def _ingest(self, *records, rate_now=True):
        return self.Cdr.ingest(
            switch="sw1", records=list(records), rate_now=rate_now
        )

    def _usage(self, call_id):
        return self.env["voip.usage"].search([("source_ref", "=", call_id)])

    def _calls(self, call_id):
        return self.env["voip.cdr"].search_count([("call_id", "=", call_id)])

    def assertWhole(self):
        broken = [r for r in self.env["voip.check"].sudo().run() if r["violations"]]
        self.assertEqual(broken, [])

    def test_worked_examples_become_usage_with_cost_and_margin(self):
        answer = self._ingest(
            self._record("a", called="447911123456", duration="32"),
            self._record("b"),
        )
        self.assertEqual(answer["rated"], 2)
        self.assertEqual(answer["errors"], [])
        mobile, fixed = self._usage("a"), self._usage("b")
        self.assertEqual((mobile.billed_seconds, mobile.amount), (36, 0.75))
        self.assertEqual((fixed.billed_seconds, fixed.amount), (47, 0.006658))
        self.assertEqual(fixed.cost, 0.003917)
        self.assertEqual(mobile.supplier_id, self.supplier)
        self.assertWhole()

    def test_balance_falls_by_one_entry_per_batch(self):
        self._topup(self.account, 10)
        self._ingest(*(self._record(f"c{i}") for i in range(20)))
        wallet = self.account.wallet_id
        entries = wallet.entry_ids.filtered(lambda e: e.kind == "usage")
        self.assertEqual(len(entries), 1)
        self.assertAlmostEqual(wallet.unbilled, 20 * 0.006658, places=8)
        self.assertWhole()

    def test_same_record_again_is_a_duplicate_in_and_across_batches(self):
        record = self._record("d")
        first = self._ingest(record, record)
        again = self._ingest(record)
        self.assertEqual((first["accepted"], first["duplicates"]), (1, 1))
        self.assertEqual((again["accepted"], again["duplicates"]), (0, 1))
        self.assertEqual(len(self._usage("d")), 1)
        self.assertWhole()

    def test_same_call_with_other_content_is_a_conflict(self):
        self._ingest(self._record("e"))
        answer = self._ingest(self._record("e", duration="48"))
        self.assertEqual((answer["conflicts"], answer["accepted"]), (1, 0))
        self.assertEqual(answer["errors"][0]["code"], "conflict")
        self.assertWhole()

    def test_each_bad_record_has_its_code_and_its_neighbours_are_rated(self):
        now = self.env.cr.now()
        two_days_ago, yesterday = (
            f"{now - timedelta(hours=hours, minutes=1):%Y-%m-%dT%H:%M:%SZ}"
            for hours in (49, 24)
        )
        cases = [
            ({"called": ""}, "missing_field"),
            ({"start": ""}, "missing_field"),
            ({"called": "44ABC"}, "bad_number"),
            ({"called": "١٢٣٤٥٦٧"}, "bad_number"),
            ({"start": "2026-13-40T00:00:00Z"}, "bad_time"),
            ({"end": "1999-01-01T00:00:00Z"}, "bad_time"),
            ({"start": two_days_ago, "answer": yesterday}, "bad_time"),
            ({"duration": "-5"}, "bad_duration"),
            ({"duration": "NaN"}, "bad_duration"),
            ({"duration": "90001"}, "bad_duration"),
            ({"start": "2090-01-01T00:00:00Z", "answer": ""}, "future"),
            ({"start": "2001-01-01T00:00:00Z", "answer": ""}, "too_old"),
            ({"trunk": "nobody"}, "unknown_trunk"),
            ({"supplier_trunk": "nobody"}, "unknown_trunk"),
            ({"trunk": "", "account": "nobody"}, "no_account"),
            ({"called": "9990000000"}, "no_rate"),
            ({"called": "4490123456"}, "blocked"),
        ]
        records = [self._record("good")] + [
            self._record(f"bad{i}", **values) for i, (values, _c) in enumerate(cases)
        ]
        answer = self._ingest(*records)
        codes = {error["call_id"]: error for error in answer["errors"]}
        for index, (_values, code) in enumerate(cases):
            with self.subTest(code=code, index=index):
                error = codes[f"bad{index}"]
                self.assertEqual(error["code"], code)
                self.assertEqual(error["index"], index + 1)
        self.assertEqual(answer["rated"], 1)
        self.assertEqual(answer["in_error"], len(cases))
        self.assertWhole()

    def test_unanswered_call_is_free_and_kept(self):
        self._ingest(self._record("z", answer="", duration="0", sip_code="486"))
        usage = self._usage("z")
        self.assertEqual((usage.kind, usage.amount, usage.label), ("zero", 0, "UK"))
        self.assertEqual(usage.summary_id.attempts, 1)
        self.assertEqual(usage.summary_id.calls, 0)
        self.assertWhole()

    def test_error_is_fixed_and_rated_again(self):
        self._ingest(
            self._record("f", called="9990000000"),
            self._record("g", trunk="nobody"),
            self._record("h", called=""),
        )
        errors = self.env["voip.cdr.error"].search([("call_id", "in", ("f", "g", "h"))])
        by_call = {error.call_id: error for error in errors}
        by_call["f"].fix_called = "442071234567"
        by_call["g"].fix_trunk = "cust1"
        by_call["h"].fix = '{"called": "442071234567"}'
        errors.action_rate_again()
        self.assertEqual(set(errors.mapped("state")), {"fixed"})
        for call_id in by_call:
            self.assertEqual(self._usage(call_id).amount, 0.006658)
        self.assertWhole()

    def test_error_that_stays_wrong_stays_in_the_queue(self):
        self._ingest(self._record("i", called="9990000000"))
        error = self.env["voip.cdr.error"].search([("call_id", "=", "i")])
        error.action_rate_again()
        self.assertEqual((error.state, error.code), ("open", "no_rate"))
        self.assertWhole()

    def test_a_refused_record_may_be_fixed_more_than_once(self):
        self._ingest(self._record("l"), self._record("m", called=""))
        error = self.env["voip.cdr.error"].search([("call_id", "=", "m")])
        error.fix = '{"called": "442071234567", "trunk": "nobody"}'
        error.action_rate_again()
        self.assertEqual((error.state, error.code), ("open", "unknown_trunk"))
        self.assertWhole()
        error.fix = '{"called": "442071234567"}'
        error.action_rate_again()
        self.assertEqual(error.state, "fixed", error.message)
        self.assertEqual(self._usage("m").amount, 0.006658)
        stored = self.env["voip.cdr"].search([("call_id", "=", "m")])
        self.assertEqual((stored.id, stored.position), (error.cdr_id, 1))
        self.assertWhole()

    def test_undone_batch_leaves_no_charge_and_may_come_again(self):
        self._topup(self.account, 10)
        answer = self._ingest(self._record("j"), self._record("k", called="9990000000"))
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        batch.action_undo()
        self.assertEqual(self.account.wallet_id.unbilled, 0)
        self.assertEqual(len(self._usage("j")), 2)
        self.assertEqual(self._calls("j"), 1)
        self.assertWhole()
        again = self._ingest(self._record("j"))
        self.assertEqual(again["rated"], 1)
        self.assertEqual((len(self._usage("j")), self._calls("j")), (3, 2))
        self.assertWhole()
        with self.assertRaises(UserError):
            batch.action_undo()

    def test_stored_batch_is_rated_by_the_scheduled_action(self):
        answer = self._ingest(self._record("l"), rate_now=False)
        self.assertFalse(self._usage("l"))
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        self.assertEqual(batch.state, "waiting")
        with self.enter_registry_test_mode():
            self.env.ref("voip_rating.ir_cron_rate").method_direct_trigger()
        batch.invalidate_recordset()
        self.assertEqual(batch.state, "done")
        status = self.Cdr.batch_status(batch=batch.id)
        currency = self.account.currency_id.name
        self.assertEqual(status["amount"], {currency: "0.006658"})
        self.assertEqual(status["rated"], 1)
        self.assertWhole()

    def test_a_malformed_call_names_its_argument(self):
        for arguments, word in (
            ({"switch": 5, "records": []}, "switch"),
            ({"switch": "sw1", "records": "x"}, "records"),
            ({"switch": "sw1", "records": [5]}, "records"),
            ({"switch": "sw1", "records": [{}] * 10_001}, "10000"),
            ({"switch": "sw1", "records": [], "format": "odd"}, "format"),
            ({"switch": "sw1", "records": [], "rate_now": "yes"}, "rate_now"),
        ):
            with self.subTest(word=word), self.assertRaisesRegex(UserError, word):
                self.Cdr.ingest(**arguments)

    def test_only_the_switch_and_staff_may_push(self):
        user = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "stranger",
                "group_ids": [(6, 0, [self.env.ref("base.group_user").id])],
            }
        )
        with self.assertRaises(AccessError):
            self.Cdr.with_user(user).ingest(switch="sw1", records=[])

    def test_csv_upload_equals_the_door(self):
        file = io.StringIO()
        rows = [self._record("m"), self._record("n", called="9990000000")]
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
        upload = self.env["voip.cdr.upload"].create(
            {
                "switch_id": self.switch.id,
                "file": b64encode(file.getvalue().encode()),
                "file_name": "calls.csv",
            }
        )
        action = upload.action_upload()
        batch = self.env["voip.cdr.batch"].browse(action["res_id"])
        self.assertEqual((batch.rated, batch.in_error), (1, 1))
        self.assertEqual(self._usage("m").amount, 0.006658)
        self.assertWhole()

    def test_a_file_without_header_is_refused_by_name(self):
        upload = self.env["voip.cdr.upload"].create(
            {"switch_id": self.switch.id, "file": b64encode(b"1;2;3\n4;5;6\n")}
        )
        with self.assertRaisesRegex(UserError, "call_id, called, start"):
            upload.action_upload()

    def test_currencies_convert_at_the_calls_day_and_keep_the_rate(self):
        euro = self.env.ref("base.EUR")
        dollar = self.env.ref("base.USD")
        (euro | dollar).active = True
        company = self.env.company.currency_id
        other = euro if company != euro else dollar
        self.env["res.currency.rate"].search([("currency_id", "=", other.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "name": "2020-01-01", "rate": 0.8}
        )
        deck = self._create_deck(
            currency_id=other.id, rates=[{"prefix": "44", "price_per_minute": "0.06"}]
        )
        account = self._create_account(deck_id=deck.id)
        self._create_trunk(code="fx", account_id=account.id)
        self._ingest(self._record("fx", trunk="fx", duration="60"))
        usage = self._usage("fx")
        self.assertEqual(usage.deck_amount, 0.06)
        self.assertEqual(usage.amount, 0.075)
        self.assertEqual(Decimal(str(usage.exchange_rate)), Decimal("1.25"))
        self.assertWhole()

    def test_a_missing_exchange_rate_is_an_error_never_one_nor_a_later_one(self):
        dong = self.env.ref("base.VND")
        dong.active = True
        dong.rate_ids.unlink()
        now = self.env.cr.now()
        rates = [{"prefix": "44", "price_per_minute": "25000"}]
        deck = self._create_deck(currency_id=dong.id, rates=rates)
        account = self._create_account(deck_id=deck.id)
        self._create_trunk(code="dong", account_id=account.id)
        record = self._record("dong", trunk="dong", duration="60")
        answer = self._ingest(record, self._record("neighbour"))
        self.assertEqual((answer["rated"], answer["in_error"]), (1, 1))
        error = self.env["voip.cdr.error"].search([("call_id", "=", "dong")])
        self.assertEqual(error.code, "no_exchange_rate")
        self.assertIn("VND has no exchange rate of", error.message)
        later = {"currency_id": dong.id, "name": now.date(), "rate": 25_000}
        rate = self.env["res.currency.rate"].create(later)
        if error.start.date() < now.date():
            quote = self.env["voip.rate.deck"].quote(
                account=account.code,
                called="442071234567",
                at=f"{error.start.isoformat()}Z",
            )
            self.assertEqual(quote["error"]["code"], "no_exchange_rate")
            error.action_rate_again()
            self.assertEqual(error.state, "open")
        rate.name = "2020-01-01"
        error.action_rate_again()
        self.assertEqual(self._usage("dong").amount, 1)
        self.assertWhole()

    def test_an_exchange_rate_keeps_all_its_digits(self):
        rial = self.env.ref("base.IRR")
        rial.active = True
        rial.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": rial.id, "name": "2020-01-01", "rate": 42_000}
        )
        rates = [{"prefix": "44", "price_per_minute": "999999999"}]
        deck = self._create_deck(currency_id=rial.id, rates=rates)
        account = self._create_account(deck_id=deck.id)
        self._create_trunk(code="rial", account_id=account.id)
        self._ingest(self._record("rial", trunk="rial", duration="60"))
        self.assertEqual(self._usage("rial").amount, 23_809.523786)
        self.env.cr.execute(
            "SELECT exchange_rate::text FROM voip_usage_row WHERE account_id = %s",
            [account.id],
        )
        kept = self.env.cr.fetchone()[0]
        self.assertEqual(kept, "0.0000238095238095238095238095")
        self.assertWhole()

    def test_no_invoice_is_made_that_the_books_cannot_convert(self):
        dong = self.env.ref("base.VND")
        dong.active = True
        dong.rate_ids.unlink()
        account = self._create_account(currency_id=dong.id, mode="postpaid")
        run = self.env["voip.billing.run"].create({"account_ids": account.ids})
        line = self.env["voip.billing.run.line"].sudo().create(
            {
                "run_id": run.id,
                "company_id": run.company_id.id,
                "account_id": account.id,
                "period_start": "2026-01-01",
                "period_end": "2026-01-31",
            }
        )
        document = self.env["voip.billing.document"]
        with self.assertRaisesRegex(UserError, "VND has no exchange rate"):
            document._prepare_document(line, [])
