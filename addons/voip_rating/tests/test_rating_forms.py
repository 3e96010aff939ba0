from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tests.common import new_test_user

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestRatingForms(VoipRatingCommon):
    """What a billing manager and a viewer do in the back office."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager, cls.viewer = (
            new_test_user(
                cls.env,
                f"forms-{role}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=cls.env.company.id,
            )
            for role in ("manager", "viewer")
        )

    def _form(self, record_or_model, **context):
        return Form(record_or_model.with_user(self.manager).with_context(**context))

    def test_deck_rate_and_new_version(self):
        form = self._form(self.env["voip.rate.deck"])
        form.name, form.code = "Retail", "retail-form"
        form.default_initial_increment = 60
        deck = form.save()
        form = self._form(self.env["voip.rate"], default_deck_id=deck.id)
        form.prefix = "442"
        self.assertEqual(form.destination_id.country_id.code, "GB")
        self.assertEqual(form.initial_increment, 60)
        form.price_per_minute = 0.01
        form.effective_from = "2026-01-01 00:00:00"
        rate = form.save()
        action = rate.action_new_version()
        form = self._form(self.env["voip.rate"], **action["context"])
        form.price_per_minute = 0.02
        new = form.save()
        self.assertEqual(rate.effective_to, new.effective_from)
        self.assertEqual(deck.rate_count, 1)
        action = deck.action_view_rates()
        self.assertEqual(
            self.env["voip.rate"].search(action["domain"]), new | rate
        )

    def test_a_new_rate_begins_now_and_the_past_is_warned_of(self):
        deck, empty = self._create_deck([{"prefix": "44"}]), self._create_deck()
        before = fields.Datetime.now()
        form = self._form(self.env["voip.rate"], default_deck_id=deck.id)
        self.assertLessEqual(before, form.effective_from)
        self.assertLessEqual(form.effective_from, fields.Datetime.now())
        self.assertFalse(form.past_note)
        form.effective_from = before - timedelta(hours=1)
        self.assertIn("begins in the past", form.past_note)
        form.deck_id = empty
        self.assertFalse(form.past_note, "it has no past")
        form.deck_id = deck
        form.prefix, form.price_per_minute = "447", 0.02
        rate = form.save()
        self.assertFalse(rate.past_note)
        values = {"deck_id": deck.id, "prefix": "33", "price_per_minute": 0.03}
        created = self.env["voip.rate"].create(values)
        self.assertLessEqual(before, created.effective_from)

    def test_generated_deck(self):
        parent = self._create_deck([{"prefix": "44", "price_per_minute": "0.01"}])
        deck = self._create_deck()
        form = self._form(self.env["voip.rate.generator"], default_deck_id=deck.id)
        form.markup_percent = 25
        with form.source_ids.new() as source:
            source.deck_id = parent
        action = form.save().action_preview()
        preview = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((preview.state, preview.new_count), ("previewed", 1))
        self.assertFalse(deck.rate_ids)
        self.assertEqual(deck.action_view_waiting()["res_id"], preview.id)
        preview.action_apply()
        self.assertEqual(deck.rate_ids.price_per_minute, 0.0125)
        self.assertFalse(deck.waiting_import_id)

    def test_trunks_of_both_sides(self):
        account = self._create_account()
        form = self._form(self.env["voip.trunk"], default_account_id=account.id)
        form.name, form.code = "In", "in-form"
        form.ip_addresses = "192.0.2.1"
        trunk = form.save()
        self.assertEqual(account.trunk_count, 1)
        self.assertEqual(
            self.env["voip.trunk"].search(account.action_view_trunks()["domain"]), trunk
        )
        form = self._form(self.env["voip.trunk"])
        form.name, form.code, form.side = "Out", "out-form", "supplier"
        form.partner_id = self.env["res.partner"].create({"name": "Carrier"})
        form.deck_id = self._create_deck(side="supplier")
        self.assertTrue(form.save())

    def test_destination_and_switch(self):
        form = self._form(self.env["voip.destination"])
        form.name, form.code = "Mine", "MINE-FORM"
        with form.prefix_ids.new() as line:
            line.prefix = "8835100"
        destination = form.save()
        self.assertEqual(destination.prefix_count, 1)
        self.assertEqual(destination.company_id, self.env.company)
        form = self._form(self.env["voip.switch"])
        form.name, form.code = "Edge", "edge-form"
        self.assertTrue(form.save())

    def test_account_deck_change_is_audited(self):
        account, deck = self._create_account(), self._create_deck()
        with Form(account) as form:
            form.deck_id = deck
        self.assertEqual(account.effective_deck_id, deck)
        entry = self.env["voip.audit"].search(
            [("event", "=", "account_deck")], order="id desc", limit=1
        )
        self.assertEqual(entry.res_id, account.id)
        self.assertIn(deck.code, entry.data)

    def test_viewer_sees_and_changes_nothing(self):
        deck = self._create_deck([{"prefix": "44"}])
        trunk = self._create_trunk(self._create_account())
        for record in (deck, deck.rate_ids, trunk, deck.rate_ids.destination_id):
            seen = record.with_user(self.viewer)
            for view in ("form", "list", "search"):
                self.assertTrue(seen.get_view(view_type=view)["arch"])
            self.assertTrue(seen.display_name)
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                seen.unlink()
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                seen.write({"display_name": "x"})
        with self.assertRaises(AccessError):
            deck.with_user(self.viewer).load(deck=deck.code, rates=[])

    def test_shared_destinations_are_changed_by_super_administrators_only(self):
        shared = self.env["voip.destination"].search(
            [("company_id", "=", False)], limit=1
        )
        admin = new_test_user(
            self.env,
            "forms-admin",
            groups="voip_billing_base.group_voip_admin",
            company_id=self.env.company.id,
        )
        by_manager, by_admin = shared.with_user(self.manager), shared.with_user(admin)
        self.assertTrue(by_manager.prefix_ids[0].prefix)
        for change in (
            lambda: by_manager.write({"name": "x"}),
            lambda: by_manager.prefix_ids[0].write({"prefix": "99912"}),
            lambda: by_manager.prefix_ids.create(
                {"destination_id": shared.id, "prefix": "99912"}
            ),
            by_manager.prefix_ids.unlink,
            by_manager.unlink,
            lambda: by_manager.create({"name": "x", "code": "X", "company_id": False}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                change()
        by_admin.name = "Renamed"

    def test_other_companies_see_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env,
            "forms-other",
            groups="voip_billing_base.group_voip_manager",
            company_id=other.id,
        )
        deck = self._create_deck([{"prefix": "44"}])
        trunk = self._create_trunk(self._create_account())
        zone = self.env["voip.destination"].create(
            {"name": "Own", "code": "OWN-ZONE", "company_id": self.env.company.id}
        )
        for record in (deck, deck.rate_ids, trunk, self._create_switch(), zone):
            theirs = record.with_user(user)
            with self.subTest(model=record._name):
                self.assertFalse(theirs.search([("id", "in", record.ids)]))
                with self.assertRaises(AccessError):
                    theirs.read(["display_name"])
                with self.assertRaises(AccessError):
                    theirs.write({"active": False})
