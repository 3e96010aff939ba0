"""Who is out of bounds holds up nobody else."""

import csv
import io

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_amounts import DAY, DEAREST, AmountsCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestOutOfBounds(AmountsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good, cls.good_trunk = cls._customer("25000")
        cls.dear, cls.dear_trunk = cls._customer(DEAREST)

    def assertOnlyDearFails(self, batch, good, dear):
        """``good`` calls of one account are charged, ``dear`` of the other are not."""
        self.assertEqual((batch.state, batch.rated), ("done", good))
        errors = self._errors(batch)
        self.assertEqual(len(errors), dear)
        self.assertEqual(set(errors.mapped("code")), {"out_of_bounds"})
        sentence = errors[0].message
        self.assertIn(self.dear.code, sentence)
        self.assertIn("beyond 1,000,000,000,000,000", sentence)
        self.assertEqual(self._exact(self.good.wallet_id, "unbilled"), good * 25_000)

    def test_a_summary_at_its_limit_fails_its_account_alone(self):
        first = self._ingest(self._records(self.dear_trunk, DAY, 400))
        self.assertEqual(first.rated, 400)
        batch = self._ingest(
            self._records(self.good_trunk, 60, 2),
            self._records(self.dear_trunk, DAY, 400),
            self._records(self.good_trunk, 60),
        )
        self.assertOnlyDearFails(batch, good=3, dear=400)
        self.assertEqual(
            self._exact(self.dear.wallet_id, "unbilled"), 400 * 1_296 * 10**9
        )
        self.assertWhole()

    def test_a_sum_of_one_batch_beyond_every_limit_fails_its_account_alone(self):
        batch = self._ingest(
            self._records(self.dear_trunk, DAY, 900),
            self._records(self.good_trunk, 60),
        )
        self.assertOnlyDearFails(batch, good=1, dear=900)
        self.assertFalse(self._summary(self.dear))
        self.assertWhole()

    def test_a_wallet_at_its_limit_fails_its_accounts_alone(self):
        child, child_trunk = self._customer(
            "25000", parent_id=self.dear.id, pay_by_parent=True
        )
        self._fill(self.dear, spare=30_000)
        batch = self._ingest(
            self._records(child_trunk, 60, 2), self._records(self.good_trunk, 60)
        )
        self.assertOnlyDearFails(batch, good=1, dear=2)
        self.assertFalse(self._summary(child))
        self._ingest(self._records(child_trunk, 60))
        self.assertEqual(self._exact(self.dear.wallet_id, "unbilled"), 25_000)

    def test_what_failed_is_rated_again_once_there_is_room(self):
        self._fill(self.dear, spare=10)
        batch = self._ingest(
            self._records(self.dear_trunk, 60), self._records(self.good_trunk, 60)
        )
        self.assertOnlyDearFails(batch, good=1, dear=1)
        error = self._errors(batch)
        error.action_rate_again()
        self.assertEqual((error.state, error.code), ("open", "out_of_bounds"))
        self._fill(self.dear, spare=2 * 10**15 - 20)
        error.action_rate_again()
        self.assertEqual((error.state, batch.rated), ("fixed", 2))

    def test_in_a_group_the_batches_before_the_limit_are_charged_whole(self):
        self._fill(self.dear, spare=1_500_000_000)
        batches = self.env["voip.cdr.batch"]
        for _batch in range(2):
            batches += self._ingest(
                self._records(self.dear_trunk, 60),
                self._records(self.good_trunk, 60),
                rate_now=False,
            )
        batches._work()
        self.assertEqual(batches.mapped("rated"), [2, 1])
        self.assertEqual(self._errors(batches).code, "out_of_bounds")
        self.assertEqual(self._exact(self.good.wallet_id, "unbilled"), 50_000)

    def test_a_file_charges_everyone_else(self):
        self._fill(self.dear, spare=10)
        for good in (3, 21_000):
            with self.subTest(good=good):
                batch = self._upload(
                    *self._records(self.good_trunk, 60, good),
                    *self._records(self.dear_trunk, 60, 2),
                )
                self.assertEqual(batch.accepted, good + 2)
                self.assertOnlyDearFails(batch, good=good, dear=2)
                batch.action_undo()

    def _upload(self, *records):
        stream = io.StringIO()
        writer = csv.DictWriter(stream, records[0])
        writer.writeheader()
        writer.writerows(records)
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch, stream.getvalue().encode(), "calls.csv"
        )
        batch._work()
        return batch

    def test_an_undo_out_of_bounds_says_so(self):
        batch = self._ingest(self._records(self.dear_trunk, 60))
        for unbilled in (-(10**15) // 2, -(10**15) // 2 - 5):
            self.env["voip.wallet"]._move(
                [{"account_id": self.dear.id, "kind": "usage", "unbilled": unbilled}]
            )
        with self.assertRaisesRegex(UserError, self.dear.code):
            batch.action_undo()

    # === BILLING === #

    def _bill(self, *accounts):
        return self._run(self.env["voip.account"].union(*accounts))

    def _line(self, run, account):
        return run.line_ids.filtered(lambda line: line.account_id == account)

    def test_more_seconds_than_32_bits_are_invoiced(self):
        self._ingest(self._records(self.good_trunk, 60))
        seconds, calls = 2**40 + 1, 2**31
        self._set(self._summary(self.good), seconds=seconds, calls=calls)
        run = self._bill(self.good)
        self.assertEqual((run.line_ids.seconds, run.line_ids.calls), (seconds, calls))
        run.action_run()
        line = run.move_ids.invoice_line_ids
        self.assertEqual((line.voip_seconds, line.voip_calls), (seconds, calls))
        summary = self._summary(self.good)
        self.assertEqual(summary.read(["seconds"])[0]["seconds"], seconds)
        self.assertEqual(summary.export_data(["seconds"])["datas"], [[seconds]])
        domain = [("id", "=", summary.id)]
        groups = summary.formatted_read_group(domain, [], ["seconds:sum"])
        self.assertEqual(groups[0]["seconds:sum"], seconds)
        self.assertEqual(summary.search_count([("seconds", "=", seconds)]), 1)

    def test_sums_no_line_can_hold_are_an_error_of_their_line(self):
        self._ingest(
            self._records(self.good_trunk, 60),
            self._records(self.dear_trunk, 60, day="2026-10-06"),
            self._records(self.dear_trunk, 60),
        )
        for summary in self._summary(self.dear):
            self._set(summary, seconds=2**62)
        run = self._bill(self.dear, self.good)
        dear, good = self._line(run, self.dear), self._line(run, self.good)
        self.assertEqual((dear.state, good.state), ("error", "pending"))
        self.assertIn("the seconds would be 9,223,372,036,854,775,808", dear.message)
        run.action_run()
        self.assertEqual((dear.state, good.state), ("error", "invoiced"))
        self.assertIn("the seconds would be", dear.message)
        self.assertFalse(self._summary(self.dear).move_line_id)

    def test_an_invoice_that_odoo_cannot_count_is_an_error_of_its_line(self):
        # 2**48 dong are 281,474,976,710,656; a day is 1,296,000,000,000.
        parts = [
            self._records(self.dear_trunk, DAY, 45, day=f"2026-10-{day:02}")
            for day in range(1, 6)
        ]
        self._ingest(self._records(self.good_trunk, 60), *parts)
        run = self._bill(self.dear, self.good)
        run.action_run()
        dear, good = self._line(run, self.dear), self._line(run, self.good)
        self.assertEqual((dear.state, good.state), ("error", "invoiced"))
        self.assertIn(
            "VND, taxes included, is beyond 281,474,976,710,656", dear.message
        )

    def test_the_largest_invoice_is_exact(self):
        self.env["voip.service"].search([]).product_id.taxes_id = False
        self._ingest(self._records(self.dear_trunk, DAY))
        summary = self._summary(self.dear)
        for amount, state in ((2**48 - 1, "invoiced"), (2**48 + 1, "error")):
            with self.subTest(amount=amount):
                self._set(summary, amount=amount, tax=0)
                run = self._bill(self.dear)
                with self.env.cr.savepoint() as savepoint:
                    run.action_run()
                    self.assertEqual(run.line_ids.state, state, run.line_ids.message)
                    if state == "invoiced":
                        move = run.move_ids
                        self.assertEqual(self._exact(move, "amount_total"), amount)
                        line = move.invoice_line_ids
                        self.assertEqual(self._exact(line, "price_unit"), amount)
                    savepoint.close(rollback=True)
