"""What a change of a source deck leads to."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .generator_common import GeneratorCommon, rate


@tagged("post_install", "-at_install")
class TestGeneratorChange(GeneratorCommon):
    def setUp(self):
        super().setUp()
        self.source = self._supplier(rate("33"))

    def _follow(self, generator):
        self.env.flush_all()
        generator.invalidate_recordset()
        generator.deck_id.invalidate_recordset()
        generator._follow()

    def test_a_changed_source_leaves_a_preview_or_the_new_rates(self):
        for choice, waits, price in (
            ("hand", False, "0.01"),
            ("preview", True, "0.01"),
            ("apply", False, "0.02"),
        ):
            with self.subTest(choice):
                source = self._supplier(rate("33"))
                generator = self._generator(source, on_change=choice)
                generator._generate()
                self._follow(generator)
                self.assertFalse(generator.deck_id.waiting_import_id)
                source._load([rate("33", "0.02")])
                generator.invalidate_recordset()
                self.assertTrue(generator.is_late)
                if choice != "hand":
                    self._follow(generator)
                deck = generator.deck_id
                deck.invalidate_recordset()
                self.assertEqual(bool(deck.waiting_import_id), waits)
                self.assertEqual(deck.is_late, choice == "hand")
                self.assertEqual(self._prices(generator), {"33": price})

    def test_the_scheduled_action_takes_those_that_follow_their_sources(self):
        by_hand = self._generator(self.source)
        follows = self._generator(self.source, on_change="preview")
        gone = self._generator(self.source, on_change="apply")
        gone.deck_id.active = False
        with self.enter_registry_test_mode():
            self.env.ref("voip_rating.ir_cron_generate").method_direct_trigger()
        self.assertFalse(by_hand.import_ids)
        self.assertEqual(follows.import_ids.state, "previewed")
        self.assertFalse(gone.import_ids or gone.problem)
        with self.assertRaisesRegex(UserError, "archived: unarchive it"):
            gone._generate()

    def test_a_change_that_changes_nothing_leaves_no_preview(self):
        generator = self._generator(self.source, on_change="preview", decimals=2)
        generator._generate()
        self.source._load([rate("33", "0.009")])
        self._follow(generator)
        self.assertFalse(generator._waiting())
        self.assertFalse(generator.is_late)

    def test_a_waiting_preview_is_replaced_by_the_next(self):
        generator = self._generator(self.source, on_change="preview")
        self._follow(generator)
        self.source._load([rate("33", "0.02")])
        self._follow(generator)
        waiting = generator._waiting()
        self.assertEqual(self._rows(waiting, "prefix", "price"), [("33", 0.02)])

    def test_what_fails_is_said_and_tried_again(self):
        other = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        source = self._supplier(rate("33"), currency_id=other.id)
        generator = self._generator(source, on_change="apply")
        self._follow(generator)
        self.assertIn("XTS has no exchange rate", generator.problem)
        self.assertEqual(generator.deck_id.generator_problem, generator.problem)
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "name": "2026-01-01", "rate": 2,
             "company_id": self.env.company.id}
        )
        self._follow(generator)
        self.assertFalse(generator.problem)
        self.assertEqual(self._prices(generator), {"33": "0.005"})

    def test_the_audit_trail_tells_who_made_and_changed_what(self):
        generator = self._generator(self.source, markup_percent=10)
        found = [("res_id", "=", generator.deck_id.id)]
        trail = self.env["voip.audit"].search
        for change, told in (
            (lambda: generator.write({"markup_percent": 12.5}), '"percent": "12.5'),
            (
                lambda: generator.write({"exception_ids": [(0, 0, {"prefix": "7"})]}),
                '"7+"',
            ),
            (
                lambda: generator.source_ids.write({"weight": 3}),
                f"{self.source.code} 3",
            ),
            (lambda: generator.exception_ids.unlink(), '"exceptions": []'),
        ):
            before = trail(found)
            change()
            entry = trail(found) - before
            self.assertEqual(entry.event, "markup_change")
            self.assertIn(told, entry.data.replace('":', '": ').replace("  ", " "))
        generator._generate()
        self.assertIn("deck_generate", trail(found).mapped("event"))

    def test_only_managers_generate(self):
        generator = self._generator(self.source)
        made = generator._new_import()
        for group in ("viewer", "user", "auditor"):
            user = new_test_user(
                self.env,
                f"mark-up-{group}",
                groups=f"voip_billing_base.group_voip_{group}",
                company_id=self.env.company.id,
            )
            for call in (generator.action_preview, made.action_apply, made.action_undo):
                with self.subTest(group=group), self.assertRaises(AccessError):
                    getattr(call.__self__.with_user(user), call.__name__)()
