"""Service charges of a file: charged what they say, once, where the format says so."""

import base64
from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import VoipRatingCommon
from .test_formats import SAMPLES
from .test_upgrade import run

SAMPLE = (SAMPLES / "uk_standard.csv").read_text()
CALL, ATTEMPT, RENTAL = SAMPLE.splitlines()
LINES = {
    "charge_amount": "salesprice",
    "charge_currency": "currency",
    "charge_description": "description",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestServiceCharges(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gbp = cls.env.ref("base.GBP")
        cls.gbp.active = True
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.gbp.id,
                "name": "2026-01-01",
                "rate": 0.5,
                "company_id": cls.env.company.id,
            }
        )
        deck = cls._create_deck(rates=[{"prefix": "33", "price_per_minute": "0.06"}])
        cls.account = cls._create_account(deck_id=deck.id, code="C0001")
        cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()
        cls.service = cls.env.ref("voip_rating.service_charges")
        cls.format = cls.env.ref("voip_rating.format_uk_standard_charges")
        cls.switch.format_id = cls.format

    @classmethod
    def _format(cls, lines=None, **values):
        """A copy of the format that charges none, made to charge them."""
        fmt = cls.env.ref("voip_rating.format_uk_standard").copy()
        added = [
            (0, 0, {"target": target, "source": source})
            for target, source in (LINES if lines is None else lines).items()
        ]
        fmt.write(
            {
                "charge_values": "S",
                "charge_service_id": cls.service.id,
                "field_ids": added,
                **values,
            }
        )
        return fmt

    def _upload(self, text):
        action = (
            self.env["voip.cdr.upload"]
            .create(
                {
                    "switch_id": self.switch.id,
                    "format_id": self.format.id,
                    "file": base64.b64encode(text.encode()),
                    "file_name": "calls.csv",
                }
            )
            .action_upload()
        )
        return self.env["voip.cdr.batch"].browse(action["res_id"])

    def _records(self, *lines):
        names = self.format._compiled().names
        rows = (line.strip('"').replace('"', "").split(",") for line in lines)
        return [dict(zip(names, row, strict=False)) for row in rows]

    def _ingest(self, *lines, **values):
        answer = self.env["voip.cdr"].ingest(
            self.switch.code, self._records(*lines), format=self.format.code, **values
        )
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def _charges(self, batch):
        self.env.invalidate_all()
        usage = self.env["voip.usage"].search([("batch_id", "=", batch.id)])
        return sorted(
            (use.label, use.service_id.code, use.amount, use.units, use.sign)
            for use in usage
            if use.amount
        )

    def _unbilled(self):
        self.env.invalidate_all()
        return self.account.wallet_id.unbilled

    def _run(self):
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, self.account.ids)],
            }
        )
        run.action_run()
        self.assertEqual(run.state, "done", run.stop_reason)
        return run

    # 9.50 GBP are 19.00 of the account's currency.
    def test_a_file_charges_its_calls_by_the_deck_and_its_services_as_they_say(self):
        batch = self._upload(SAMPLE)
        rental = ("Line rental", "SERVICE-CHARGE", 19.0, 1, 1)
        self.assertEqual(
            self._charges(batch), [("France - Fixed", "TERM-INTL", 0.06, 1, 1), rental]
        )
        self.assertRecordValues(
            batch,
            [
                {
                    "received": 3,
                    "lines": 3,
                    "skipped": 0,
                    "skipped_kinds": False,
                    "rated": 2,
                    "zero_rated": 1,
                    "in_error": 0,
                }
            ],
        )
        self.assertAlmostEqual(self._unbilled(), 19.06, 6)
        self.assertWhole()
        batch.action_undo()
        self.assertAlmostEqual(self._unbilled(), 0, 6)
        self.assertWhole()
        self.assertEqual(self._charges(self._upload(SAMPLE))[1], rental)
        self.assertWhole()

    def test_a_charge_is_kept_as_it_came(self):
        batch = self._upload(SAMPLE)
        self.env.cr.execute(
            "SELECT metadata ->> 'salesprice', metadata ->> '_charge'"
            "  FROM voip_cdr_row WHERE batch_id = %s ORDER BY position",
            [batch.id],
        )
        self.assertEqual(
            self.env.cr.fetchall(),
            [("0.0120", None), ("0.0000", None), (None, "9.5000 GBP")],
        )
        kept = self.env["voip.cdr"].search(
            [
                ("charge", "!=", False),
                ("start", ">=", "2026-10-01"),
                ("batch_id", "=", batch.id),
            ]
        )
        self.assertEqual((kept.called, kept.charge), ("Line rental", "9.5000 GBP"))
        use = self.env["voip.usage"].search(
            [("batch_id", "=", batch.id), ("label", "=", "Line rental")]
        )
        self.assertEqual(
            (use.called, use.unit_price, use.billed_seconds), (False, 9.5, 0)
        )

    def test_a_charge_that_comes_again_is_a_duplicate_and_with_another_price_none(self):
        self._ingest(RENTAL, RENTAL, rate_now=True)
        again = self._ingest(RENTAL, rate_now=True)
        self.assertEqual((again.duplicates, again.rated), (1, 0))
        dearer = self._ingest(RENTAL.replace("9.5000", "9.6000"))
        dearer._work()
        self.assertEqual((dearer.conflicts, dearer.rated), (1, 0))
        self.assertAlmostEqual(self._unbilled(), 19, 6)
        self.assertWhole()

    def test_charges_that_wait_are_charged_by_the_worker(self):
        batch = self._ingest(CALL, RENTAL)
        self.assertEqual(batch.state, "waiting")
        batch._work()
        self.assertEqual(len(self._charges(batch)), 2)
        self.assertWhole()

    def test_what_cannot_be_charged_is_in_error_and_charged_once_when_corrected(self):
        bad = [
            RENTAL.replace("9.5000", "-9.5000").replace("UK-3", "a"),
            RENTAL.replace("9.5000", "").replace("UK-3", "b"),
            RENTAL.replace("9.5000", "9,5").replace("UK-3", "c"),
            RENTAL.replace('"GBP"', '""').replace("UK-3", "d"),
            RENTAL.replace('"GBP"', '"XYZ"').replace("UK-3", "e"),
            RENTAL.replace("C0001", "C0002").replace("UK-3", "f"),
            RENTAL.replace('"Line rental","R1"', '"","R1"').replace("UK-3", "g"),
        ]
        # Not closed quotes: neither a call nor a charge.
        bad.append(RENTAL.replace('"Line rental","R1"', '"Line "rental","R1"'))
        bad[2] = bad[2].replace("9,5,9,5", '"9,5","9,5"')
        batch = self._upload("\n".join(bad))
        errors = {error.call_id: error for error in batch.error_ids}
        self.assertEqual(
            {name: error.code for name, error in errors.items()},
            {
                **dict.fromkeys([*"abcdg", "UK-3"], "missing_field"),
                "e": "no_exchange_rate",
                "f": "no_account",
            },
        )
        self.assertEqual((batch.in_error, batch.lines, self._unbilled()), (8, 8, 0))
        errors["f"].fix_account = "C0001"
        errors["g"].fix_called = "Rental, corrected"
        errors["e"].fix = '{"_charge": "1 GBP"}'
        batch.error_ids.action_rate_again()
        self.assertEqual(errors["e"].state, "open")
        self.assertIn("stored as it came", errors["e"].message)
        self.assertEqual(
            [(label, amount) for label, _s, amount, *_rest in self._charges(batch)],
            [("Line rental", 19.0), ("Rental, corrected", 19.0)],
        )
        self.assertWhole()
        batch.action_undo()
        self.assertAlmostEqual(self._unbilled(), 0, 6)
        self.assertWhole()

    def test_nobody_but_a_format_says_what_is_a_charge(self):
        generic = self.env["voip.cdr"].ingest(
            self.switch.code,
            [
                {
                    "call_id": "x",
                    "called": "33123456789",
                    "start": "2026-10-01T10:00:00Z",
                    "answer": "2026-10-01T10:00:00Z",
                    "duration": "60",
                    "account": "C0001",
                    "_charge": "1000 GBP",
                }
            ],
            rate_now=True,
        )
        self.assertEqual(generic["errors"][0]["code"], "bad_metadata")
        self.assertEqual(self._unbilled(), 0)
        records = self._records(CALL, RENTAL, CALL.replace("UK-1", "UK-4"))
        records = [{**record, "_charge": "1000 GBP"} for record in records]
        records[2]["call_date"] = "never"
        answer = self.env["voip.cdr"].ingest(
            self.switch.code, records, format=self.format.code, rate_now=True
        )
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        self.assertEqual([use[2] for use in self._charges(batch)], [0.06, 19.0])
        error = batch.error_ids
        error.write({"fix_start": "2026-10-01", "fix": '{"_charge": "1 GBP"}'})
        error.action_rate_again()
        self.assertEqual(error.state, "open")
        self.assertIn("this record is a call", error.message)
        error.write({"fix_start": "2026-10-01 11:00:00", "fix": False})
        error.action_rate_again()
        self.assertEqual(error.state, "fixed", error.message)
        self.assertEqual(
            [use[2] for use in self._charges(batch)], [0.06, 0.06, 19.0]
        )
        self.assertWhole()

    def test_a_switch_posts_charges_only_where_a_manager_has_chosen_so(self):
        other = self._create_switch()
        other.action_create_key()
        records = self._records(CALL, RENTAL)
        copied = self._format()
        doors = self.env["voip.cdr"].with_user(other.user_id)
        for switch_format in (False, copied, self.env.ref("voip_rating.format_twilio")):
            other.format_id = switch_format
            for way in (
                lambda: doors.ingest(other.code, records, format=self.format.code),
                lambda: doors._post(other, records, self.format.code),
                lambda: doors._post(other, records * 60, self.format.code),
            ):
                with self.assertRaisesRegex(UserError, "a billing manager has to"):
                    way()
        self.assertFalse(self.env["voip.cdr.post"].search_count([]))
        self.assertEqual(self._unbilled(), 0)
        other.format_id = copied
        doors.ingest(other.code, records, format=copied.code, rate_now=True)
        self.assertAlmostEqual(self._unbilled(), 19.06, 6)
        doors.ingest(other.code, records, format="uk_standard")
        self.assertWhole()

    def test_the_invoice_names_the_service_and_a_credit_charges_it_again(self):
        self._upload(SAMPLE)
        run = self._run()
        line = run.move_ids.invoice_line_ids.filtered(
            lambda one: one.voip_service_id == self.service
        )
        self.assertEqual(
            (line.name, line.price_subtotal), ("Service charges: Line rental", 19.0)
        )
        self.assertWhole()
        wizard = self.env["voip.credit.wizard"].create(
            {"move_id": run.move_ids.id, "reason": "Again", "outcome": "now"}
        )
        wizard.action_credit()
        again = wizard.credit_id.again_id
        self.assertEqual(again.amount_total, run.move_ids.amount_total)
        self.assertWhole()

    def test_a_format_that_cannot_charge_is_refused_and_tells_why(self):
        for lines, values, said in (
            ({}, {}, "charge_amount is missing"),
            ({**LINES, "charge_date": "none_such"}, {}, "no column 'none_such'"),
            (LINES, {"charge_values": "v"}, "cannot be both"),
            (LINES, {"charge_service_id": False}, "choose the service"),
        ):
            with self.subTest(said), self.assertRaisesRegex(ValidationError, said):
                self._format(lines, **values)

    def test_an_upgrade_takes_the_service_that_has_the_code_already(self):
        shipped = [("module", "=", "voip_rating"), ("name", "=", "service_charges")]
        self.env["ir.model.data"].search(shipped).unlink()
        for _time in range(2):
            run(self.env.cr, "voip_rating/migrations/19.0.3.5.0/pre-service_charges.py")
        self.env.registry.clear_cache()
        self.assertEqual(self.env.ref("voip_rating.service_charges"), self.service)

    def test_the_tester_shows_what_a_charge_would_cost(self):
        test = self.env["voip.cdr.format.test"].create(
            {
                "format_id": self.format.id,
                "switch_id": self.switch.id,
                "text": SAMPLE,
            }
        )
        test.action_test()
        self.assertIn("19", test.result)
        self.assertIn("for the service Line rental", test.result)
        self.assertEqual(self._unbilled(), 0)
