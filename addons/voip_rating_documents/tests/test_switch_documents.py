"""A switch's key and records of documents: it reads, makes and changes none of them."""

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_documents.engine import pool
from odoo.addons.voip_rating.tests.test_method_ids import TestMethodIds
from odoo.addons.voip_rating.tests.test_switch_methods import TestSwitchMethods


@tagged("post_install", "-at_install")
class TestSwitchDocuments(TestMethodIds):
    """The rules of switches and of ids, for a record of each model of documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(pool.shared().close)
        cls.partner = cls.own["account"].partner_id
        cls.partner.email = "partner@example.com"
        invoice, _bill = (
            cls._document(move_type) for move_type in ("out_invoice", "in_invoice")
        )
        cls.invoice = invoice
        invoice.action_voip_send()
        mail = cls.env["voip.delivery"].search([("move_id", "=", invoice.id)])
        cls._happened(mail)
        netting = cls.env["voip.netting"].create({"partner_id": cls.partner.id})
        netting.action_propose()
        netting.line_ids.write({"withheld": False})
        currencies = cls.env.ref("base.USD") | cls.env.ref("base.EUR")
        cls.env["voip.netting.rate"].create(
            {
                "netting_id": netting.id,
                "currency_id": currencies[0].id,
                "other_currency_id": currencies[1].id,
                "rate": "1.5",
            }
        )
        cls.env["voip.netting.try"].sudo()._note("198.51.100.7")
        cls.env["voip.netting.link"].create({"netting_id": netting.id})
        cls.env["voip.netting.agreement"].create(
            {"netting_id": netting.id, "name": "Ann Signer"}
        )
        cls.env["voip.netting.key"].sudo().create(
            {"netting_id": netting.id, "token_hash": "0" * 64}
        )
        cls.env["voip.brevo.template"].create({"kind": "invoice", "number": 12})
        cls.env["voip.document.run"]._start(invoice)
        account = {"account_id": cls.own["account"].id}
        for wizard in ("voip.statement.wizard", "voip.usage.wizard"):
            cls.env[wizard].create(account)
        cls.env.flush_all()

    @classmethod
    def _document(cls, move_type):
        own = move_type == "out_invoice"
        line = {"name": "Fee", "price_unit": 1, "tax_ids": []}
        values = {
            "move_type": move_type,
            "partner_id": cls.partner.id,
            "invoice_date": "2026-01-31",
            "invoice_line_ids": [(0, 0, line)],
        }
        if own:
            values["voip_account_id"] = cls.own["account"].id
        move = cls.env["account.move"].create(values)
        move.action_post()
        return move

    @classmethod
    def _happened(cls, mail):
        """What a provider tells of a mail."""
        cls.env["voip.delivery.event"].sudo().create(
            {
                "delivery_id": mail.id,
                "name": "hard_bounce",
                "email": "partner@example.com",
                "at": "2026-02-01 00:00:00",
            }
        )
        cls.env["voip.delivery.pause"].sudo().create(
            {"email": "gone@example.com", "company_id": mail.company_id.id}
        )

    def test_each_model_of_documents_has_a_record(self):
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._original_module == "voip_documents" and not model._abstract:
                if name.startswith("voip."):
                    self.assertTrue(model.sudo().search([], limit=1), name)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_methods(self):
        TestSwitchMethods.test_a_switch_is_refused_every_method_that_is_no_door_of_its_own(
            self
        )

    def test_what_odoo_gives(self):
        TestSwitchMethods.test_a_switch_learns_and_changes_nothing_by_what_odoo_gives_a_model(
            self
        )

    def test_ids(self):
        TestMethodIds.test_ids_that_name_no_record_are_refused_with_a_sentence(self)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_methods_on_moves_and_partners(self):
        for record, method in (
            (self.invoice, "action_voip_download_calls"),
            (self.invoice, "action_voip_make_documents"),
            (self.invoice, "action_voip_send"),
            (self.invoice, "action_voip_view_deliveries"),
            (self.invoice, "action_voip_view_documents"),
            (self.partner, "action_view_voip_nettings"),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(record.with_env(self._as("switch")), method)()
