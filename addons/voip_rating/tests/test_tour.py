from odoo.tests import HttpCase, tagged
from odoo.tests.common import new_test_user

from odoo.addons.voip_billing_base.tests.browser import whole_console

from .common import VoipRatingCommon


@tagged("post_install", "-at_install", "voip_browser")
class TestTour(VoipRatingCommon, HttpCase):
    def test_from_the_file_to_the_calls_of_the_invoice(self):
        deck = self._create_deck(
            rates=[{"prefix": "44", "destination": "UK", "price_per_minute": "0.5"}]
        )
        account = self._create_account(deck_id=deck.id)
        self._create_trunk(account, code="tour-trunk")
        self._create_switch()
        user = new_test_user(
            self.env,
            "tour-manager",
            groups="voip_billing_base.group_voip_manager,account.group_account_invoice",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        with whole_console():
            self.start_tour(
                "/odoo",
                "voip_upload_tour",
                login=user.login,
                timeout=120,
            )
        invoice = self.env["account.move"].search(
            [("voip_account_id", "=", account.id), ("move_type", "=", "out_invoice")]
        )
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.amount_untaxed, 1.5)
        self.assertEqual(invoice.invoice_line_ids.voip_calls, 3)
        self.assertWhole()

    def test_calls_without_a_span_of_time_say_which_one_is_searched(self):
        user = new_test_user(
            self.env, "tour-viewer", groups="voip_billing_base.group_voip_viewer"
        )
        for action in (
            "voip_rating.voip_cdr_action",
            "voip_billing_base.voip_usage_action",
        ):
            with whole_console():
                self.start_tour(
                    f"/odoo/action-{action}", "voip_span_tour", login=user.login
                )

    def test_a_sheet_is_mapped_previewed_applied_and_undone(self):
        deck = self._create_deck(rates=[{"prefix": "44", "price_per_minute": "0.01"}])
        user = new_test_user(
            self.env, "tour-rates", groups="voip_billing_base.group_voip_manager"
        )
        with whole_console():
            self.start_tour(
                f"/odoo/action-voip_rating.voip_rate_deck_action/{deck.id}",
                "voip_sheet_tour",
                login=user.login,
            )
        sheet = self.env["voip.rate.import"].search([("deck_id", "=", deck.id)])
        self.assertEqual((sheet.state, sheet.undone_by), ("undone", user))
        self.assertEqual(deck.rate_count, 1)

    def test_a_sheet_goes_its_way_by_the_keys_that_the_docs_name(self):
        deck = self._create_deck(rates=[{"prefix": "44", "price_per_minute": "0.01"}])
        user = new_test_user(
            self.env, "tour-keys", groups="voip_billing_base.group_voip_manager"
        )
        with whole_console():
            self.start_tour(
                f"/odoo/action-voip_rating.voip_rate_deck_action/{deck.id}",
                "voip_sheet_keys_tour",
                login=user.login,
            )
        sheet = self.env["voip.rate.import"].search([("deck_id", "=", deck.id)])
        self.assertEqual((sheet.state, sheet.undone_by), ("undone", user))
        self.assertTrue(sheet.applied_at)
        self.assertEqual(deck.rate_count, 1)

    def test_a_price_that_need_not_be_is_shown_and_typed_as_nothing(self):
        deck = self._create_deck([{"prefix": "44"}])
        user = new_test_user(
            self.env, "tour-rate", groups="voip_billing_base.group_voip_manager"
        )
        with whole_console():
            self.start_tour(
                f"/odoo/action-voip_rating.voip_rate_action/{deck.rate_ids.id}",
                "voip_rate_tour",
                login=user.login,
            )
        self.assertRecordValues(
            deck.rate_ids.search(
                [("deck_id", "=", deck.id), ("price_per_minute", "=", 0.02)]
            ),
            [
                {
                    "first_price": 0,
                    "price_intra": 0.03,
                    "price_local": -1,
                    "max_charge": 0,
                }
            ],
        )
