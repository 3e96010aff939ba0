"""Records in error, corrected: each call once, where and when it was."""

import json
from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..calls.charge import CHARGE
from ..records.cdr_error_words import IDENTITY
from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 12:00:00")
class TestErrorCorrected(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck(
            rates=[{"prefix": "44", "destination": "UK", "price_per_minute": "0.5"}]
        )
        cls.account = cls._create_account(deck_id=cls.deck.id, mode="postpaid")
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch(tz="Europe/Berlin")

    def _record(self, call_id, **values):
        return {
            "call_id": call_id,
            "called": "442071234567",
            "start": "2026-10-14T10:00:00Z",
            "duration": "60",
            "answered": True,
            "trunk": self.trunk.code,
            **values,
        }

    def _ingest(self, *records, **values):
        return self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=list(records), rate_now=True, **values
        )

    def _errors(self, *call_ids):
        self.env.invalidate_all()
        found = self.env["voip.cdr.error"].search(
            [("call_id", "in", call_ids), ("switch_id", "=", self.switch.id)]
        )
        return found.sorted("id")

    def _unbilled(self):
        self.env.invalidate_all()
        return self.account.wallet_id.unbilled

    def _usage(self):
        usage = self.env["voip.usage"].search(
            [("account_id", "=", self.account.id), ("started_at", ">=", "2026-09-01")]
        )
        return sorted(usage.mapped("started_at"))

    # === STORED RECORDS === #

    def test_a_stored_record_stays_the_call_that_it_is(self):
        bad = {"called": "999000000000"}
        self._ingest(*(self._record(f"s{n}", **bad) for n in range(6)))
        errors = self._errors(*(f"s{n}" for n in range(6)))
        self.assertEqual(set(errors.mapped("code")), {"no_rate"})
        for error, name, value in zip(
            errors,
            ("call_id", "start", "answer", "end", "duration", "answered"),
            (
                "other",
                "2026-11-16T10:00:00Z",
                "2026-10-14T10:00:05Z",
                "2026-10-14T11:00:00Z",
                "600",
                "false",
            ),
            strict=True,
        ):
            error.write({f"fix_{name}": value, "fix_called": "442071234567"})
        errors.action_rate_again()
        self.assertEqual(set(errors.mapped("state")), {"open"})
        for error in errors:
            self.assertIn("stored as it came", error.message)
        errors.write({f"fix_{name}": False for name in IDENTITY - {"leg", CHARGE}})
        errors[0].fix = json.dumps({"leg": "b"})
        errors.action_rate_again()
        self.assertEqual(errors.mapped("state"), ["open"] + ["fixed"] * 5)
        self.assertAlmostEqual(self._unbilled(), 2.5, 6)
        errors.batch_id.action_undo()
        self.assertAlmostEqual(self._unbilled(), 0, 6)
        self.assertWhole()

    def test_a_rated_record_says_how_it_was_rated_and_no_old_refusal(self):
        self._ingest(self._record("m", called="999000000000"), self._record("n"))
        self._ingest(self._record("n", duration="61"))
        first, second = self._errors("m", "n")
        first.write({"fix_start": "2026-10-15T10:00:00Z", "fix_called": "4420711"})
        first.action_rate_again()
        self.assertIn("stored as it came", first.message)
        first.fix_start = False
        first.action_rate_again()
        self.assertEqual(
            (first.state, first.message), ("fixed", "Rated with called '4420711'.")
        )
        second.action_rate_again()
        self.assertEqual(second.state, "open")
        second.fix_call_id = "n2"
        second.fix = json.dumps({"caller": "441", "attempts": []})
        second.action_rate_again()
        self.assertEqual(
            second.message, "Rated with call_id 'n2', caller '441', attempts '[]'."
        )
        answer = self._ingest(self._record("p", called="3312345678"))
        error = self.env["voip.cdr.error"].search([("batch_id", "=", answer["batch"])])
        self.deck.load(
            deck=self.deck.code,
            rates=[
                {
                    "prefix": "33",
                    "price_per_minute": "1",
                    "effective_from": "2026-01-01T00:00:00Z",
                }
            ],
        )
        error.action_rate_again()
        self.assertEqual((error.state, error.message), ("fixed", "Rated as it came."))

    def test_an_undo_takes_back_every_charge_or_none(self):
        answer = self._ingest(self._record("a"), self._record("b"))
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        batch.sudo().write({"rated": 3})
        with self.assertRaisesRegex(UserError, "2 of its 3 charges"):
            batch.action_undo()
        self.assertAlmostEqual(self._unbilled(), 1, 6)

    def test_a_refused_record_takes_any_correction_and_is_undone_with_its_batch(self):
        self._ingest(self._record("r", start="never"))
        error = self._errors("r")
        error.write({"fix_start": "2026-09-18T10:00:00Z", "fix_call_id": "r2"})
        error.action_rate_again()
        self.assertEqual((error.state, error.call_id), ("fixed", "r2"))
        self.assertEqual(self._usage(), [datetime(2026, 9, 18, 10)])
        error.batch_id.action_undo()
        self.assertAlmostEqual(self._unbilled(), 0, 6)
        self.assertWhole()

    def test_a_corrected_identity_is_checked_against_the_calls_there_are(self):
        self._ingest(self._record("there"))
        self._ingest(self._record("new", start="never"))
        error = self._errors("new")
        error.write({"fix_start": "2026-10-14T10:00:00Z", "fix_call_id": "there"})
        error.action_rate_again()
        self.assertEqual((error.state, error.code), ("open", "conflict"))
        error.fix_call_id = "fresh"
        error.action_rate_again()
        self.assertEqual(error.state, "fixed")
        answer = self._ingest(self._record("fresh", duration="61"))
        self.assertEqual(answer["conflicts"], 1)
        self.assertAlmostEqual(self._unbilled(), 1, 6)
        self.assertWhole()

    # === TIME ZONES === #

    def _format(self, **values):
        shipped = self.env.ref("voip_rating.format_asterisk_odbc")
        return shipped.copy({"code": f"mine{next(self._codes)}", **values})

    def test_a_corrected_record_is_read_in_the_zone_of_its_format(self):
        fmt = self._format(tz="America/New_York")
        for call_id, billsec in (("good", 60), ("bad", 90)):
            row = {
                "uniqueid": call_id,
                "src": "1",
                "dst": "442071234567",
                "start": "2026-11-01 00:30:00",
                "answer": "2026-11-01 00:30:00",
                "end": "2026-11-01 00:31:00",
                "billsec": str(billsec),
                "disposition": "ANSWERED",
                "accountcode": self.account.code,
            }
            answer = self._ingest(row, format=fmt.code)
        error = self.env["voip.cdr.error"].search(
            [("batch_id", "=", answer["batch"])]
        )
        self.assertEqual(error.code, "bad_duration")
        error.fix_duration = "60"
        error.action_rate_again()
        self.assertEqual(error.state, "fixed", error.message)
        self.assertEqual(self._usage(), [datetime(2026, 11, 1, 4, 30)] * 2)

    def test_a_corrected_call_stays_when_the_zone_of_its_switch_changes(self):
        at = "2026-10-18 23:30:00"
        local = {"start": at, "answer": at, "end": "2026-10-18 23:40:00"}
        self._ingest(self._record("local", **local))
        error = self._errors("local")
        self.assertEqual(error.code, "bad_duration")
        error.fix_end = "2026-10-18 23:31:00"
        error.action_rate_again()
        self.assertEqual(self._usage(), [datetime(2026, 10, 18, 21, 30)])
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "account_ids": [(6, 0, self.account.ids)],
            }
        )
        run.action_run()
        self.switch.tz = "Pacific/Auckland"
        wizard = self.env["voip.credit.wizard"].create(
            {"move_id": run.move_ids.id, "reason": "Again", "outcome": "now"}
        )
        wizard.action_credit()
        self.assertEqual(set(self._usage()), {datetime(2026, 10, 18, 21, 30)})
        self.assertWhole()

    # === FORMATS === #

    def test_a_mended_format_reads_what_a_wrong_one_refused(self):
        fmt = self.env["voip.cdr.format"].search([("code", "=", "freeswitch_csv")])
        fmt = fmt.copy({"code": f"mine{next(self._codes)}"})
        line = fmt.field_ids.filtered(lambda x: x.target == "duration")
        right = line.transform
        line.transform = "milliseconds"
        row = {
            "caller_id_number": "1",
            "destination_number": "442071234567",
            "start_stamp": "2026-10-14 10:00:00",
            "answer_stamp": "2026-10-14 10:00:00",
            "end_stamp": "2026-10-14 10:01:00",
            "duration": "60",
            "billsec": "60",
            "uuid": "fs",
            "context": self.trunk.code,
        }
        answer = self._ingest(row, format=fmt.code)
        error = self.env["voip.cdr.error"].search([("batch_id", "=", answer["batch"])])
        self.assertEqual(error.code, "bad_duration", error.message)
        error.action_rate_again()
        self.assertEqual(error.state, "open")
        line.transform = right
        error.action_rate_again()
        self.assertEqual(error.state, "fixed", error.message)
        self.assertAlmostEqual(self._unbilled(), 0.5, 6)

    def test_the_cause_stays_the_cause_until_its_field_is_corrected(self):
        row = {
            "sid": "CA1",
            "from": "+441",
            "to": "+442071234567",
            "status": "in-progress",
            "start_time": "Wed, 14 Oct 2026 10:00:00 +0000",
            "duration": "60",
            "account_sid": self.trunk.code,
            "trunk": self.trunk.code,
        }
        answer = self._ingest(row, format="twilio")
        error = self.env["voip.cdr.error"].search([("batch_id", "=", answer["batch"])])
        said = error.message
        self.assertIn("in-progress", said)
        error.fix_trunk = self.trunk.code
        error.action_rate_again()
        self.assertEqual(error.message, said)
        error.fix_answered = "true"
        error.action_rate_again()
        self.assertEqual(error.state, "fixed", error.message)

    # === DISMISSED === #

    def test_a_dismissed_record_is_opened_again(self):
        self._ingest(self._record("d", called="999000000000"))
        error = self._errors("d")
        error.note = "Test call"
        error.action_dismiss()
        error.action_reopen()
        self.assertEqual((error.state, error.note), ("open", False))
        with self.assertRaisesRegex(UserError, "why it is dismissed"):
            error.action_dismiss()
        told = error.action_rate_again()["params"]["message"]
        self.assertEqual(told, f"Still in error: {error.message}")
        error.fix_called = "442071234567"
        error.action_rate_again()
        self.assertEqual(error.state, "fixed")
        with self.assertRaisesRegex(UserError, "Only dismissed"):
            error.action_reopen()
        event = [("event", "=", "cdr_reopened"), ("res_id", "=", error.id)]
        self.assertEqual(self.env["voip.audit"].search_count(event), 1)
        self.assertWhole()

    def test_the_right_record_takes_the_place_of_a_dismissed_one(self):
        self._ingest(self._record("w", called="999000000000"))
        wrong = self._errors("w")
        answer = self._ingest(self._record("w", duration="120"))
        self.assertEqual(answer["conflicts"], 1)
        right = self._errors("w") - wrong
        right.action_rate_again()
        self.assertIn("is in error itself", right.message)
        wrong.note = "Wrong number"
        wrong.action_dismiss()
        right.action_rate_again()
        self.assertEqual((right.state, wrong.state), ("fixed", "dismissed"))
        self.assertAlmostEqual(self._unbilled(), 1, 6)
        with self.assertRaisesRegex(UserError, "took the place"):
            wrong.action_reopen()
        again = self._ingest(self._record("w", duration="120"))
        self.assertEqual((again["duplicates"], again["in_error"]), (1, 0))
        self.assertWhole()
        right.batch_id.action_undo()
        wrong.batch_id.action_undo()
        self.assertAlmostEqual(self._unbilled(), 0, 6)
        self.assertWhole()

    def test_a_call_stays_what_it_was_when_its_format_is_mended_later(self):
        fmt = self._format()
        row = {
            "uniqueid": "kept",
            "src": "1",
            "dst": "442071838750",
            "dst2": "919864216412",
            "start": "2026-10-14 10:00:00",
            "answer": "2026-10-14 10:00:00",
            "end": "2026-10-14 10:02:00",
            "billsec": "notnum",
            "disposition": "ANSWERED",
            "accountcode": self.account.code,
        }
        answer = self._ingest(row, format=fmt.code)
        error = self.env["voip.cdr.error"].search([("batch_id", "=", answer["batch"])])
        error.fix_duration = "120"
        error.action_rate_again()
        self.assertEqual(error.state, "fixed", error.message)
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "account_ids": [(6, 0, self.account.ids)],
            }
        )
        run.action_run()
        fmt.field_ids.filtered(lambda x: x.target == "called").source = "dst2"
        wizard = self.env["voip.credit.wizard"].create(
            {"move_id": run.move_ids.id, "reason": "Again", "outcome": "now"}
        )
        wizard.action_credit()
        again = wizard.credit_id.again_id
        self.assertEqual(again.amount_total, run.move_ids.amount_total)
        self.assertEqual(again.invoice_line_ids.mapped("name"), ["UK"])
        self.assertWhole()

    def test_of_earlier_calls_in_months_beside_all_must_give_way(self):
        for number, (day, called, dismissed) in enumerate(
            (
                ("2026-09-20", "999000000000", True),
                ("2026-11-05", "442071234567", False),
            )
        ):
            self._ingest(
                self._record("near", called=called, start=f"{day}T10:00:00Z")
            )
            if dismissed:
                error = self._errors("near")
                error.note = "Wrong"
                error.action_dismiss()
            self.assertEqual(len(self._errors("near")), 1, number)
        self._ingest(self._record("near", start="2026-10-20T10:00:00Z"))
        error = self._errors("near")[-1]
        error.action_rate_again()
        self.assertEqual((error.state, error.code), ("open", "conflict"))
        self.assertIn("accepted before", error.message)
        self.assertWhole()

    def test_a_charged_call_does_not_give_way(self):
        self._ingest(self._record("c"))
        self._ingest(self._record("c", duration="120"))
        error = self._errors("c")
        error.action_rate_again()
        self.assertEqual((error.state, error.code), ("open", "conflict"))
        self.assertAlmostEqual(self._unbilled(), 0.5, 6)

    def test_a_record_of_an_undone_batch_is_not_opened(self):
        answer = self._ingest(self._record("u", called="999000000000"))
        error = self._errors("u")
        self.env["voip.cdr.batch"].browse(answer["batch"]).action_undo()
        with self.assertRaisesRegex(UserError, "send the record again"):
            error.action_reopen()

    def test_the_form_shows_what_was_read_and_what_to_do(self):
        self._ingest(self._record("shown", called="999000000000"))
        error = self._errors("shown")
        self.assertEqual(
            (error.sent_called, error.sent_duration, error.sent_trunk),
            ("999000000000", "60.0", self.trunk.code),
        )
        self.assertIn("rate", error.advice)
        for code, _label in error._fields["code"].selection:
            error.sudo().code = code
            self.assertTrue(error.advice, code)
