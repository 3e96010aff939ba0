"""A supplier's increase that came late costs more only from the agreed date on."""

import base64
from datetime import timedelta

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..notices import agreed
from .import_common import HEADER, sheet
from .notice_common import NOW, NoticeCommon, moment

STATED = moment("2025-12-05 00:00:00")
AGREED = moment("2025-12-10 00:00:00")


@tagged("post_install", "-at_install")
class TestNoticeAgreed(NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        carrier = cls.env["res.partner"].create({"name": "Pollux Carrier"})
        cls.bought = cls._create_deck(
            [
                {"prefix": "44", "price_per_minute": "0.01"},
                {"prefix": "447", "price_per_minute": "0.05"},
            ],
            side="supplier",
            partner_id=carrier.id,
        )
        cls.terms = cls._create_agreement(
            direction="supplier",
            partner_id=carrier.id,
            deck_ids=[(6, 0, cls.bought.ids)],
        )

    def _create_import(self, *rows, header=HEADER, **values):
        return self.env["voip.rate.import"].create(
            {
                "deck_id": self.bought.id,
                "file": base64.b64encode(sheet(*rows, header=header)),
                "file_name": "rates.csv",
                **values,
            }
        )

    def _preview(self, *rows, header=HEADER, **values):
        found = self._create_import(*rows, header=header, **values)
        found.action_preview()
        return found

    def _lines(self, found, *names):
        names = names or ("prefix", "status", "starts", "stated_from")
        rows = self.env["voip.rate.import.row"].search([("import_id", "=", found.id)])
        return [tuple(row[name] for name in names) for row in rows]

    def test_an_increase_that_came_late_is_valid_from_the_agreed_date_on(self):
        found = self._preview(
            "44;;0.02;2025-12-05", "447;;0.04;2025-12-05", "33;;0.03;2025-12-05"
        )
        self.assertEqual(
            self._lines(found),
            [
                ("44", "increased", AGREED, STATED),
                ("447", "decreased", STATED, False),
                ("33", "new", STATED, False),
            ],
        )
        self.assertEqual(found.agreed_count, 1)
        row = self.env["voip.rate.import.row"].search(
            [("import_id", "=", found.id), ("prefix", "=", "44")]
        )
        self.assertEqual(row.agreed_from, AGREED)
        found.action_apply()
        self.assertEqual(found.agreed_count, 1)
        rate = self.bought.rate_ids.filtered("stated_from")
        self.assertEqual(
            (rate.prefix, rate.effective_from, rate.stated_from),
            ("44", AGREED, STATED),
        )

    def test_what_is_partly_dearer_is_an_increase(self):
        """A lower price does not hide a longer increment, a fee or a jurisdiction."""
        self.bought._load(
            [
                {"prefix": "33", "price_per_minute": "0.05", "price_intra": "0.06"},
                {"prefix": "39", "blocked": True},
                {"prefix": "43", "price_per_minute": "0.05", "price_intra": "0.02"},
            ]
        )
        self.terms.days_new = 7
        found = self._preview(
            "44;;0.009;2025-12-05;60/60;;",
            "447;;0.04;2025-12-05;;0.01;",
            "33;;0.05;2025-12-05;;;0.055",
            "39;;0.05;2025-12-05;;;",
            "43;;0.04;2025-12-05;;;",
            header=f"{HEADER};Increments;Connect fee;Intrastate price",
        )
        self.assertFalse(found.faulty_count)
        self.assertEqual(
            self._lines(found, "prefix", "starts", "stated_from"),
            [
                ("44", AGREED, STATED),
                ("447", AGREED, STATED),
                ("33", STATED, False),
                ("39", AGREED, STATED),
                ("43", AGREED, STATED),
            ],
        )

    def test_late_rows_are_compared_at_once_not_one_by_one(self):
        self.bought._stage_open()
        self.env.cr.execute(
            "EXPLAIN " + agreed.OVERTAKEN, {"reason": "", "deck": self.bought.id}
        )
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertNotIn("SubPlan", plan)

    def test_an_increase_in_time_is_valid_as_stated(self):
        for received in (NOW, NOW - timedelta(days=30)):
            start = "2025-12-10" if received == NOW else "2025-12-04"
            found = self._preview(f"44;;0.02;{start}", received_at=received)
            with self.subTest(received=received):
                self.assertEqual(
                    self._lines(found, "starts", "stated_from"),
                    [(moment(f"{start} 00:00:00"), False)],
                )

    def test_an_increase_stated_for_the_past_is_no_fault_where_it_is_agreed_later(self):
        found = self._preview("44;;0.02;2025-11-20")
        self.assertEqual(
            self._lines(found),
            [("44", "increased", AGREED, moment("2025-11-20 00:00:00"))],
        )
        found = self._preview("44;;0.02;2025-11-20", past="now")
        self.assertEqual(
            self._lines(found, "stated_from"), [(moment("2025-11-20 00:00:00"),)]
        )

    def test_what_needs_no_notice_is_in_the_past_in_the_second_it_comes_too(self):
        """A preview a second later says the same, and the sheet is applied or not."""
        for later in (0, 1):
            with freeze_time(NOW) as clock, self.subTest(later=later):
                found = self._create_import("33;;0.03;2025-11-20")
                clock.move_to(NOW + timedelta(seconds=later))
                found.action_preview()
                self.assertEqual(self._lines(found, "status"), [("faulty",)])
                found.past = "back"
                found.action_preview()
                self.assertEqual(
                    self._lines(found, "status", "starts", "stated_from"),
                    [("new", NOW, moment("2025-11-20 00:00:00"))],
                )

    def test_the_button_of_late_rows_shows_what_was_stated_and_agreed(self):
        found = self._preview("44;;0.02;2025-12-05")
        dates = {"starts", "stated_from", "agreed_from"}
        for status, shown in (("agreed", dates - {"starts"}), (None, {"starts"})):
            with self.subTest(status):
                action = found.with_context(status=status).action_view_rows()
                self.assertEqual(dates & self._columns(action["context"]), shown)

    def _columns(self, context):
        """Names of the columns that a list of rows has by itself."""
        arch = self.env["voip.rate.import.row"].get_view(view_type="list")["arch"]
        return {
            field.get("name")
            for field in etree.fromstring(arch).iter("field")
            if field.get("optional") != "hide"
            and not safe_eval(field.get("column_invisible", "0"), {"context": context})
        }

    def test_of_several_late_rows_the_one_valid_on_the_agreed_date_counts(self):
        cases = [
            (("0.02;2025-12-05", "0.03;2025-12-08"), [("increased", 0.03, AGREED)]),
            (
                ("0.02;2025-12-05", "0.005;2025-12-08"),
                [("decreased", 0.005, moment("2025-12-08 00:00:00"))],
            ),
            (
                ("0.02;2025-12-05", "0.03;2025-12-20"),
                [
                    ("increased", 0.02, AGREED),
                    ("increased", 0.03, moment("2025-12-20 00:00:00")),
                ],
            ),
            (("0.02;2025-12-05", "0.03;2025-12-10"), [("increased", 0.03, AGREED)]),
        ]
        for rows, expected in cases:
            found = self._preview(*(f"44;;{row}" for row in rows))
            kept = [
                line
                for line in self._lines(found, "status", "price", "starts")
                if line[0] != "unchanged"
            ]
            with self.subTest(rows=rows):
                self.assertEqual(kept, expected)

    def test_a_version_of_the_deck_that_begins_meanwhile_stays(self):
        self.bought._load(
            [
                {
                    "prefix": "44",
                    "price_per_minute": "0.03",
                    "effective_from": "2025-12-08",
                }
            ]
        )
        found = self._preview("44;;0.02;2025-12-05")
        self.assertEqual(self._lines(found, "status"), [("unchanged",)])

    def test_a_full_sheet_does_not_close_the_code_of_a_late_row(self):
        """Nothing is left of the row, but the sheet names its code."""
        other = {"prefix": "447", "price_per_minute": "0.05"}
        late = {"prefix": "44", "price_per_minute": "0.02"}
        late |= {"effective_from": "2025-12-05"}
        for meanwhile, end in (("2025-12-08", ""), ("2025-12-20", "2025-12-09")):
            with self.subTest(end=end), self.env.cr.savepoint() as savepoint:
                self._load_rates(("44", "0.03", meanwhile))
                found = self._preview(
                    f"44;;0.02;2025-12-05;{end}",
                    "447;;0.05;;",
                    header=f"{HEADER};Valid until",
                    mode="full",
                )
                self.assertEqual(found.closed_count, 0)
                row = late | {"effective_to": end or None}
                answer = self.bought._load([row, other], "full")
                self.assertEqual((answer["applied"], answer["closed"]), (True, 0))
                savepoint.rollback()

    def test_a_supplier_s_deck_has_one_agreement(self):
        values = {"direction": "supplier", "deck_ids": [(6, 0, self.bought.ids)]}
        refused = self.assertRaisesRegex(ValidationError, "Pollux")
        with refused, self.env.cr.savepoint():
            self._create_agreement(**values)
        self.terms.active = False
        self.assertTrue(self._create_agreement(**values))

    def test_days_for_new_codes_count_too(self):
        self.terms.days_new = 3
        found = self._preview("33;;0.03;2025-12-04")
        self.assertEqual(
            self._lines(found, "starts"), [(moment("2025-12-06 00:00:00"),)]
        )

    def test_other_terms_ask_for_another_preview(self):
        found = self._preview("44;;0.02;2025-12-05")
        self.terms.days_increased = 14
        self.assertEqual(found.state, "draft")
        found.action_preview()
        self.assertEqual(
            self._lines(found, "starts"), [(moment("2025-12-17 00:00:00"),)]
        )
        found.received_at = NOW - timedelta(days=1)
        self.assertEqual(found.state, "draft")

    def test_undo_and_a_deck_without_rates(self):
        def table():
            self.env.flush_all()
            self.env.cr.execute(
                "SELECT to_jsonb(r) FROM voip_rate r WHERE deck_id = %s ORDER BY id",
                [self.bought.id],
            )
            return self.env.cr.fetchall()

        before = table()
        found = self._preview("44;;0.02;2025-12-05")
        found.action_apply()
        self.assertNotEqual(table(), before)
        found.action_undo()
        self.assertEqual(table(), before)
        empty = self._create_deck(side="supplier")
        self.terms.deck_ids += empty
        found = self._preview("44;;0.02;2025-12-05", deck_id=empty.id)
        self.assertEqual(self._lines(found, "starts"), [(STATED,)])

    def _load_rates(self, *rows, **options):
        names = ("prefix", "price_per_minute", "effective_from")
        return self.env["voip.rate.deck"].load(
            deck=self.bought.code,
            rates=[dict(zip(names, row, strict=True)) for row in rows],
            **options,
        )

    def test_rates_that_are_loaded_are_held_to_the_agreement_too(self):
        result = self._load_rates(
            ("44", "0.02", "2025-12-05"),
            ("447", "0.04", "2025-12-05"),
            ("33", "0.03", "2025-12-05"),
        )
        self.assertTrue(result["applied"], result)
        self.assertEqual(result["agreed"], 1)
        self.assertEqual((result["increased"], result["decreased"]), (1, 1))
        rate = self.bought.rate_ids.filtered("stated_from")
        self.assertEqual(
            (rate.prefix, rate.effective_from, rate.stated_from),
            ("44", AGREED, STATED),
        )
        before = self.bought.rate_ids.filtered(
            lambda one: one.prefix == "44" and not one.stated_from
        )
        self.assertEqual(before.effective_to, AGREED)

    def test_a_load_says_when_its_rates_were_announced(self):
        self._load_rates(
            ("44", "0.02", "2025-12-05"), received="2025-12-03T12:04:00Z", dry_run=True
        )
        for received in ("yesterday", "", 5, "2025-13-01", "2025-12-03T12:06:00Z"):
            with self.subTest(received=received), self.assertRaises(UserError):
                self._load_rates(("44", "0.02", "2025-12-05"), received=received)
        rates = [("44", "0.02", "2025-12-05")]
        late = self._load_rates(*rates, received="2025-11-29", dry_run=True)
        self.assertEqual(late["agreed"], 1)
        in_time = self._load_rates(*rates, received="2025-11-28")
        self.assertEqual(in_time["agreed"], 0)
        rate = self.bought.rate_ids.filtered(lambda one: one.effective_from == STATED)
        self.assertFalse(rate.stated_from)

    def test_a_sheet_was_not_received_in_the_future(self):
        found = self._preview("44;;0.02;2025-12-05")
        with self.assertRaisesRegex(ValidationError, "lies in the future"):
            found.received_at = NOW + timedelta(minutes=6)
        found.received_at = NOW + timedelta(minutes=4)

    def test_late_rows_of_a_load_that_end_before_they_may_begin_change_nothing(self):
        row = {"prefix": "44", "price_per_minute": "0.02"}
        dates = {"effective_from": "2025-12-05", "effective_to": "2025-12-08"}
        count = len(self.bought.rate_ids)
        result = self.bought._load([{**row, **dates}])
        self.assertEqual((result["unchanged"], result["agreed"]), (1, 0))
        self.env.invalidate_all()
        self.assertEqual(len(self.bought.rate_ids), count)

    def test_a_first_load_has_no_notice(self):
        carrier = self.bought.partner_id.id
        deck = self._create_deck([], side="supplier", partner_id=carrier)
        self.terms.deck_ids += deck
        result = deck._load([{"prefix": "44", "price_per_minute": "0.02"}])
        self.assertEqual((result["new"], result["agreed"]), (1, 0))

    def test_a_rate_that_is_typed_too_early_is_marked(self):
        rates = self.env["voip.rate"]
        early = {"deck_id": self.bought.id, "prefix": "44", "effective_from": STATED}
        note = rates.new(early).agreed_note
        self.assertIn("Pollux Carrier", note)
        self.assertIn("2025-12-10", note)
        for other in ({"effective_from": AGREED}, {"deck_id": self.deck.id}):
            self.assertFalse(rates.new({**early, **other}).agreed_note)
        self.assertFalse(self.bought.rate_ids[0].agreed_note)
