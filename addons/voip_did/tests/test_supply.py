"""What numbers cost at their suppliers, what is left, and what suppliers list."""

import io
import random
from base64 import b64encode
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import openpyxl
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..supply.listed import differences
from .common import NumbersCommon

CENT = Decimal("0.00000001")


def month_of(day, begins):
    """The month (first, last) of a day where months begin on a day of 1 to 28."""
    first = day
    while first.day != begins:
        first -= timedelta(days=1)
    last = first + timedelta(days=1)
    while last.day != begins:
        last += timedelta(days=1)
    return first, last - timedelta(days=1)


@tagged("post_install", "-at_install")
class TestSupply(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create({"name": "Carrier"})

    def _held(self, number="4930555000", cost=3.0, **values):
        return self._did(
            number, supplier_id=self.supplier.id, cost_monthly=cost, **values
        )

    def _accrue(self):
        return self.env["voip.did.cost"]._accrue(self.env.company.id)

    def _costs(self, did):
        costs = self.env["voip.did.cost"].search([("did_id", "=", did.id)], order="id")
        return [
            (str(c.month_first), c.fee, c.turn, c.days, round(c.amount, 8))
            for c in costs.sorted(lambda c: (c.month_first, c.fee, c.turn))
        ]

    def _terms(self, **values):
        return self.env["voip.did.supplier"].create(
            {"partner_id": self.supplier.id, **values}
        )

    # === Costs === #

    def _merge(self, gone, kept):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((gone | kept).ids, kept)
        self.env.invalidate_all()

    def test_a_supplier_whose_costs_are_counted_is_the_one_that_stays(self):
        did = self._held()
        self.env["voip.did.cost"]._accrue(self.env.company.id)
        other = self.env["res.partner"].create({"name": "Carrier Ltd"})
        with self.assertRefused(UserError, "choose it as the destination"):
            self._merge(self.supplier, other)
        self._merge(other, self.supplier)
        self.assertFalse(other.exists())
        did.supplier_id = False
        with self.assertRefused(UserError, "archive it"):
            self.supplier.unlink()

    def test_two_suppliers_whose_costs_are_counted_are_not_merged(self):
        self._held()
        other = self.env["res.partner"].create({"name": "Carrier Ltd"})
        values = {"supplier_id": other.id, "cost_monthly": 1.0}
        self._did("4930555001", **values)
        self.env["voip.did.cost"]._accrue(self.env.company.id)
        with self.assertRefused(UserError, "instead of merging"):
            self._merge(self.supplier, other)

    def test_of_two_maps_of_a_heading_the_one_of_the_supplier_that_stays_is_kept(self):
        other = self.env["res.partner"].create({"name": "Carrier Ltd"})
        maps = self.env["voip.did.import.map"].sudo()
        own, its = (
            maps.create(
                {
                    "supplier_id": one.id,
                    "company_id": self.env.company.id,
                    "header_mark": "ab",
                }
            )
            for one in (self.supplier, other)
        )
        self._merge(other, self.supplier)
        self.assertEqual((own | its).exists(), own)
        self.assertEqual(own.supplier_id, self.supplier)

    def test_terms_with_another_company_stay_where_both_have_some(self):
        other = self.env["res.partner"].create({"name": "Carrier Ltd"})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        terms = self.env["voip.did.supplier"].sudo()
        own, its, elsewhere = terms.create(
            [
                {"partner_id": one.id, "company_id": company_.id}
                for one, company_ in (
                    (self.supplier, self.env.company),
                    (other, self.env.company),
                    (other, company),
                )
            ]
        )
        self._merge(other, self.supplier)
        self.assertEqual((own | its | elsewhere).exists(), own | elsewhere)

    def test_a_number_costs_whether_it_is_assigned_or_not_and_once(self):
        with freeze_time("2026-04-11 12:00:00"):
            did = self._held(held_from="2026-04-11", cost_setup=1.0)
            self.assertEqual(self._accrue(), 2)
            self.assertEqual(self._accrue(), 0)
        with freeze_time("2026-06-02 12:00:00"):
            self.assertEqual(self._accrue(), 2)
        self.assertEqual(
            self._costs(did),
            [
                ("2026-04-01", "monthly", 1, 20, 2.0),
                ("2026-04-01", "setup", 1, 20, 1.0),
                ("2026-05-01", "monthly", 1, 31, 3.0),
                ("2026-06-01", "monthly", 1, 30, 3.0),
            ],
        )
        self.assertWhole()

    def test_months_are_the_suppliers_and_days_after_the_return_come_back(self):
        self._terms(invoice_day=16)
        with freeze_time("2026-04-16 12:00:00"):
            did = self._held(held_from="2026-04-16")
            self._accrue()
        with freeze_time("2026-04-20 12:00:00"):
            did.returned_on = "2026-04-26"
            self._accrue()
        self.assertEqual(
            self._costs(did),
            [
                ("2026-04-16", "monthly", 1, 30, 3.0),
                ("2026-04-16", "monthly", 2, 10, -2.0),
            ],
        )
        self.assertWhole()

    def test_whole_months_stay_and_a_new_cost_counts_from_the_next_month(self):
        terms = self._terms(prorate="whole")
        with freeze_time("2026-04-20 12:00:00"):
            did = self._held(held_from="2026-04-20")
            self._accrue()
            did.cost_monthly = 5.0
            self.assertEqual(self._accrue(), 0)
        with freeze_time("2026-05-03 12:00:00"):
            self._accrue()
        self.assertEqual([row[-1] for row in self._costs(did)], [3.0, 5.0])
        with self.assertRefused(UserError, "counted already"):
            terms.invoice_day = 2

    def test_another_supplier_begins_after_the_months_of_the_one_before(self):
        with freeze_time("2026-04-10 12:00:00"):
            did = self._held(held_from="2026-04-01")
            self._accrue()
            did.supplier_id = self.env["res.partner"].create({"name": "Other"})
            self.assertEqual(self._accrue(), 0)
        with freeze_time("2026-05-10 12:00:00"):
            self.assertEqual(self._accrue(), 1)
        self.assertEqual([row[-1] for row in self._costs(did)], [3.0, 3.0])
        self.assertWhole()

    def test_costs_in_another_currency_are_of_the_rate_of_their_month(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-04-01", "rate": 0.5}
        )
        with freeze_time("2026-04-11 12:00:00"):
            did = self._held(held_from="2026-04-01", cost_currency_id=euro.id)
            self._accrue()
        cost = self.env["voip.did.cost"].search([("did_id", "=", did.id)])
        self.assertEqual((cost.amount, cost.amount_company), (3.0, 6.0))

    def test_costs_are_those_of_each_day(self):
        """Random lives of numbers against a sum day by day."""
        chance = random.Random(12)
        begins = chance.randrange(2, 29)
        self._terms(invoice_day=begins)
        start = date(2026, 1, 20)
        dids = {}
        for place in range(25):
            first = start + timedelta(days=chance.randrange(60))
            with freeze_time(start):
                did = self._held(
                    f"49305551{place:02}", cost=chance.randrange(1, 999) / 100
                )
                did.held_from = first
            dids[did] = first
        for passed in (0, 3, 40, 41, 75, 160):
            with freeze_time(start + timedelta(days=passed, hours=12)):
                for did in chance.sample(list(dids), 5):
                    later = dids[did] + timedelta(days=chance.randrange(1, 150))
                    did.returned_on = chance.choice((later, later, False))
                self._accrue()
                self.assertEqual(self._accrue(), 0)
        until = start + timedelta(days=160)
        for did, first in dids.items():
            last = did.returned_on or date(2030, 1, 1)
            self.assertEqual(
                sum(Decimal(str(row[-1])) for row in self._costs(did)),
                self._by_day(did, first, last, until, begins),
            )
        self.assertWhole()

    def _by_day(self, did, first, back, until, begins):
        days, day = {}, first
        while day <= month_of(until, begins)[1]:
            if day < back:
                month = month_of(day, begins)
                days[month] = days.get(month, 0) + 1
            day += timedelta(days=1)
        cost = Decimal(str(did.cost_monthly))
        return sum(
            (
                (cost * count / ((last - begin).days + 1)).quantize(CENT, ROUND_HALF_UP)
                for (begin, last), count in days.items()
            ),
            Decimal(0),
        )

    # === Margin === #

    @freeze_time("2026-04-01 12:00:00")
    def test_margin_is_rental_less_cost_and_idle_days_are_told(self):
        plan = self._plan("sold", 6.0)
        sold = self._held(held_from="2026-04-01")
        idle = self._held("4930555001", held_from="2026-04-01")
        self._assign(sold, "2026-04-11", plan=plan)
        with freeze_time("2026-04-11 12:00:00"):
            self._charge()
        self._accrue()
        self.env.flush_all()
        margins = self.env["voip.did.margin"]

        def sums(did):
            margins.invalidate_model()
            rows = margins.search([("did_id", "=", did.id)])
            return [
                round(sum(rows.mapped(n)), 8)
                for n in ("revenue", "cost", "idle_cost", "margin")
            ]

        # Of ten days until now; days to come are not idle yet.
        with freeze_time("2026-04-10 12:00:00"):
            self.assertEqual(sums(sold)[2], 1.0)
            self.assertEqual(sums(idle)[2], 1.0)
        with freeze_time("2026-05-03 12:00:00"):
            self.assertEqual(sums(sold), [4.0, 3.0, 1.0, 1.0])
            self.assertEqual(sums(idle), [0.0, 3.0, 3.0, -3.0])

    @freeze_time("2026-04-01 12:00:00")
    def test_margin_is_told_by_block(self):
        values = {"supplier_id": self.supplier.id, "cost_monthly": 0.3}
        block = self.env["voip.did.block"]._make("4930777000", "10", values)
        block.did_ids.write({"held_from": "2026-04-01"})
        plan = self._plan("sold", 1.0)
        rows = [
            {
                "did_id": did.id,
                "account_id": self.account.id,
                "plan_id": plan.id,
                "date_start": "2026-04-01",
            }
            for did in block.did_ids
        ]
        self.env["voip.did.assignment"].create(rows)
        self._charge()
        self._accrue()
        self.env.flush_all()
        margins = self.env["voip.did.margin"]
        groups = margins._read_group(
            [("block_id", "=", block.id)], ["block_id"], ["revenue:sum", "cost:sum"]
        )
        found = [(one, round(sale, 8), round(cost, 8)) for one, sale, cost in groups]
        self.assertEqual(found, [(block, 10.0, 3.0)])
        action = block.action_view_margin()
        self.assertEqual(len(margins.search(action["domain"])), 20)

    # === His list === #

    def _check(self, data, **values):
        wizard = self.env["voip.did.list"].create(
            {"supplier_id": self.supplier.id, "file": b64encode(data), **values}
        )
        wizard.action_check()
        return wizard

    def _lines(self, wizard):
        return [(line.kind, line.number) for line in wizard.line_ids]

    def test_a_list_tells_what_is_missing_on_either_side_and_what_ended(self):
        self._held()
        self._held("4930555001")
        self._held("4930555002", returned_on="2026-01-01")
        self._did("4930555009")
        rows = [
            "Carrier Ltd;;",
            "Phone Number;Status;MRC",
            "+49 30 555000;active;3,00",
            "4930555002;active;3,00",
            "4930555003;active;3,00",
            "none;;",
        ]
        wizard = self._check("\n".join(rows).encode())
        self.assertEqual((wizard.listed, wizard.held), (3, 2))
        self.assertEqual(
            self._lines(wizard),
            [
                ("here", "4930555003"),
                ("there", "4930555001"),
                ("ended", "4930555002"),
                ("faulty", "none"),
            ],
        )
        self.assertEqual(wizard.line_ids[0].row, 5)
        self.assertIn("4 to 15 digits", wizard.line_ids[3].why)

    def test_a_workbook_with_numbers_as_numbers_and_a_bare_column(self):
        self._held()
        book, stream = openpyxl.Workbook(), io.BytesIO()
        for row in (["DID", "Status"], [4930555000, "x"]):
            book.active.append(row)
        book.save(stream)
        self.assertFalse(self._check(stream.getvalue()).line_ids)
        for sheet in (
            b"4930555000\n",
            b"Phone number list of May,\nNumber,Comment\n4930555000,x\n",
        ):
            self.assertFalse(self._check(sheet).line_ids)
        with self.assertRefused(UserError, "column of numbers"):
            self._check(b"City,Price\nBerlin,3\n")
        with self.assertRefused(UserError, "The list"):
            self._check(b" \n")

    def test_differences_of_random_lists(self):
        chance = random.Random(3)
        for _round in range(200):
            listed, held, ended = (
                {str(chance.randrange(40)) for _n in range(chance.randrange(20))}
                for _side in range(3)
            )
            ended -= held
            found = differences(listed, held, ended)
            for digits in map(str, range(40)):
                kinds = [kind for kind, number in found if number == digits]
                wanted = []
                if digits in listed and digits in ended:
                    wanted = ["ended"]
                elif digits in listed and digits not in held:
                    wanted = ["here"]
                elif digits in held and digits not in listed:
                    wanted = ["there"]
                self.assertEqual(kinds, wanted)
