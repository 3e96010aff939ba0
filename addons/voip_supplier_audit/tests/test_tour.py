"""The cockpit of an invoice in a browser."""

from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.voip_billing_base.tests.browser import whole_console

from .common import SupplierCommon


@tagged("post_install", "-at_install", "voip_browser")
class TestCockpitTour(SupplierCommon, HttpCase):
    def test_an_invoice_near_ours_shows_where_its_bars_begin(self):
        invoice = self._reconciled()
        user = new_test_user(
            self.env, "tour-clerk", groups="voip_billing_base.group_voip_user"
        )
        with whole_console():
            self.start_tour(
                "/odoo/action-voip_supplier_audit.voip_supplier_invoice_action"
                f"/{invoice.id}",
                "voip_cockpit_tour",
                login=user.login,
                timeout=120,
            )
