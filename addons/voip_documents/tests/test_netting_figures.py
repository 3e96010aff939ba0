"""How much of each item is netted, by hand."""

from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..netting.figures import Item, Pair, net, shares


def _items(*rows):
    return [
        Item(key, currency, Decimal(amount), date(2026, 1, due))
        for key, currency, amount, due in rows
    ]


@tagged("post_install", "-at_install")
class TestNettingFigures(BaseCase):
    def assertNetted(self, result, netted, left):
        found = {key: str(amount) for key, amount in result.netted().items()}
        self.assertEqual(found, netted)
        totals = result.totals.items()
        self.assertEqual({name: str(total.left) for name, total in totals}, left)
        for match in result.matches:
            if match.theirs.currency == match.ours.currency:
                self.assertEqual(match.theirs.total, match.ours.total)

    def test_in_one_currency_the_smaller_side_is_netted_oldest_due_first(self):
        for name, items, netted, left in (
            ("they owe more", [(1, "USD", "100", 9), (2, "USD", "50.25", 3),
             (3, "USD", "-80", 5)], {2: "50.25", 1: "29.75", 3: "80"}, "70.25"),
            ("we owe more", [(1, "USD", "100", 9), (2, "USD", "-80", 5),
             (3, "USD", "-80", 4)], {1: "100", 3: "80", 2: "20"}, "-60"),
            ("equal", [(1, "USD", "7.01", 1), (2, "USD", "-7.01", 1)],
             {1: "7.01", 2: "7.01"}, "0.00"),
            ("due on one day: the smaller key", [(9, "USD", "10", 1),
             (4, "USD", "10", 1), (5, "USD", "-10", 1)], {4: "10", 5: "10"}, "10"),
            ("only one side", [(1, "USD", "10", 1)], {}, "10"),
            ("a cent", [(1, "USD", "0.01", 1), (2, "USD", "-900", 1)],
             {1: "0.01", 2: "0.01"}, "-899.99"),
        ):  # fmt: skip
            with self.subTest(name):
                self.assertNetted(net(_items(*items)), netted, {"USD": left})

    def test_currencies_are_apart_where_no_rate_was_agreed(self):
        result = net(
            _items((1, "USD", "100", 1), (2, "EUR", "-60", 1), (3, "EUR", "10", 1))
        )
        self.assertNetted(result, {3: "10", 2: "10"}, {"USD": "100", "EUR": "-50"})

    def test_what_remains_is_netted_at_the_agreed_rate(self):
        eur_usd = Pair("EUR", "USD", Decimal("1.25"))
        for name, items, netted, left in (
            ("all of theirs", [(1, "EUR", "100", 1), (2, "USD", "-200", 1)],
             {1: "100", 2: "125.00"}, {"EUR": "0", "USD": "-75.00"}),
            ("all of ours", [(1, "EUR", "100", 1), (2, "USD", "-50", 1)],
             {1: "40.00", 2: "50"}, {"EUR": "60.00", "USD": "0"}),
            ("they owe the other one", [(1, "USD", "100", 1), (2, "EUR", "-200", 1)],
             {1: "100", 2: "80.00"}, {"USD": "0", "EUR": "-120.00"}),
            ("own currency first", [(1, "EUR", "100", 1), (2, "EUR", "-30", 1),
             (3, "USD", "-25", 1)], {1: "50.00", 2: "30", 3: "25"},
             {"EUR": "50.00", "USD": "0"}),
        ):  # fmt: skip
            with self.subTest(name):
                self.assertNetted(net(_items(*items), [eur_usd]), netted, left)

    def test_a_rate_is_rounded_once_and_never_takes_more_than_there_is(self):
        pair = Pair("EUR", "USD", Decimal("1.0837"))
        result = net(_items((1, "EUR", "99.99", 1), (2, "USD", "-108.36", 1)), [pair])
        self.assertNetted(
            result, {1: "99.99", 2: "108.36"}, {"EUR": "0.00", "USD": "0.00"}
        )
        tiny = Pair("JPY", "KWD", Decimal("0.0001"))
        result = net(
            _items((1, "JPY", "4", 1), (2, "KWD", "-1", 1)),
            [tiny],
            {"JPY": 0, "KWD": 3},
        )
        self.assertNetted(result, {}, {"JPY": "4", "KWD": "-1"})

    def test_rates_are_used_in_their_order(self):
        result = net(
            _items((1, "EUR", "10", 1), (2, "USD", "-5", 1), (3, "GBP", "-50", 1)),
            [Pair("EUR", "USD", Decimal(1)), Pair("GBP", "EUR", Decimal(2))],
        )
        self.assertNetted(
            result,
            {1: "10.00", 2: "5", 3: "2.50"},
            {"EUR": "0.00", "USD": "0", "GBP": "-47.50"},
        )

    def test_shares_add_up(self):
        for total, amounts, wanted in (
            ("10.00", ("1", "1", "1"), ["3.33", "3.34", "3.33"]),
            ("0.01", ("5", "5", "5"), ["0.00", "0.01", "0.00"]),
            ("7", ("7",), ["7.00"]),
        ):
            parts = {i: Decimal(a) for i, a in enumerate(amounts)}
            found = shares(parts, Decimal(total), 2)
            self.assertEqual([str(each) for each in found.values()], wanted)
            self.assertEqual(sum(found.values()), Decimal(total))
