"""Blocks of numbers: whole, split, joined."""

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import NumbersCommon

DAY = "2026-04-05 12:00:00"


@tagged("post_install", "-at_install")
class TestBlocks(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blocks = cls.env["voip.did.block"]
        cls.dids = cls.env["voip.did"]

    def _numbers(self, start, count):
        return [str(int(start) + n) for n in range(count)]

    def test_a_block_takes_free_numbers_in_and_makes_the_others(self):
        there = self._did("4930555007", area="Mitte")
        wizard = self.env["voip.did.block.make"].create(
            {
                "number": "+49 30 555-000",
                "size": "100",
                "country_id": self.germany.id,
                "cost_monthly": 0.4,
            }
        )
        wizard.number = "+49 30 555 0000"
        block = self.blocks.browse(wizard.action_apply()["res_id"])
        self.assertEqual((block.number, len(block.did_ids)), ("49305550000", 100))
        self.assertEqual(block.display_name, "+49305550000–0099")
        self.assertFalse(there.block_id)
        self.assertEqual(set(block.did_ids.mapped("cost_monthly")), {0.4})
        self.assertEqual((block.state, block.country_id), ("free", self.germany))

    def test_a_block_is_of_the_country_that_its_first_digits_tell(self):
        form = Form(self.env["voip.did.block.make"])
        form.number = "+41 44 555 000"
        self.assertEqual(form.country_id.code, "CH")
        form.number = "+49 30 555 000"
        self.assertEqual(form.country_id, self.germany)
        form.size = "10"
        block = self.blocks.browse(form.save().action_apply()["res_id"])
        self.assertEqual(block.did_ids.country_id, self.germany)

    def test_a_number_is_of_its_country_where_its_digits_leave_no_doubt(self):
        load = [{"number": "41445550001"}, {"number": "49305", "country": "AT"}]
        self.dids.load(numbers=load)
        self.dids._insert([{"number": n} for n in ("41445550002", "12425550000")])
        self.dids.create([{"number": n} for n in ("+41 445550003", "12125550000")])
        self.dids.create({"number": "41445550004", "country_id": False})
        for number, code in (
            ("41445550001", "CH"),
            ("41445550002", "CH"),
            ("41445550003", "CH"),
            ("41445550004", False),
            ("49305", "AT"),
            ("12425550000", "BS"),
            ("12125550000", False),
        ):
            with self.subTest(number):
                did = self.dids.search([("number", "=", number)])
                self.assertEqual(did.country_id.code, code)

    def test_other_digits_propose_another_country(self):
        did = self._did("4930555000", country_id=False)
        for number, code in (
            ("41445550001", "CH"),
            ("442071234567", False),
            ("80012345678", False),
        ):
            did.number = number
            self.assertEqual(did.country_id.code, code)
        did.write({"number": "442071234568", "country_id": self.env.ref("base.uk").id})
        did.number = "442071234569"
        self.assertEqual(did.country_id.code, "GB")

    def test_what_makes_no_block_is_refused(self):
        ten = self.dids
        for number in self._numbers("4930555010", 10):
            ten |= self._did(number)
        with self.assertRefused(UserError, "without a gap"):
            self.blocks._join(ten[1:] | self._did("4930555020"))
        with self.assertRefused(UserError, "numbers, not 9"):
            self.blocks._join(ten[1:])
        with self.assertRefused(ValidationError, "it must end in 00"):
            self.blocks._make("4930555010", "100", {})
        self._assign(ten[3], "2026-11-01")
        with self.assertRefused(UserError, r"not \+4930555013"):
            self.blocks._join(ten)

    @freeze_time(DAY)
    def test_a_block_goes_whole(self):
        block = self.blocks._make("4930555010", "10", {})
        for call in (
            lambda: self._assign(block.did_ids[2], "2026-04-05"),
            lambda: block.did_ids[2].write({"returned_on": "2026-05-01"}),
            lambda: self.dids.reserve(number="4930555012", account="numbers-1"),
        ):
            with self.assertRefused(UserError, "choose the whole block, or split"):
                call()
        self.assertEqual(self.dids.search()["count"], 0)
        numbers = block.did_ids.mapped("number")
        answer = self.dids.assign(numbers=numbers[:9], account="numbers-1")
        self.assertEqual((answer["assigned"], len(answer["errors"])), (0, 9))
        for _again in range(2):
            answer = self.dids.assign(numbers=numbers, account="numbers-1")
            self.assertEqual((answer["assigned"], answer["errors"]), (10, []))
        self.assertEqual((block.state, block.account_id), ("assigned", self.account))
        one = block.did_ids[4].assignment_ids
        with self.assertRefused(UserError, "choose the whole block"):
            one.date_end = "2026-04-10"
        with self.assertRefused(UserError, "choose the whole block"):
            one.unlink()
        answer = self.dids.release(numbers=numbers[1:], end="2026-04-10")
        self.assertEqual((answer["released"], len(answer["errors"])), (0, 9))
        answer = self.dids.release(numbers=numbers, end="2026-04-10")
        self.assertEqual(answer["released"], 10)

    @freeze_time(DAY)
    def test_parts_of_a_split_block_go_their_way_and_join_again_where_free(self):
        block = self.blocks._make("4930555000", "100", {})
        numbers = sorted(block.did_ids.mapped("number"))
        self.dids.assign(numbers=numbers, account="numbers-1")
        told = block.action_split()["params"]
        self.assertEqual(told["message"], "Split into 10 blocks.")
        tens = self.blocks.search([("number", "=like", "49305550%")])
        self.assertEqual(tens.mapped("size"), ["10"] * 10)
        self.assertEqual({len(ten.did_ids) for ten in tens}, {10})
        answer = self.dids.release(numbers=numbers[20:30], end="2026-04-04")
        self.assertEqual(answer["released"], 0)
        answer = self.dids.release(numbers=numbers[20:30], end="2026-04-05")
        self.assertEqual(answer["released"], 10)
        third = tens.filtered(lambda ten: ten.number == numbers[20])
        told = third.action_split()["params"]
        self.assertEqual(told["message"], "Split into 10 single numbers.")
        self.assertEqual(told["next"]["res_model"], "voip.did.block")
        self.assertFalse(third.exists())
        single = self.dids.search([("number", "=", numbers[25])])
        self.assertFalse(single.block_id)
        with self.assertRefused(UserError, "Only free numbers are joined"):
            self.blocks._join(self.dids.search([("number", "in", numbers)]))
        self.dids.release(numbers=numbers[:20] + numbers[30:], end="2026-04-05")
        self.plan.quarantine_days = 0
        with freeze_time("2026-04-06 12:00:00"):
            self.dids._cron_settle()
            dids = self.dids.search([("number", "in", numbers)])
            whole = self.blocks.browse(dids.action_join()["res_id"])
        self.assertEqual((whole.size, len(whole.did_ids)), ("100", 100))
        blocks = self.blocks.search([("number", "=like", "49305550%")])
        self.assertEqual(blocks, whole)

    @freeze_time(DAY)
    def test_the_rental_of_a_block_is_one_line_of_an_invoice(self):
        block = self.blocks._make("49305550000", "1000", {})
        with self.assertQueryCount(4200):
            self.dids.assign(
                numbers=block.did_ids.mapped("number"), account="numbers-1"
            )
        self.assertEqual(self._charge(), {"USD": "2686.66667000"})
        summaries = self.env["voip.usage.summary"].search(
            [("account_id", "=", self.account.id)]
        )
        self.assertEqual((len(summaries), summaries.units), (1, 1000))
        self.assertWhole()
