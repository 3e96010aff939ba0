"""Each shipped format reads what its switch writes, byte for byte."""

import csv
import io
import json
from pathlib import Path

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..calls.check import Limits
from ..calls.read import Tally
from ..formats.files import chunks_in
from .common import VoipRatingCommon

SAMPLES = Path(__file__).parent / "samples"
LIMITS = Limits(zone="UTC", now_us=1_793_000_000_000_000)
TALK = {
    "caller": "442079460001",
    "called": "33123456789",
    "start": "2026-10-01T10:00:00.000000Z",
    "answer": "2026-10-01T10:00:07.000000Z",
    "end": "2026-10-01T10:01:07.000000Z",
    "duration": "60.0",
    "answered": True,
}
MISSED = {
    "caller": "442079460002",
    "called": "33123456789",
    "start": "2026-10-01T10:05:00.000000Z",
    "answer": None,
    "duration": "0.0",
    "answered": None,
}
NORTH = {"account": "C0001", "trunk": "cust1", "supplier_trunk": "north"}
# Who answers at once has no ringing in the accounts of a proxy.
AT_ANSWER = {**TALK, "start": TALK["answer"]}
PLUS = {"caller": "+442079460001", "called": "+33123456789"}
EXPECTED = {
    "freeswitch_json.json": (
        [
            {
                **TALK,
                **PLUS,
                "call_id": "3da80001-c133-4959-9e24-e72875000001",
                "account": "C0001",
                "trunk": "10.9.0.1",
                "supplier_trunk": "north",
                "pdd_ms": "60",
                "sip_code": "200",
                "variables.sip_call_id": "818e0001@:0",
            }
        ],
        0,
    ),
    "freeswitch_csv.csv": (
        [
            {
                **TALK,
                "called": "0033123456789",
                "account": "C0001",
                "caller_id_name": 'Ann "A" Lee',
                "sent_duration": "67",
            },
            {**MISSED, "called": "+33123456789", "hangup_cause": "USER_BUSY"},
        ],
        0,
    ),
    "freeswitch_csv_asterisk.csv": ([{**TALK, "userfield": "note"}], 0),
    "asterisk_csv.csv": (
        [
            {**TALK, **NORTH, "call_id": "1790848800.17"},
            {**MISSED, "trunk": "cust-two", "account": None},
        ],
        0,
    ),
    "asterisk_odbc.csv": (
        [
            {**TALK, **NORTH, "answer": None, "end": None, "leg": "5"},
            {**MISSED, "hangup_cause": "BUSY", "trunk": "cust1"},
        ],
        0,
    ),
    "opensips_flat.txt": (
        [
            {**AT_ANSWER, "caller": "C0001", "account": "C0001"},
            ("missing_duration", "no BYE"),
            {
                "call_id": "0bfdd176@10.0.0.1",
                "answered": None,
                "sip_code": "487",
                "start": "2026-10-01T10:05:00.000000Z",
            },
            ("missing_field", "a BYE without its INVITE"),
        ],
        1,
    ),
    "kamailio_acc.csv": (
        [
            {**AT_ANSWER, "trunk": "10.9.0.1"},
            {**MISSED, "called": "0033123456789", "sip_code": "486"},
        ],
        2,
    ),
    "twilio.json": (
        [
            {**AT_ANSWER, **PLUS, "answer": None, "price": "-0.02000"},
            {**MISSED, "caller": PLUS["caller"], "direction": "outbound"},
            ("missing_field", "'in-progress', which says neither"),
        ],
        0,
    ),
    "telnyx.csv": (
        [
            {**TALK, **PLUS, "account": "C0001", "cost": "0.0050"},
            {**MISSED, "caller": "+442079460002", "called": PLUS["called"]},
        ],
        0,
    ),
    "uk_standard.csv": (
        [
            {
                **AT_ANSWER,
                "answer": None,
                "end": None,
                "caller": "C0001",
                "called": "0033123456789",
                "account": "C0001",
                "salesprice": "0.0120",
            },
            {**MISSED, "caller": "C0001", "called": "0033123456789"},
        ],
        1,
    ),
}


def read(layout, data, limits=LIMITS):
    """([payload or error of each record], [what the error queue keeps], Tally)."""
    found, sources, tally = [], [], Tally()
    for records, errors, source in chunks_in(io.BytesIO(data), layout, limits, tally):
        for row in range(len(records)):
            found.append(errors[row] if row in errors else records.payload(row))
            sources.append(source(row))
    return found, sources, tally

KINDS = {"uk_standard.csv": "S: 1", "kamailio_acc.csv": "ACK: 1"}


@tagged("post_install", "-at_install")
class TestFormats(VoipRatingCommon):
    def _layout(self, code):
        return self.env.ref(f"voip_rating.format_{code}")._compiled()

    def assertReads(self, found, expected):
        self.assertEqual(len(found), len(expected), found)
        for one, wanted in zip(found, expected, strict=True):
            if isinstance(wanted, tuple):
                self.assertEqual(one[0], wanted[0])
                self.assertIn(wanted[1], one[1])
                continue
            self.assertIsInstance(one, dict, one)
            shown = {name: one.get(name) for name in wanted}
            shown = {n: v or None for n, v in shown.items()}
            self.assertEqual(shown, wanted)

    def test_each_sample_is_read_as_its_switch_means_it(self):
        self.assertEqual({p.name for p in SAMPLES.iterdir()}, set(EXPECTED))
        for name, (expected, skipped) in EXPECTED.items():
            with self.subTest(name):
                layout = self._layout(name.partition(".")[0])
                found, _sources, tally = read(layout, (SAMPLES / name).read_bytes())
                self.assertReads(found, expected)
                self.assertEqual(tally.skipped, skipped)
                self.assertEqual(tally.kinds_text(), KINDS.get(name, ""))
                self.assertEqual(tally.lines, len(found) + skipped)

    def test_kinds_of_skipped_rows_are_few_and_can_be_shown(self):
        rental = (SAMPLES / "uk_standard.csv").read_text().splitlines()[2]
        kinds = ["S", "s", "D", "S", "", "\0" * 30, *map(str, range(1_500))]
        lines = [rental.replace('"S"', f'"{kind}"', 1) for kind in kinds]
        _found, _sources, tally = read(
            self._layout("uk_standard"), "\n".join(lines).encode()
        )
        self.assertEqual((tally.skipped, len(tally.kinds)), (len(kinds), 1_000))
        shown = tally.kinds_text()
        self.assertTrue(shown.startswith("S: 2, s: 1, D: 1, –: 1, '"), shown)
        self.assertTrue(shown.isprintable() and shown.endswith(", …"), shown)

    def test_json_records_with_the_names_of_a_file_say_the_same(self):
        lines = (SAMPLES / "telnyx.csv").read_text().splitlines()
        names = lines[0].split(",")
        records = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
        layout = self._layout("telnyx")
        for data in (
            json.dumps(records),
            json.dumps({"data": records}),
            "\n".join(map(json.dumps, records)),
        ):
            with self.subTest(data[:12]):
                found = read(layout, data.encode())[0]
                self.assertReads(found, EXPECTED["telnyx.csv"][0])

    def test_no_secret_and_no_bulk_is_kept(self):
        data = (SAMPLES / "freeswitch_json.json").read_bytes()
        layout = self._layout("freeswitch_json")
        [payload], [source], _tally = read(layout, data)
        self.assertNotIn("hunter2", json.dumps(payload))
        self.assertNotIn("hunter2", json.dumps(source))
        self.assertNotIn("v%3D0", json.dumps(source))
        self.assertIn("core-uuid", source["_raw"])

    def test_what_cannot_be_read_is_refused_and_never_read_otherwise(self):
        layout = self._layout("asterisk_csv")
        data = (SAMPLES / "asterisk_csv.csv").read_bytes()
        for old, new, code in (
            (b'"ANSWERED"', b'"1"', "missing_field"),
            (b'"ANSWERED"', b'""', "missing_field"),
            (b",67,60,", b",67,-60,", "bad_duration"),
            (b"10:00:07", b"10:00:77", "bad_time"),
        ):
            with self.subTest(new):
                found, sources, _tally = read(layout, data.replace(old, new, 1))
                self.assertEqual(found[0][0], code)
                self.assertIsInstance(found[1], dict)
                again = {n: v for n, v in sources[0].items() if n != "_raw"}
                self.assertEqual(read(None, _csv(again))[0][0][0], code)


def _csv(record):
    """A generic file of one record."""
    out = io.StringIO()

    writer = csv.DictWriter(out, list(record))
    writer.writeheader()
    writer.writerow(record)
    return out.getvalue().encode()


@tagged("post_install", "-at_install")
class TestFormatRecords(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shipped = cls.env.ref("voip_rating.format_asterisk_csv")
        cls.manager = cls._create_user("manager")

    @classmethod
    def _create_user(cls, role):
        return new_test_user(
            cls.env, f"format-{role}", f"voip_billing_base.group_voip_{role}"
        )

    def _copy(self):
        return self.shipped.with_user(self.manager).copy()

    def test_every_shipped_format_can_be_used(self):
        formats = self.env["voip.cdr.format"].search([("shipped", "=", True)])
        self.assertEqual(len(formats), 12)
        for fmt in formats:
            self.assertEqual(bool(fmt._compiled()), fmt.code != "generic")

    def test_a_shipped_format_stays_and_its_copy_is_changed_and_audited(self):
        for change in (
            lambda: self.shipped.with_user(self.manager).write({"name": "x"}),
            lambda: self.shipped.field_ids[0]
            .with_user(self.manager)
            .write({"source": "x"}),
            lambda: self.shipped.with_user(self.manager).unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        copy = self._copy()
        self.assertEqual(
            (copy.code, copy.company_id, copy.shipped, len(copy.field_ids)),
            ("asterisk_csv-copy", self.env.company, False, 11),
        )
        copy.field_ids[0].write({"source": "uniqueid"})
        copy.write({"answered_yes": "ANSWERED, UP"})
        logged = self.env["voip.audit"].search(
            [("res_model", "=", "voip.cdr.format"), ("res_id", "=", copy.id)]
        )
        events = set(logged.mapped("event"))
        self.assertEqual(events, {"format_create", "format_change"})
        self.assertIn("UP", logged.sorted("seq")[-1].data)

    def test_a_format_that_could_not_be_used_is_refused_with_the_reason(self):
        copy = self._copy()
        fields = {field.target: field for field in copy.field_ids}
        for change, why in (
            (lambda: fields["called"].unlink(), "called is missing"),
            (lambda: copy.field_ids.unlink(), "call_id is missing"),
            (lambda: fields["called"].write({"source": "nowhere"}), "no column"),
            (
                lambda: self.env["voip.cdr.format.field"].create(
                    {"format_id": copy.id, "target": "mos", "source": "nowhere"}
                ),
                "no column",
            ),
            (lambda: copy.write({"columns": "a, b"}), "no column"),
            (lambda: copy.write({"answered_yes": False}), "which values mean"),
            (lambda: copy.write({"rows_source": "context"}), "which values of the"),
            (lambda: copy.write({"pair_sources": "a, b"}), "five names"),
            (lambda: fields["caller"].write({"source": False}), "from nothing"),
            (lambda: fields["caller"].write({"transform": "table"}), "needs"),
            (
                lambda: fields["caller"].write({"transform": "table", "argument": "x"}),
                "a=b",
            ),
            (
                lambda: copy.write(
                    {"field_ids": [(2, fields[n].id) for n in ("account", "trunk")]}
                ),
                "nobody could be charged",
            ),
        ):
            with self.subTest(why), self.assertRaisesRegex(ValidationError, why):
                with self.env.cr.savepoint():
                    change()

    def test_copies_have_names_and_codes_of_their_own(self):
        copies = self._copy() | self._copy() | self._copy()
        self.assertEqual(
            copies.mapped("code"),
            ["asterisk_csv-copy", "asterisk_csv-copy-2", "asterisk_csv-copy-3"],
        )
        self.assertEqual(set(copies.mapped("name")), {"Asterisk Master.csv (copy)"})

    def test_lines_of_a_format_may_be_exchanged_in_one_change(self):
        copy = self._copy()
        line = copy.field_ids.filtered(lambda field: field.target == "called")
        new = {"target": "called", "source": "source"}
        copy.write({"field_ids": [(2, line.id), (0, 0, new)]})
        self.assertIn(("source",), [line.sources[0] for line in copy._compiled().lines])

    def test_an_unknown_format_is_told_with_the_known_ones(self):
        self._create_switch(code="swf")
        for code in ("cisco", 7, None, ["twilio"]):
            with self.assertRaisesRegex(UserError, "known are .*twilio"):
                self.env["voip.cdr"].ingest("swf", [], format=code)

    def test_a_switch_key_reads_no_format(self):
        switch = self._create_user("switch")
        with self.assertRaises(AccessError):
            self.shipped.with_user(switch).read(["name"])

    def test_formats_of_another_company_are_unknown(self):
        copy = self._copy()
        other = self.env["res.company"].create({"name": "Other"})
        known = self.env["voip.cdr.format"]
        self.assertFalse(known._of_code(copy.code, other))
        self.assertEqual(known._of_code(copy.code, self.env.company), copy)
