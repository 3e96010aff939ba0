"""Generated prices against a formula that shares nothing with the SQL."""

import random
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from odoo.tests import tagged

from .generator_common import GeneratorCommon, rate
from .import_common import NOW

LATER = datetime(2026, 6, 1)


@tagged("post_install", "-at_install")
class TestGeneratorProperty(GeneratorCommon):
    CODES = ("3", "33", "336", "3361", "4", "44", "447", "4470", "49", "1", "12")

    def test_prices_are_those_of_the_formula(self):
        chance = random.Random(7)
        for basis in ("cheapest", "average", "weighted") * 4:
            count = chance.randrange(1, 5)
            sources = [self._random_source(chance) for _number in range(count)]
            weights = [chance.randrange(1, 9) for _source in sources]
            values = {
                "markup_percent": chance.choice([0, 12.3456, -30, 100]),
                "markup_fixed": chance.choice([0, 0.0012345]),
                "margin_floor": chance.choice([0, 0.00333333]),
                "is_floored": chance.random() < 0.7,
                "decimals": chance.randrange(2, 9),
            }
            generator = self._generator(
                *(deck for deck, _rates in sources),
                weights=weights, basis=basis, **values,
            )
            generator._generate()
            for moment in (NOW, LATER, datetime(2027, 1, 1)):
                with self.subTest(basis=basis, values=values, moment=moment):
                    self._check(generator, sources, weights, moment)

    def _random_source(self, chance):
        rates = []
        for code in chance.sample(self.CODES, chance.randrange(1, len(self.CODES))):
            price = Decimal(chance.randrange(10**7)).scaleb(-8)
            ends = chance.choice([None, None, LATER])
            rates.append((code, datetime(1970, 1, 1), ends, price))
            if chance.random() < 0.3:
                rates.append((code, LATER, None, price * 2))
        rows = [
            rate(code, str(price), effective_from=str(start),
                 **({"effective_to": str(end)} if end else {}))
            for code, start, end, price in rates
        ]
        return self._supplier(*rows), rates

    def _price_of(self, rates, code, moment):
        valid = [
            (len(own), start, price)
            for own, start, end, price in rates
            if code.startswith(own) and start <= moment and (not end or end > moment)
        ]
        return max(valid)[2] if valid else None

    def _check(self, generator, sources, weights, moment):
        deck = {
            row["prefix"]: row["price_per_minute"]
            for row in generator.deck_id.export_rows(moment)
        }
        codes = {code for _deck, rates in sources for code, *_rest in rates}
        expected = {}
        for code in codes:
            asked = [
                (self._price_of(rates, code, moment), weight)
                for (_deck, rates), weight in zip(sources, weights, strict=True)
            ]
            asked = [(price, weight) for price, weight in asked if price is not None]
            if asked:
                expected[code] = self._formula(generator, asked)
        self.assertEqual(deck, expected)

    def _formula(self, generator, asked):
        """By fractions, so that nothing is rounded but the end."""
        prices = [Fraction(price) for price, _weight in asked]
        if generator.basis == "cheapest":
            basis = min(prices)
        elif generator.basis == "average":
            basis = sum(prices) / len(prices)
        else:
            basis = sum(p * w for p, (_p, w) in zip(prices, asked, strict=True))
            basis /= sum(weight for _price, weight in asked)
        percent, fixed, floor = (
            Fraction(str(generator[name]))
            for name in ("markup_percent", "markup_fixed", "margin_floor")
        )
        price = basis * (1 + percent / 100) + fixed
        if generator.is_floored:
            price = max(price, basis + floor)
        scaled = -(-price * 10**generator.decimals // 1)
        found = Decimal(int(scaled)).scaleb(-generator.decimals)
        if generator.is_floored:
            self.assertGreaterEqual(Fraction(found), basis + floor)
        self.assertGreaterEqual(Fraction(found), price)
        return found.quantize(Decimal(1).scaleb(-8), ROUND_CEILING)
