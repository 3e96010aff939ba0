"""A mark-up of many rates is worked on in the background."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..generators import rate_import_generate
from .generator_common import GeneratorCommon, rate


@tagged("post_install", "-at_install")
class TestGeneratorJob(GeneratorCommon):
    def setUp(self):
        super().setUp()
        self.generator = self._generator(self._supplier(rate("33"), rate("44")))
        self.patch(rate_import_generate, "AT_ONCE_RATES", 1)

    def _preview(self):
        opened = self.generator.action_preview()
        self.generator.invalidate_recordset()
        return self.env["voip.rate.import"].browse(opened["res_id"])

    def _run(self):
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=60
        ):
            self.env["voip.rate.import"].sudo()._cron_work()

    def test_a_large_one_is_previewed_and_applied_by_the_scheduled_action(self):
        found = self._preview()
        self.assertEqual((found.state, found.new_count), ("working", 0))
        self._run()
        self.assertEqual((found.state, found.new_count), ("previewed", 2))
        self.assertTrue(found.generator_mark)
        self.generator.invalidate_recordset()
        self.assertEqual(self.generator.waiting_import_id, found)
        found.action_apply()
        self.assertEqual((found.state, self._prices(self.generator)), ("working", {}))
        self._run()
        self.assertEqual(found.state, "applied")
        self.assertEqual(self._prices(self.generator), {"33": "0.01", "44": "0.01"})

    def test_as_many_as_are_done_at_once_are(self):
        self.patch(rate_import_generate, "AT_ONCE_RATES", 2)
        self.assertEqual(self._preview().state, "previewed")

    def test_one_in_work_is_shown_instead_of_another(self):
        found = self._preview()
        self.assertEqual(self._preview(), found)
        with self.assertRaisesRegex(UserError, "is being worked on"):
            self.generator._new_import()

    def test_a_change_of_a_source_waits_for_the_one_in_work(self):
        self.generator.on_change = "apply"
        found = self._preview()
        self.generator._follow()
        self.assertFalse(self.generator.problem)
        self.assertEqual(self.generator.import_ids, found)

    def test_one_that_is_stopped_can_be_previewed_again(self):
        found = self._preview()
        found.action_stop()
        self.assertEqual(found.state, "draft")
        self.generator.invalidate_recordset()
        self.assertEqual(self.generator.waiting_import_id, found)
        again = self._preview()
        self.assertFalse(found.exists())
        self.assertEqual(again.state, "working")

    def test_what_fails_in_the_background_is_said(self):
        found = self._preview()
        self.generator.markup_percent = 10_000
        self.generator.source_ids.deck_id._load([rate("33", "999999999")])
        self._run()
        self.assertEqual(found.state, "draft")
        self.assertIn("prices are out of bounds", found.message)
