import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..reconcile.read import read_theirs
from .common import SupplierCommon

CALL = {
    "call_id": "c1",
    "caller": "442071838750",
    "called": "447700900123",
    "start": "2026-03-05T10:00:00",
    "duration": "61.5",
    "rate": "0.012",
    "amount": "0.0123",
}


@tagged("post_install", "-at_install")
class TestRecords(SupplierCommon):
    def setUp(self):
        super().setUp()
        self.invoice = self._load_invoice(
            [{"prefix": "44", "amount": "5"}], tz="Europe/Berlin"
        )

    def _send(self, *records):
        return self.env["voip.supplier.invoice"].load_records(
            self.invoice.id, list(records)
        )

    def _count(self):
        self.env.cr.execute(
            "SELECT count(*) FROM voip_supplier_record_row WHERE invoice_id = %s",
            [self.invoice.id],
        )
        return self.env.cr.fetchone()[0]

    def test_numbers_are_kept_as_pairing_compares_them(self):
        cases = [
            # called as sent, its number; a mask is a 0, other signs fall out
            ("447700900123", 447700900123),
            ("+44 7700 900123", 447700900123),
            ("44770090xX*", 44770090000),
            ("0" * 3 + "44", 44),
            ("1234567890123456789", 123456789012345678),
            ("sip", 0),
        ]
        callers = [(None, 0), ("", 0), *cases[:2], ("anonymous", 0), ("00xx", 0)]
        records = [
            {**CALL, "call_id": f"n{n}", "called": called, "caller": caller}
            for n, ((called, _), (caller, _)) in enumerate(
                zip(cases, callers, strict=True)
            )
        ]
        answer = self._send(*records)
        self.assertFalse(answer["errors"])
        self.env.cr.execute(
            "SELECT called_number, caller_number FROM voip_supplier_record_row"
            " WHERE invoice_id = %s ORDER BY call_id",
            [self.invoice.id],
        )
        expected = [(a, b) for (_, a), (_, b) in zip(cases, callers, strict=True)]
        self.assertEqual(self.env.cr.fetchall(), expected)
        read = read_theirs(self.env.cr, self.invoice.id, "UTC").records
        found = zip(read.called.tolist(), read.caller.tolist(), strict=True)
        self.assertCountEqual(found, expected)

    def test_records_are_kept_as_sent_and_in_utc(self):
        answer = self._send(CALL)
        self.assertEqual(
            answer, {"received": 1, "accepted": 1, "duplicates": 0, "errors": []}
        )
        record = self.env["voip.supplier.record"].search(
            [("invoice_id", "=", self.invoice.id)]
        )
        self.assertRecordValues(
            record,
            [
                {
                    "call_id": "c1",
                    "called": "447700900123",
                    "start_text": "2026-03-05T10:00:00",
                    "duration_ms": 61_500,
                    "rate": 0.012,
                    "amount": 0.0123,
                    "line": 0,
                }
            ],
        )
        self.assertEqual(str(record.start), "2026-03-05 09:00:00")
        self.assertEqual(self.invoice.record_count, 1)

    def test_a_call_that_is_sent_again_brings_nothing_twice(self):
        twice = (CALL, CALL, CALL | {"call_id": "c2"})
        self.assertEqual(self._send(*twice)["accepted"], 3)
        again = self._send(*twice)
        self.assertEqual((again["accepted"], again["duplicates"]), (0, 3))
        self.assertEqual(self._count(), 3)
        self.assertEqual(self.invoice.record_count, 3)

    def test_a_line_has_one_content(self):
        first = CALL | {"line": 7}
        self.assertEqual(self._send(first)["accepted"], 1)
        self.assertEqual(self._send(first)["duplicates"], 1)
        other = first | {"start": "2026-04-01T10:00:00"}
        answer = self._send(CALL | {"line": 8}, other)
        self.assertEqual(
            [(error["index"], error["code"]) for error in answer["errors"]],
            [(1, "conflict")],
        )
        answer = self._send(CALL | {"line": 9}, CALL | {"line": 9, "amount": "2"})
        self.assertEqual([e["code"] for e in answer["errors"]], ["conflict"])
        self.assertEqual(self._count(), 3)

    def test_bad_records_are_told_by_index_and_spoil_no_others(self):
        cases = [
            (CALL, None),
            ({**CALL, "amount": None}, "missing_field"),
            ({**CALL, "start": "yesterday"}, "bad_time"),
            ({**CALL, "duration": "-1"}, "bad_duration"),
            ({**CALL, "colour": "red"}, "bad_value"),
            ({**CALL, "called": 44}, "bad_value"),
            ({**CALL, "prefix": "44 7"}, "bad_number"),
            ("c1", "missing_field"),
            ({**CALL, "call_id": "tab\there"}, "bad_value"),
            ({**CALL, "call_id": "back\\slash"}, None),
        ]
        answer = self._send(*[record for record, _code in cases])
        self.assertEqual(
            [(error["index"], error["code"]) for error in answer["errors"]],
            [(n, code) for n, (_record, code) in enumerate(cases) if code],
        )
        self.assertEqual(answer["accepted"], 2)
        record = self.env["voip.supplier.record"].search(
            [("invoice_id", "=", self.invoice.id), ("call_id", "=", "back\\slash")]
        )
        self.assertEqual(len(record), 1)

    def test_calls_that_make_no_sense_are_refused(self):
        model = self.env["voip.supplier.invoice"]
        with self.assertRefused(UserError, "At most 10000 records"):
            model.load_records(self.invoice.id, [CALL] * 10_001)
        for bad in (0, -1, "1", None, 2**40, True):
            with self.assertRefused(UserError, "invoice:"):
                model.load_records(bad, [CALL])

    @mute_logger("odoo.sql_db")
    def test_records_of_a_decided_invoice_stay(self):
        self._send(CALL)
        self.invoice.action_reconcile()
        self.invoice.action_accept_rest()
        self.invoice.late_reason = "Late."
        self.invoice.action_decide()
        with self.assertRefused(UserError, "what was decided stays"):
            self._send(CALL | {"call_id": "c9"})
        for statement in (
            "DELETE FROM voip_supplier_record_row",
            "UPDATE voip_supplier_record_row SET amount = 0",
        ):
            with (
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(flush=False),
            ):
                self.env.cr.execute(statement)

    def test_an_open_invoice_goes_with_its_records(self):
        self._send(CALL)
        self.invoice.unlink()
        self.assertFalse(self._count())
