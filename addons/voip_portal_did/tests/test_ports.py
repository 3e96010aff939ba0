"""A customer follows his portings and corrects what is wrong with them."""

from datetime import timedelta

from odoo.tests import tagged

from .numbers_common import PortalNumbersCommon

PORT = "/numbers/port?account=auto-1&number=4930555001"


@tagged("post_install", "-at_install")
class TestPortalPorts(PortalNumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.env["voip.did.port"].create(
            {
                "account_id": cls.account.id,
                "did_ids": [(6, 0, cls.free.ids)],
                "carrier": "Old Telecom",
                "agreed_on": cls.env.cr.now().date() + timedelta(days=9),
            }
        )

    def setUp(self):
        super().setUp()
        self._login()

    def test_he_follows_and_corrects_his_order(self):
        page = self._get("/numbers/ports?account=auto-1").text
        for words in ("+4930555001", "Old Telecom", "Requested"):
            self.assertIn(words, page)
        self.assertIn("Nothing is left to correct", self._post(PORT, holder="x").text)
        self.order.to_correct = "The holder's name is another one."
        self.assertIn("to be corrected", self._get("/numbers?account=auto-1").text)
        form = {"carrier": "Old Telecom", "customer_number": "K-12"}
        page = self._post(PORT, holder="x" * 201, **form).text
        self.assertIn("too long", page)
        page = self._post(PORT, holder="Acme Ltd", note="<b>Sorry</b>", **form).text
        self.assertIn("we look at it", page)
        self.order.invalidate_recordset()
        self.assertRecordValues(
            self.order,
            [{"holder": "Acme Ltd", "customer_number": "K-12", "to_correct": False}],
        )
        self.assertIn("&lt;b&gt;Sorry", "".join(self.order.message_ids.mapped("body")))
        self.assertIn("another one", self.order.activity_ids.note)

    def test_orders_of_others_and_of_nobody_are_not_there(self):
        other = self._did("4930555007")
        self.env["voip.did.port"].create({"did_ids": [(6, 0, other.ids)]})
        self.order.write({"account_id": self.foreign.id, "to_correct": "Canary"})
        page = self._get("/numbers/ports?account=auto-1").text
        self.assertIn("No number is ported", page)
        self.assertEqual(self._get(PORT).status_code, 404)
        self._customer(self.env["res.partner"].create({"name": "New"}), "new")
        self._login("new")
        for page in ("", "/free", "/ports"):
            answer = self._get(f"/numbers{page}")
            self.assertEqual(answer.status_code, 200)
            self.assertIn("no phone account yet", answer.text)
            self.assertNotIn("555007", answer.text)
