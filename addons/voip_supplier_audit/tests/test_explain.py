"""Planted invoices: what was charged otherwise is named, and exact."""

from decimal import Decimal

from odoo.tests import tagged

from ..engine.explain import TEXTS
from .common import SupplierCommon

CODES = {"447": "0.1", "49": "0.06", "33": "0.03", "34": "0.2"}
SECONDS = (7, 65, 130, 59, 241)


@tagged("post_install", "-at_install")
class TestExplain(SupplierCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch = cls._create_switch()
        cls.account = cls._create_account(mode="postpaid", credit_limit=1000)
        sale = [{"prefix": code, "price_per_minute": "0.5"} for code in CODES]
        cls.account.deck_id = cls._create_deck(sale)
        cls.trunk = cls._create_trunk(cls.account)
        cls.buy = cls._create_deck(
            [{"prefix": c, "price_per_minute": p} for c, p in CODES.items()],
            side="supplier",
            partner_id=cls.supplier.id,
        )
        cls.way = cls._create_supplier_trunk(cls.buy)
        cls._agree(tz="UTC")

    def _rate(self, calls):
        """Rate calls (id, code, start, seconds)."""
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code,
            records=[
                {
                    "call_id": name,
                    "caller": "442071838750",
                    "called": f"{code}700900{number:03}",
                    "start": start,
                    "duration": str(seconds),
                    "answered": True,
                    "trunk": self.trunk.code,
                    "supplier_trunk": self.way.code,
                }
                for number, (name, code, start, seconds) in enumerate(calls)
            ],
            rate_now=True,
        )
        self.assertEqual(answer["rated"], len(calls), answer)

    def _month(self, *more):
        """Calls of each code on several days of September, and ``more`` of them."""
        calls = [
            (f"{code}-{day}-{seconds}", code, f"2026-09-{day:02}T10:00:00Z", seconds)
            for code in CODES
            for day in (2, 8, 12, 20)
            for seconds in SECONDS
        ]
        calls += more
        self._rate(calls)
        return calls

    def _bill(self, calls, charge, records=()):
        """The invoice of calls, each at ``charge(code, day, seconds)``; reconciled."""
        lines = {}
        for _name, code, start, seconds in calls:
            count, minutes, amount = lines.get(code, (0, 0, 0))
            billed, price = charge(code, int(start[8:10]), seconds)
            lines[code] = (
                count + 1,
                minutes + Decimal(billed) / 60,
                amount + price * billed / 60,
            )
        invoice = self._load_invoice(
            [
                {
                    "prefix": code,
                    "calls": count,
                    "minutes": f"{minutes:.2f}",
                    "amount": f"{amount:.2f}",
                }
                for code, (count, minutes, amount) in lines.items()
            ],
            period_start="2026-09-01",
            period_end="2026-09-30",
            date="2026-10-01",
        )
        if records:
            self._send(invoice, records)
        answer = self.env["voip.supplier.invoice"].reconcile(invoice.id)
        self._check_sums(invoice, answer)
        return invoice, answer

    def _send(self, invoice, records):
        """The supplier's records (id, code, start, seconds, amount)."""
        answer = self.env["voip.supplier.invoice"].load_records(
            invoice.id,
            [
                {
                    "call_id": name,
                    "caller": "442071838750",
                    "called": f"{code}700900{number:03}",
                    "start": start,
                    "duration": str(seconds),
                    "amount": f"{amount:.6f}",
                }
                for number, (name, code, start, seconds, amount) in enumerate(records)
            ],
        )
        self.assertEqual(answer["accepted"], len(records), answer)

    def _check_sums(self, invoice, answer):
        """Causes and the rest are the difference: of each line, and of the whole."""
        for line in answer["lines"]:
            parts = sum(Decimal(one["amount"]) for one in line["explanations"])
            rest = Decimal(line["unexplained"])
            self.assertEqual(parts + rest, Decimal(line["difference"]), line)
        whole = Decimal(answer["explained"]) + Decimal(answer["unexplained"])
        self.assertEqual(whole, Decimal(answer["difference"]))
        self.env.flush_all()
        self.assertWhole()

    def _kinds(self, answer):
        return {e["kind"] for line in answer["lines"] for e in line["explanations"]}

    def _agreed(self, code, _day, seconds):
        return seconds, Decimal(CODES[code])

    def _dearer(self, code, _day, seconds):
        """Some percent more, others for each code, without a rule."""
        odd = {"447": 101, "49": 102, "33": 103, "34": 105}
        return seconds, Decimal(CODES[code]) * odd[code] / 100

    def _odd(self, code, day, seconds):
        """Other minutes, and other prices, without a rule."""
        billed, price = self._dearer(code, day, seconds)
        return billed + 3 + seconds % 7, price

    def test_a_price_that_nobody_agreed_is_told_where_minutes_are_ours(self):
        """Where the amount tells it clearly: of 0.2 five percent more."""
        _invoice, answer = self._bill(self._month(), self._dearer)
        told = {one["prefix"]: one for one in answer["lines"] if one["explanations"]}
        self.assertEqual(told.keys(), {"34"})
        [one] = told["34"]["explanations"]
        self.assertEqual((one["kind"], told["34"]["class"]), ("rate", "rate"))
        self.assertIn("A price of 0.21 a minute", one["text"])

    def test_of_a_right_invoice_nothing_is_claimed(self):
        invoice, answer = self._bill(self._month(), self._agreed)
        self.assertEqual(self._kinds(answer), set())
        self.assertEqual(set(invoice.line_ids.mapped("found")), {"equal"})
        self.assertIn("Nothing to explain", invoice.why)

    def test_minutes_instead_of_seconds(self):
        def charge(code, _day, seconds):
            return -(-seconds // 60) * 60, Decimal(CODES[code])

        invoice, answer = self._bill(self._month(), charge)
        self.assertEqual(self._kinds(answer), {"increments"})
        self.assertRegex(invoice.why, r"^Explained \d+\.\d %: increments [\d.]+;")
        line = invoice.line_ids[0]
        self.assertIn("Increments of 60/60 seconds", line.explained)
        self.assertEqual(line.found, "increments")
        self.assertLess(abs(line.unexplained), 0.005)

    def test_an_increase_that_was_announced_too_late(self):
        """Stated for the 10th, agreed from the 15th on."""
        dearer = {code: str(Decimal(price) * 2) for code, price in CODES.items()}
        versions = self.env["voip.rate"].create(
            [
                {
                    "deck_id": self.buy.id,
                    "prefix": code,
                    "price_per_minute": float(price),
                    "effective_from": "2026-09-15 00:00:00",
                }
                for code, price in dearer.items()
            ]
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_rate SET stated_from = '2026-09-10' WHERE id = ANY(%s)",
            [versions.ids],
        )

        def charge(code, day, seconds):
            return seconds, Decimal(dearer[code] if day >= 10 else CODES[code])

        invoice, answer = self._bill(self._month(), charge)
        self.assertEqual(self._kinds(answer), {"late_increase"})
        dates = "from 2026-09-10 on, agreed from 2026-09-15"
        self.assertIn(dates, invoice.line_ids[0].explained)
        calls = sum(SECONDS)
        want = sum(Decimal(price) * calls / 60 for price in CODES.values())
        self.assertEqual(Decimal(answer["explained"]), want.quantize(Decimal("1e-8")))

    def test_a_period_that_is_cut_in_another_zone(self):
        """His September begins at 23:00 of 31 August, UTC, and ends as early."""
        early, late = [], []
        for code in CODES:
            for number in range(5):
                at = f"T23:{number}0:00Z"
                early.append((f"{code}e{number}", code, f"2026-08-31{at}", 100))
                late.append((f"{code}l{number}", code, f"2026-09-30{at}", 10))
        calls = self._month(*early, *late)
        charged = [call for call in calls if call not in late]
        for records in (False, True):
            with self.subTest(records=records):
                self.env["voip.supplier.invoice"].search([]).unlink()
                sent = [
                    (n, c, s, d, Decimal(CODES[c]) * d / 60) for n, c, s, d in charged
                ]
                _invoice, answer = self._bill(
                    charged, self._agreed, sent if records else ()
                )
                self.assertEqual(self._kinds(answer), {"time_zone"})
                text = answer["lines"][0]["explanations"][0]["text"]
                self.assertIn("zone UTC+1:", text)

    def test_calls_that_we_do_not_have_are_told_from_records(self):
        calls = self._month()
        more = [(f"x{n}", "447", f"2026-09-09T12:0{n}:00Z", 60) for n in range(4)]
        sent = [
            (n, c, s, d, Decimal(CODES[c]) * d / 60) for n, c, s, d in [*calls, *more]
        ]
        invoice, answer = self._bill([*calls, *more], self._agreed, sent)
        self.assertEqual(self._kinds(answer), {"missing_here"})
        [one] = answer["lines"][0]["explanations"]
        self.assertEqual(Decimal(one["amount"]), Decimal("0.4"))
        self.assertEqual(invoice.line_ids[0].found, "missing_here")

    def test_a_line_that_nothing_of_ours_is_on_is_told_as_such(self):
        self._month()
        invoice = self._load_invoice(
            [{"prefix": "998", "amount": "7.00"}, {"prefix": "44", "amount": "1.00"}],
            period_start="2026-01-01",
            period_end="2026-01-31",
        )
        answer = self.env["voip.supplier.invoice"].reconcile(invoice.id)
        self._check_sums(invoice, answer)
        self.assertEqual(self._kinds(answer), {"missing_here"})
        self.assertEqual(answer["explained"], "8.00")

    def test_random_amounts_stay_unexplained(self):
        calls = self._month()
        invoice, answer = self._bill(calls, self._odd)
        self.assertEqual(self._kinds(answer), set())
        self.assertEqual(answer["unexplained"], answer["difference"])
        self.assertRegex(invoice.why, r"Explained 0.0 %: -; unexplained -?\d+\.\d\d\.$")

    def test_a_zone_is_told_as_it_is_and_not_as_the_invoices_differs(self):
        self.env["voip.supplier.agreement"].search([]).tz = "Europe/Berlin"
        early = [
            (f"{code}e{number}", code, f"2026-08-31T22:{number}5:00Z", 100)
            for code in CODES
            for number in range(5)
        ]
        calls = self._month(*early)
        charged = [call for call in calls if call not in early]
        invoice, answer = self._bill(charged, self._agreed)
        self.assertEqual(self._kinds(answer), {"time_zone"})
        self.assertIn("zone UTC+1:", invoice.line_ids[0].explained)

    def _fee(self, fee):
        """A code with a fee per attempt, which the engine's rules do not have."""
        code = {"prefix": "39", "effective_from": "1970-01-01 00:00:00"}
        self.env["voip.rate"].create(
            [
                {
                    "deck_id": self.account.deck_id.id,
                    "price_per_minute": 0.5,
                    **code,
                },
                {
                    "deck_id": self.buy.id,
                    **code,
                    "price_per_minute": 0.2,
                    "attempt_fee": fee,
                },
            ]
        )
        calls = [(f"39-{n}", "39", f"2026-09-11T1{n}:00:00Z", 61) for n in range(5)]

        def charge(code, _day, seconds):
            price = Decimal(CODES.get(code, "0.2"))
            extra = Decimal(str(fee)) / 2 if code == "39" else 0
            return -(-seconds // 60) * 60, price + extra

        invoice, answer = self._bill(self._month(*calls), charge)
        self.assertEqual(self._kinds(answer), {"increments"})
        return invoice.line_ids.filtered(lambda line: line.prefix == "39")

    def test_what_the_rules_leave_out_counts_on_both_sides(self):
        line = self._fee(0.002)
        self.assertEqual(line.found, "increments")
        self.assertLess(abs(line.unexplained), 0.005)

    def test_of_a_line_whose_cost_the_rules_do_not_give_nothing_is_said(self):
        line = self._fee(0.1)
        self.assertFalse(line.explanations)
        self.assertEqual(line.unexplained, line.difference)

    def test_a_cause_that_was_changed_behind_our_back_is_a_violation(self):
        invoice, _answer = self._bill(self._month(), self._dearer)
        self.env.cr.execute(
            "UPDATE voip_supplier_invoice_line SET unexplained = unexplained + 1"
            " WHERE id = %s",
            [invoice.line_ids[0].id],
        )
        checks = self.env["voip.check"].sudo().run()
        found = {one["name"]: one["violations"] for one in checks}
        self.assertEqual(found["supplier_reasons"], 1)

    def test_two_causes_of_the_same_money_are_both_shown(self):
        invoice = self._load_invoice([{"prefix": "447", "amount": "1.00"}])
        invoice.sudo().write(
            {"state": "reconciled", "just_as_well": [["formula"], ["increments"]]}
        )
        self.assertIn("The same money: formula; increments.", invoice.why)

    def test_every_kind_is_a_class_of_lines(self):
        classes = dict(
            self.env["voip.supplier.invoice.line"]._fields["found"].selection
        )
        self.assertEqual(set(TEXTS) - set(classes), set())
