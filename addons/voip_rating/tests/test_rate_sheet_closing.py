"""Rows that close codes: which rates they end, and what that costs."""

from datetime import datetime

from odoo.tests import tagged

from .import_common import NOW, ImportCommon, sheet

CLOSED = datetime(2026, 12, 1)
HEADER = "Code;Origin;Price;Valid from;Status"


def rate(prefix, price, **values):
    return {"prefix": prefix, "price_per_minute": price, **values}


@tagged("post_install", "-at_install")
class TestRateSheetClosing(ImportCommon):
    def _close(self, *rows, deck=None, **values):
        deck = deck or self.deck
        return self._apply(sheet(*rows, header=HEADER), deck=deck, **values)

    def _versions(self, deck, prefix="44"):
        rates = self.env["voip.rate"].search(
            [("deck_id", "=", deck.id), ("prefix", "=", prefix)],
            order="origin_prefix, effective_from",
        )
        return [(r.origin_prefix, r.price_per_minute, r.effective_to) for r in rates]

    def test_a_row_with_an_origin_closes_the_rate_of_that_origin_alone(self):
        deck = self._create_deck(
            [rate("44", "0.01"), rate("44", "0.02", origin_prefix="33")]
        )
        found = self._close("44;33;;2026-12-01;closed", deck=deck)
        self.assertEqual(
            self._rows(found, "prefix", "origin_prefix", "status", "old_price"),
            [("44", "33", "closed", 0.02)],
        )
        self.assertCountEqual(
            self._versions(deck), [("33", 0.02, CLOSED), (False, 0.01, False)]
        )

    def test_what_would_begin_after_a_code_is_closed_never_does(self):
        for rates in (
            [rate("44", "0.01"), rate("44", "0.02", effective_from="2026-12-10")],
            [rate("44", "0.02", effective_from="2026-12-10")],
            [
                rate("44", "0.01"),
                rate("44", "0.02", effective_from="2026-11-01",
                     effective_to="2026-12-20"),
            ],
        ):
            deck = self._create_deck([rate("4", "0.5")])
            self.assertTrue(deck._load(rates)["applied"])
            before = self._table(deck)
            found = self._close("44;;;2026-12-01;closed", deck=deck)
            with self.subTest(rates=rates):
                self.assertEqual(
                    self._rows(found, "status", "falls_to"), [("closed", "4")]
                )
                ends = [end for _origin, _price, end in self._versions(deck)]
                self.assertEqual([end for end in ends if not end or end > CLOSED], [])
                found.action_undo()
                self.assertEqual(self._table(deck), before)

    def test_a_full_sheet_closes_other_codes_when_its_rows_begin(self):
        """What a row closes began long ago; other codes do not end before the date."""
        found = self._close(
            "44;;0.03;2026-12-01;", "447;;;2026-12-01;closed",
            deck=self._create_deck(
                [rate("33", "0.01"), rate("44", "0.01"), rate("447", "0.01")]
            ),
            mode="full",
        )
        self.assertEqual(
            self._rows(found, "prefix", "status", "ends"),
            [
                ("33", "closed", CLOSED),
                ("44", "increased", False),
                ("447", "closed", CLOSED),
            ],
        )

    def test_a_code_may_begin_again_after_it_is_closed(self):
        deck = self._create_deck([rate("44", "0.01")])
        deck._load([rate("44", "0.02", effective_from="2026-12-20")])
        self._close("44;;;2026-12-01;closed", "44;;0.03;2026-12-10;", deck=deck)
        self.assertEqual(
            self._versions(deck),
            [
                (False, 0.01, CLOSED),
                (False, 0.03, datetime(2026, 12, 20)),
                (False, 0.02, False),
            ],
        )

    def test_a_row_that_tells_of_an_end_there_is_leaves_what_begins_later(self):
        deck = self._create_deck([rate("44", "0.01", effective_to="2026-12-01")])
        deck._load([rate("44", "0.02", effective_from="2026-12-20")])
        other = self._create_deck([rate("44", "0.02", effective_from="2026-12-20")])
        for where, date in ((deck, "2026-12-01"), (other, "2026-01-01")):
            before = self._table(where)
            found = self._preview(
                sheet(f"44;;;{date};closed", "45;;1;;", header=HEADER), deck=where
            )
            found.action_apply()
            with self.subTest(date=date):
                self.assertEqual(self._rows(found)[0], ("44", "unchanged"))
                self.assertEqual(self._table(where)[: len(before)], before)

    def test_a_row_that_ends_a_faulty_one_is_faulty_too(self):
        found = self._preview(
            sheet("44;;0.03;2026-01-01;", "44;;;2026-12-10;closed", header=HEADER)
        )
        self.assertEqual(
            self._rows(found, "status", "reason")[1],
            ("faulty", "The row that it ends is not taken."),
        )

    def test_a_closed_row_that_says_until_when_ends_the_code_then(self):
        """Not now, though it names no day from which it is valid."""
        header = f"{HEADER};Valid until"
        for row, late in (
            ("44;;;;closed;2026-12-20", datetime(2026, 12, 20)),
            ("44;;0.01;2026-01-01;closed;2026-12-20", datetime(2026, 12, 20)),
            ("44;;;2026-12-20;closed;2026-12-20", datetime(2026, 12, 20)),
        ):
            found = self._apply(sheet(row, header=header))
            with self.subTest(row=row):
                said = self._rows(found, "status", "ends")
                self.assertEqual(said, [("closed", late)])
                self.assertEqual(self._versions(self.deck), [(False, 0.01, late)])
            found.action_undo()
        found = self._apply(
            sheet("44;;;;closed;2026-12-20", "44;;0.02;2026-12-10;;", header=header)
        )
        self.assertEqual(
            self._versions(self.deck),
            [
                (False, 0.01, datetime(2026, 12, 10)),
                (False, 0.02, datetime(2026, 12, 20)),
            ],
        )
        found.action_undo()
        found = self._preview(
            sheet("44;;;2026-12-20;closed;2026-12-10", header=header)
        )
        self.assertEqual(
            self._rows(found, "status", "reason"),
            [("faulty", "It ends before it begins.")],
        )

    def test_a_row_of_the_same_sheet_is_closed_too(self):
        found = self._close(
            "44;;0.03;2026-12-01;", "44;;;2026-12-10;closed",
            "99;;0.03;2026-12-01;", "99;;;2026-12-10;closed",
        )
        self.assertEqual(
            self._rows(found, "number", "status"),
            [(2, "increased"), (3, "closed"), (4, "new"), (5, "closed")],
        )
        end = datetime(2026, 12, 10)
        self.assertEqual(self._versions(self.deck, "99"), [(False, 0.03, end)])
        self.assertEqual(self._versions(self.deck)[-1], (False, 0.03, end))

    def test_a_code_that_is_closed_in_the_past(self):
        deck = self._create_deck([rate("44", "0.01")])
        deck._load([rate("44", "0.02", effective_from="2026-03-05")])
        row = "44;;;2026-03-01;closed"
        found = self._preview(sheet(row, header=HEADER), deck=deck)
        self.assertEqual(self._rows(found, "status"), [("faulty",)])
        for past, price, end in (
            ("now", 0.02, NOW), ("back", 0.01, datetime(2026, 3, 1)),
        ):
            with self.subTest(past=past):
                found = self._close(row, deck=deck, past=past)
                self.assertEqual(self._versions(deck)[-1], (False, price, end))
                found.action_undo()

    def test_a_code_closed_at_a_time_that_clocks_skip_is_faulty(self):
        deck = self._create_deck([rate("44", "0.01")], tz="Europe/Berlin")
        found = self._preview(
            sheet("44;;;2026-03-29 02:30;closed", header=HEADER), deck=deck
        )
        self.assertEqual(self._rows(found, "status"), [("faulty",)])
        self.assertIn("02:30", self._rows(found, "reason")[0][0])

    def test_a_closed_code_that_falls_to_a_blocked_one_says_so(self):
        deck = self._create_deck(
            [rate("4479", "0.01"), {"prefix": "447", "blocked": True}]
        )
        found = self._close("4479;;;2026-12-01;closed", deck=deck)
        self.assertEqual(
            self._rows(found, "falls_to", "reason"),
            [("447", "Calls to it are blocked.")],
        )

    def test_a_word_that_blocks_is_no_price_of_a_jurisdiction(self):
        """Without one the price per minute holds, which is the opposite."""
        header = "Code;Price per minute;Local price"
        found = self._preview(sheet("1;0.01;blocked", "1;0.01;-1", header=header))
        self.assertEqual(self._rows(found, "status"), [("faulty",), ("new",)])
        self.assertIn("Local price: 'blocked'", self._rows(found, "reason")[0][0])

    def test_a_full_sheet_again_leaves_a_code_its_end(self):
        deck = self._create_deck([rate("4", "0.01"), rate("44", "0.02")])
        for turn in ("first", "again"):
            self._close("4;;0.01;;", "44;;;2026-12-01;closed", deck=deck, mode="full")
            self.assertEqual(self._versions(deck), [(False, 0.02, CLOSED)], turn)

    def test_a_deck_without_rates_has_no_past(self):
        deck = self._create_deck()
        self._close("44;;0.03;;", "33;;0.02;2026-03-01;", deck=deck, past="now")
        starts = deck.rate_ids.sorted("prefix").mapped("effective_from")
        self.assertEqual(starts, [datetime(2026, 3, 1), datetime(1970, 1, 1)])

    def test_longer_and_closed_codes_sold_below_their_new_cost_are_listed(self):
        """What a longer code of ours costs, and one that falls to a dearer one."""
        sold = self._create_deck(
            [rate("44", "0.06"), rate("4477", "0.03"), rate("4478", "0.03"),
             rate("4479", "0.03")]
        )
        supplier = self._create_deck(
            [rate("44", "0.02"), rate("4477", "0.01"), rate("4478", "0.01")],
            side="supplier",
        )
        found = self._preview(
            sheet("44;;0.05;2026-12-01;", "4478;;;2026-12-01;closed", header=HEADER),
            deck=supplier,
        )
        sales = self.env["voip.rate.import.sale"].search(
            [("import_id", "=", found.id), ("deck_id", "=", sold.id)]
        )
        self.assertEqual(
            [(s.prefix, s.sold_prefix, s.cost, s.margin) for s in sales],
            [("44", "4479", 0.05, -0.02), ("4478", "4478", 0.05, -0.02)],
        )

    def test_a_full_preview_writes_no_row_of_any_deck(self):
        self.env.flush_all()
        versions = "SELECT string_agg(ROW(ctid, xmin, xmax)::text, ' ') FROM voip_rate"
        before = self._one(versions)
        found = self._preview(sheet("33;;1;", "447;;0.06;"), mode="full")
        self.assertEqual((found.closed_count, found.new_count), (1, 1))
        self.assertEqual(self._one(versions), before)
        self.assertIsNone(self._one("SELECT to_regclass('pg_temp.voip_rate')"))

    def _one(self, query):
        self.env.cr.execute(query)
        return self.env.cr.fetchone()[0]

    def test_rows_that_repeat_the_deck_count_for_the_day_of_a_full_sheet(self):
        found = self._preview(
            sheet("44;UK;0.01;2026-12-05", "33;;1;2026-12-20"), mode="full"
        )
        told = ("prefix", "status", "old_price", "ends")
        closed = ("447", "closed", 0.05, datetime(2026, 12, 5))
        said = self._rows(found, *told)
        self.assertIn(closed, said)
        self.assertIn(("44", "unchanged", 0.01, False), said)
        found.action_apply()
        self.assertEqual(self._rows(found, *told), said)
        rate = self.deck.rate_ids.filtered(lambda rate: rate.prefix == "447")
        self.assertEqual(rate.effective_to, datetime(2026, 12, 5))
