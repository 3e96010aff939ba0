"""Small batches are rated together and charged apart."""

import csv
import io
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.voip_rating.calls import read, work

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestBatchGroup(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(
            rates=[{"prefix": "44", "price_per_minute": "0.0085"}]
        )
        cls.account = cls._create_account(deck_id=deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()
        cls.count = 0

    def _records(self, count, **values):
        day = self.env.cr.now().date().replace(day=1)
        start = f"{day}T00:00:00Z"
        for _row in range(count):
            type(self).count += 1
            yield {
                "call_id": f"group-{self.count}",
                "called": "442071234567",
                "start": start,
                "answer": start,
                "duration": "60",
                "trunk": self.trunk.code,
                **values,
            }

    def _ingest(self, count, **values):
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=list(self._records(count, **values))
        )
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def _entries(self):
        return self.account.wallet_id.entry_ids.sorted("id")

    def test_a_group_leaves_one_entry_per_batch(self):
        batches = self._ingest(2) | self._ingest(3) | self._ingest(1, called="9990000")
        self.assertEqual(list(batches._groups()), [batches])
        batches._work()
        self.assertEqual(set(batches.mapped("state")), {"done"})
        self.assertEqual(batches.mapped("rated"), [2, 3, 0])
        self.assertEqual(batches.mapped("in_error"), [0, 0, 1])
        first, second = self._entries()
        self.assertEqual(first.batch_id, batches[0].id)
        self.assertEqual(second.batch_id, batches[1].id)
        self.assertEqual((first.unbilled_delta, second.unbilled_delta), (0.017, 0.0255))
        self.assertEqual(first.balance_before, 0)
        self.assertEqual(second.balance_before, first.balance_after)
        self.assertWhole()

    def test_one_bad_batch_spoils_no_other(self):
        batches = self._ingest(1) | self._ingest(1)
        stored = work._stored

        def broken(batch):
            if batch == batches[1]:
                raise UserError(self.env._("broken"))
            return stored(batch)

        with patch.object(work, "_stored", broken):
            batches._work()
        self.assertEqual(batches.mapped("state"), ["done", "failed"])
        self.assertEqual(len(self._entries()), 1)
        batches[1].action_rate()
        self.assertEqual(batches[1].state, "done")
        self.assertWhole()

    def test_groups_keep_switches_files_and_sizes_apart(self):
        first, second = self._ingest(2), self._ingest(2)
        self.switch = self._create_switch()
        other = self._ingest(2)
        file = self.env["voip.cdr.batch"]._take_file(self.switch, b"", "empty.csv")
        last = self._ingest(2)
        every = first | second | other | file | last
        self.assertEqual(
            list(every._groups()), [first | second, other, file, last]
        )

    def test_a_file_of_many_chunks_equals_its_records(self):
        text = io.StringIO()
        rows = list(self._records(40))
        rows += [rows[0], {**rows[1], "duration": "61"}]
        rows += self._records(1, called="9990000")
        writer = csv.DictWriter(text, rows[0])
        writer.writeheader()
        writer.writerows(rows)
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch, text.getvalue().encode(), "calls.csv"
        )
        with (
            patch.object(read, "BLOCK", 500),
            patch.object(work, "THREADED_FROM", 1),
        ):
            batch._work()
        self.assertEqual(batch.state, "done", batch.message)
        self.assertEqual((batch.rated, batch.duplicates, batch.conflicts), (40, 1, 1))
        self.assertEqual(batch.in_error, 2)
        self.assertEqual(self._entries().mapped("unbilled_delta"), [0.34])
        self.assertWhole()

    def test_equal_bad_rows_anywhere_in_a_file_are_listed_once(self):
        bad = "x,,2026-01-01T00:00:00Z,main"
        rows = ["call_id,called,start,trunk"]
        for record in self._records(60):
            start, trunk = record["start"], record["trunk"]
            rows += [f"{record['call_id']},4420000,{start},{trunk}", bad]
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch, "\n".join(rows).encode(), "bad.csv"
        )
        with (
            patch.object(read, "BLOCK", 100),
            patch.object(work, "THREADED_FROM", 1),
        ):
            batch._work()
        self.assertEqual((batch.zero_rated, batch.refused), (60, 1), batch.message)
        self.assertEqual(batch.duplicates, 59)
        self.assertEqual(len(batch.error_ids), 1)
        self.assertWhole()

    def test_of_a_large_file_that_breaks_off_the_last_line_is_refused(self):
        head = b"call_id,called,start,trunk\n"
        line = b"x%d,442071234567,%s,%s\n"
        [record] = self._records(1)
        start, trunk = record["start"], record["trunk"]
        rows = [line % (n, start.encode(), trunk.encode()) for n in range(500)]
        data = head + b"".join(rows) + b'x500,4420"\xff\xff'
        batch = self.env["voip.cdr.batch"]._take_file(self.switch, data, "bad.csv")
        with (
            patch.object(read, "BLOCK", 500),
            patch.object(work, "THREADED_FROM", 1),
        ):
            batch._work()
        self.assertEqual(batch.state, "done", batch.message)
        self.assertEqual((batch.received, batch.refused), (501, 1))
        self.assertEqual((batch.lines, batch.skipped), (501, 0))
        self.assertIn("line 502: ", batch.error_ids.message)
        self.assertEqual(batch.error_ids.position, 502)
        self.assertWhole()
