"""First increment price and attempt fee on every way that rates come and go."""

from datetime import datetime
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .generator_common import GeneratorCommon, rate
from .import_common import NOW, sheet

HEADER = "Code;Price;Initial rate;Attempt fee;Increment"


@tagged("post_install", "-at_install")
class TestRateTerms(GeneratorCommon):
    def _terms(self, deck):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT prefix, trim_scale(price_per_minute)::text,"
            " trim_scale(first_price)::text, trim_scale(attempt_fee)::text"
            "  FROM voip_rate WHERE deck_id = %s AND effective_to IS NULL"
            " ORDER BY prefix",
            [deck.id],
        )
        return self.env.cr.fetchall()

    def _status(self, deck, *rows, header=HEADER):
        found = self._preview(sheet(*rows, header=header), deck=deck)
        return self._rows(found, "prefix", "status", "reason")

    # === What is refused === #

    def test_what_contradicts_itself_or_is_no_price_is_refused(self):
        deck = self._create_deck()
        for values, why in (
            ({"payback": True, "attempt_fee": "0.1"}, "no attempt_fee"),
            ({"first_price": "-2"}, "first_price"),
            ({"attempt_fee": "-1"}, "attempt_fee"),
            ({"first_price": "1e9"}, "first_price"),
            ({"attempt_fee": "1000000000"}, "attempt_fee"),
            ({"first_price": "0.000000001"}, "first_price"),
            ({"attempt_fee": "0.000000001"}, "attempt_fee"),
        ):
            with self.subTest(values=values):
                result = deck._load([rate("44", "0.01", **values)])
                self.assertIn(why, result["errors"][0]["message"])
                row = rate("44", "0.01", deck_id=deck.id, **values)
                with self.assertRaisesRegex(UserError, why):
                    self.env["voip.rate"].create(row)

    def test_the_database_holds_the_bounds(self):
        deck = self._create_deck([rate("44"), rate("45", payback=True)])
        for prefix, name, value in (
            ("44", "first_price", "-0.5"),
            ("44", "first_price", "1000000000"),
            ("44", "first_price", "NULL"),
            ("44", "attempt_fee", "-0.1"),
            ("44", "attempt_fee", "1000000000"),
            ("44", "attempt_fee", "NULL"),
            ("45", "attempt_fee", "0.1"),
        ):
            with (
                self.subTest(prefix=prefix, name=name, value=value),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    f"UPDATE voip_rate SET {name} = {value}"
                    " WHERE deck_id = %s AND prefix = %s",
                    [deck.id, prefix],
                )

    # === Sheets === #

    def test_a_sheet_brings_both(self):
        deck = self._create_deck()
        for names in (
            ("Initial Rate", "Attempt Fee"),
            ("First increment price", "Fee per attempt"),
            ("First Price", "Call attempt charge"),
        ):
            with self.subTest(names=names):
                found = self._import(
                    sheet("44;0.01;0.02;0.001", header=f"Code;Price;{';'.join(names)}"),
                    deck=deck,
                )
                targets = found.column_ids.mapped("target")
                self.assertEqual(
                    targets,
                    ["prefix", "price_per_minute", "first_price", "attempt_fee"],
                )
        self._apply(
            sheet(
                "44;0.01;0.02;0.001;60/6", "45;0.01;;;", "46;0.01;0;0;", header=HEADER
            ),
            deck=deck,
        )
        self.assertEqual(
            self._terms(deck),
            [
                ("44", "0.01", "0.02", "0.001"),
                ("45", "0.01", "-1", "0"),
                ("46", "0.01", "0", "0"),
            ],
        )

    def test_both_make_a_rate_dearer_or_cheaper(self):
        row = {"initial_increment": 60, "next_increment": 6}
        deck = self._create_deck(
            [
                rate("44", "0.01", first_price="0.02", attempt_fee="0.001", **row),
                rate("45", "0.01", **row),
            ]
        )
        first, fee = "First increment price", "Attempt Fee"
        table = (
            ("44;0.01;0.02;0.001;60/6", "unchanged", False),
            ("44;0.01;0.03;0.001;60/6", "increased", f"{first} 0.02 → 0.03"),
            ("44;0.01;;0.001;60/6", "decreased", f"{first} 0.02 → –"),
            ("44;0.01;0.02;0.002;60/6", "increased", f"{fee} 0.001 → 0.002"),
            ("44;0.01;0.02;;60/6", "decreased", f"{fee} 0.001 → 0"),
            # The price per minute as the first price is none, however it is said.
            ("45;0.01;0.01;;60/6", "unchanged", False),
            ("45;0.02;;;60/6", "increased", False),
            ("45;0.01;0.005;;60/6", "decreased", f"{first} – → 0.005"),
            ("45;0.01;0;;60/6", "decreased", f"{first} – → 0"),
        )
        for line, status, reason in table:
            with self.subTest(line=line):
                self.assertEqual(
                    self._status(deck, line), [(line[:2], status, reason)]
                )

    def test_a_preview_names_what_changes_beside_the_price(self):
        deck = self._create_deck(
            [rate("44", "0.01", initial_increment=60, next_increment=60,
                  max_charge="2")]
        )  # fmt: skip
        self.assertEqual(
            self._status(deck, "44;0.01", header="Code;Price"),
            [("44", "increased",
              "Maximum charge 2 → –, Initial Increment 60 → 1, Next Increment 60 → 1")],
        )  # fmt: skip
        self.assertEqual(
            self._status(deck, "44;0.01;2", header="Code;Price;Maximum charge"),
            [("44", "decreased", "Initial Increment 60 → 1, Next Increment 60 → 1")],
        )
        self.assertEqual(
            self._status(
                deck, "44;0.01;2;60/60;yes",
                header="Code;Price;Maximum charge;Increment;Blocked",
            ),
            [("44", "changed", "Calls to it are blocked.")],
        )  # fmt: skip

    def test_an_undo_gives_both_back(self):
        deck = self._create_deck(
            [rate("44", "0.01", first_price="0.02", attempt_fee="0.001",
                  effective_from="2026-06-01")]
        )  # fmt: skip
        before = self._table(deck)
        found = self._apply(
            sheet("44;0.03;2026-06-01", header="Code;Price;Effective date"), deck=deck
        )
        self.assertNotEqual(self._table(deck), before)
        found.action_undo()
        self.assertEqual(self._table(deck), before)

    def test_what_is_exported_is_imported_unchanged(self):
        deck = self._create_deck(
            [
                rate("44", "0.01", first_price="0.02", attempt_fee="0.001"),
                rate("45", "0.01", first_price="0"),
                rate("46", "0.01"),
            ]
        )
        for kind in ("csv", "xlsx"):
            with self.subTest(kind=kind):
                data = deck.export_file(kind, NOW)
                other = self._create_deck()
                self._apply(data, deck=other, name=f"rates.{kind}")
                self.assertEqual(self._terms(other), self._terms(deck))
        plain = self._create_deck([rate("46", "0.01")]).export_file("csv", NOW)
        for word in (b"First increment price", b"Attempt fee"):
            self.assertNotIn(word, plain)
            self.assertIn(word, deck.export_file("csv", NOW))

    def test_an_export_compares_both(self):
        deck = self._create_deck([rate("44", "0.01")])
        later = datetime(2026, 6, 1)
        deck._load(
            [rate("44", "0.01", attempt_fee="0.001", effective_from=str(later))]
        )
        (row,) = deck.export_rows(datetime(2026, 7, 1), since=NOW)
        self.assertEqual(
            (row["status"], row["attempt_fee"], row["first_price"]),
            ("increased", Decimal("0.001"), None),
        )

    # === Mark-ups === #

    def test_a_mark_up_is_of_both(self):
        source = self._supplier(
            rate("33", "0.01", first_price="0.02", attempt_fee="0.1"), rate("34")
        )
        generator = self._generator(source, markup_percent=10, markup_fixed=0.5)
        generator._generate()
        self.assertEqual(
            self._terms(generator.deck_id),
            [("33", "0.511", "0.522", "0.11"), ("34", "0.511", "-1", "0")],
        )
        floor = self._generator(source, margin_floor=0.005, is_floored=True)
        floor._generate()
        self.assertEqual(
            self._terms(floor.deck_id),
            [("33", "0.015", "0.025", "0.1"), ("34", "0.015", "-1", "0")],
        )

    def test_sources_without_one_ask_their_price_per_minute(self):
        sources = [
            self._supplier(rate("33", "0.01", first_price="0.03", attempt_fee="0.2")),
            self._supplier(rate("33", "0.02")),
        ]
        for basis, expected in (
            ("cheapest", ("33", "0.01", "0.03", "0.2")),
            ("average", ("33", "0.015", "0.025", "0.1")),
        ):
            with self.subTest(basis=basis):
                generator = self._generator(*sources, basis=basis)
                generator._generate()
                self.assertEqual(self._terms(generator.deck_id), [expected])

    def test_a_longer_first_increment_never_sells_below_cost(self):
        # A discount on 6 seconds must not become one on 60.
        source = self._supplier(
            rate("33", "0.10", first_price="0.01", initial_increment=6),
            rate("34", "0.10", first_price="0.20", initial_increment=6),
        )
        deck = self._create_deck(default_initial_increment=60)
        generator = self._generator(source, deck=deck, increments="deck")
        generator._generate()
        self.assertEqual(
            self._terms(deck), [("33", "0.1", "0.1", "0"), ("34", "0.1", "0.2", "0")]
        )
        mixed = self._generator(
            source, self._supplier(rate("33", "0.10", initial_increment=30)),
            basis="average",
        )  # fmt: skip
        mixed._generate()
        self.assertEqual(self._terms(mixed.deck_id)[0], ("33", "0.1", "0.1", "0"))

    def test_a_jurisdiction_price_covers_the_first_price_it_replaces(self):
        sources = [
            self._supplier(rate("1", "0.01", first_price="0.03")),
            self._supplier(rate("1", "0.01", price_intra="0.05")),
        ]
        generator = self._generator(*sources, basis="average")
        generator._generate()
        made = generator.deck_id.rate_ids
        self.assertEqual((made.price_intra, made.first_price), (0.04, 0.02))
        self.assertEqual(made.price_local, -1)

    # === Sold below cost === #

    def test_costs_are_compared_by_exact_exchange_rates(self):
        company = self.env.company
        one, two, none = self.env["res.currency"].create(
            [{"name": name, "symbol": name} for name in ("XT1", "XT2", "XT3")]
        )
        self.env["res.currency.rate"].create(
            [
                {"currency_id": currency.id, "name": "2026-01-01", "rate": value,
                 "company_id": company.id}
                for currency, value in ((one, 0.8), (two, 0.92))
            ]
        )  # fmt: skip
        # 0.01 of XT1 are 0.0115 of XT2 to the last digit.
        sold = self._create_deck([rate("44", "0.01")], currency_id=one.id)
        lost = self._create_deck([rate("44", "0.01")], currency_id=none.id)
        supplier = self._create_deck([], side="supplier", currency_id=two.id)
        for cost, below in (("0.0115", False), ("0.01150001", True)):
            with self.subTest(cost=cost):
                found = self._preview(
                    sheet(f"44;{cost}", header="Code;Price"), deck=supplier
                )
                decks = self.env["voip.rate.import.sale"].search(
                    [("import_id", "=", found.id)]
                ).deck_id
                self.assertEqual(sold in decks, below)
                self.assertNotIn(lost, decks)
                self.assertIn(lost.display_name, found.sale_problem)
                self.assertIn("XT3 has no exchange rate", found.sale_problem)
                self.assertNotIn(sold.display_name, found.sale_problem)

    def test_the_window_on_all_decks_shows_both(self):
        self._create_deck(
            [rate("88213", "0.01", first_price="0.02", attempt_fee="0.001")]
        )
        wizard = self.env["voip.rate.quote"].create({"called": "882131234567"})
        wizard.action_compare()
        for cell in ("0.02", "0.001"):
            self.assertIn(f'<td class="text-end">{cell}</td>', str(wizard.result))
