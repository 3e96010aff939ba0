"""The calendar of the outbox as people use it: what goes out when."""

from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.voip_billing_base.tests.browser import whole_console

from .outbox_common import OutboxCommon

CALENDAR = "/odoo/action-voip_documents.voip_delivery_action?view_type=calendar"


class OutboxTour(OutboxCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.invoice.action_voip_send()
        self.delivery = self.env["voip.delivery"].search(
            [("move_id", "=", self.invoice.id)]
        )

    def _tour(self, name, group="voip_billing_base.group_voip_user"):
        user = new_test_user(
            self.env,
            "outbox-user",
            groups=group,
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        with whole_console():
            self.start_tour(CALENDAR, name, login=user.login, timeout=120)
        self.delivery.invalidate_recordset()


@tagged("post_install", "-at_install", "voip_browser")
class TestOutboxTour(OutboxTour):
    def test_a_mail_is_held_and_released_in_the_calendar(self):
        before = self.delivery.send_at
        self._tour("voip_outbox_tour")
        self.assertEqual(self.delivery.state, "waiting")
        self.assertEqual(self.delivery.send_at, before)
        told = self.delivery.message_ids.tracking_value_ids
        told = told.sorted("id").mapped("new_value_char")
        self.assertEqual(told, ["Held", "Waiting"])

    def test_who_only_reads_holds_nothing(self):
        self._tour("voip_outbox_reader_tour", "voip_billing_base.group_voip_viewer")
        self.assertEqual(self.delivery.state, "waiting")


@tagged("post_install", "-at_install", "voip_browser")
class TestOutboxPhoneTour(OutboxTour):
    browser_size = "390x844"
    touch_enabled = True

    def test_the_legend_has_the_colours_of_the_states(self):
        self._tour("voip_outbox_phone_tour")
