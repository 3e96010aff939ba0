import psycopg2
from lxml import etree

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SupplierCommon


@tagged("post_install", "-at_install")
class TestAgreement(SupplierCommon):
    def test_agreements_with_a_supplier_never_overlap(self):
        self._agree(date_to="2026-06-30")
        self._agree(date_from="2026-07-01")
        for first, last in (
            ("2026-06-30", "2026-06-30"),
            ("2025-01-01", False),
            ("2027-01-01", "2027-01-01"),
        ):
            with self.assertRefused(ValidationError, "valid at the same time"):
                self._agree(date_from=first, date_to=last)
        self._agree(date_from="2025-01-01", date_to="2025-12-31")

    def test_an_agreement_proposes_what_the_decks_of_the_supplier_say(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        for code in ("BUY-1", "BUY-2"):
            self._create_deck(
                code=code,
                side="supplier",
                partner_id=self.supplier.id,
                currency_id=euro.id,
                tz="Asia/Kolkata",
            )
        agreed = Form(self.env["voip.supplier.agreement"])
        agreed.partner_id = self.supplier
        self.assertEqual((agreed.currency_id, agreed.tz), (euro, "Asia/Kolkata"))

    def test_an_invoice_that_is_typed_is_counted_as_agreed(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self._agree(tz="Asia/Kolkata", currency_id=euro.id)
        typed = Form(self.env["voip.supplier.invoice"])
        typed.partner_id = self.supplier
        self.assertEqual((typed.currency_id, typed.tz), (euro, "Asia/Kolkata"))
        typed.number, typed.total = "T-1", 5.0
        typed.tz = "Europe/Paris"
        invoice = typed.save()
        invoice.agreement_id.date_to = "2026-01-31"
        self.env.flush_all()
        self.assertFalse(invoice.agreement_id)
        self.assertEqual((invoice.currency_id, invoice.tz), (euro, "Europe/Paris"))

    def test_invoices_and_claims_are_cards_on_a_phone(self):
        for model, action, told in (
            ("voip.supplier.invoice", "invoice", {"total", "difference", "state"}),
            ("voip.supplier.claim", "claim", {"amount", "credited_amount", "state"}),
        ):
            action = self.env.ref(f"voip_supplier_audit.voip_supplier_{action}_action")
            self.assertIn("kanban", action.view_mode.split(","), model)
            arch = self.env[model].get_view(view_type="kanban")["arch"]
            shown = etree.fromstring(arch).xpath("//t[@t-name='card']//field/@name")
            self.assertLessEqual({"partner_id", "currency_id"} | told, set(shown))

    def test_lines_paired_calls_and_files_are_cards_on_a_phone(self):
        amounts = {"their_amount", "our_amount", "difference", "currency_id"}
        for name, told in (
            ("match", amounts | {"found"}),
            ("file", {"partner_id", "name", "kind", "number", "state", "message"}),
        ):
            action = self.env.ref(f"voip_supplier_audit.voip_supplier_{name}_action")
            self.assertIn("kanban", action.view_mode.split(","), name)
            cards = self.env[f"voip.supplier.{name}"].get_view(view_type="kanban")
            card = etree.fromstring(cards["arch"]).xpath("//t[@t-name='card']")[0]
            self.assertLessEqual(told, set(card.xpath(".//field/@name")), name)
        arch = self.env["voip.supplier.invoice"].get_view(view_type="form")["arch"]
        card = "//field[@name='line_ids']/kanban//t[@t-name='card']"
        [card] = etree.fromstring(arch).xpath(card)
        told = {"amount", "ours_amount", "difference", "decision", "found"}
        self.assertLessEqual(told, set(card.xpath(".//field/@name")))
        steps = {f"action_{name}" for name in ("accept", "dispute", "reject")}
        self.assertLessEqual(steps, set(card.xpath(".//button/@name")))

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_what_two_people_do_at_once(self):
        agreed = self._agree(date_to="2026-06-30")
        later = self._agree(date_from="2026-07-01")
        self.env.flush_all()
        with (
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(
                "UPDATE voip_supplier_agreement SET date_from = '2026-06-30'"
                " WHERE id = %s",
                [later.id],
            )
        self.assertTrue(agreed)

    def test_an_archived_agreement_makes_room(self):
        self._agree().active = False
        self.assertTrue(self._agree())

    def test_the_agreement_of_the_first_day_counts(self):
        old = self._agree(date_to="2026-03-01", dispute_days=10, tz="Asia/Tokyo")
        self._agree(date_from="2026-03-02")
        invoice = self._load_invoice([{"prefix": "44", "amount": "5"}])
        self.assertEqual(invoice.agreement_id, old)
        self.assertEqual(invoice.tz, "Asia/Tokyo")
        self.assertEqual(str(invoice.deadline), "2026-04-12 15:00:00")

    def test_open_invoices_go_with_what_is_agreed(self):
        invoice = self._load_invoice([{"prefix": "44", "amount": "104"}])
        decided = self._load_invoice([{"prefix": "44", "amount": "5"}], number="OLD")
        decided.sudo().state = "accepted"
        invoice.line_ids.sudo().ours_amount = 100
        invoice.sudo().state = "reconciled"
        self.assertFalse(invoice.agreement_id or invoice.deadline)
        agreed = self._agree(line_percent=5)
        self.assertEqual(invoice.agreement_id, agreed)
        self.assertEqual(str(invoice.deadline), "2026-05-03 00:00:00")
        self.assertEqual(str(invoice.last_day), "2026-05-02")
        self.assertTrue(invoice.line_ids.within)
        agreed.write({"dispute_days": 10, "line_percent": 1})
        self.assertEqual(str(invoice.last_day), "2026-04-12")
        self.assertFalse(invoice.line_ids.within)
        agreed.date_to = "2026-02-28"
        self.assertFalse(invoice.agreement_id or invoice.deadline)
        self.assertFalse(decided.agreement_id)

    def test_limits_are_kept(self):
        for values in (
            {"line_percent": -1},
            {"invoice_percent": 101},
            {"dispute_days": 367},
            {"minute_decimals": 7},
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self._agree(**values)
                self.env.flush_all()
        with self.assertRefused(ValidationError, "before it begins"):
            self._agree(date_to="2025-12-31")

    def test_only_managers_agree_and_each_change_is_in_the_audit_trail(self):
        agreed = self._agree()
        for role in ("user", "auditor"):
            person = new_test_user(
                self.env,
                login=f"agree_{role}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=self.env.company.id,
            )
            with self.assertRefused(AccessError, "not allowed"):
                agreed.with_user(person).dispute_days = 99
        agreed.dispute_days = 14
        said = self.env["voip.audit"].search(
            [("event", "=", "supplier_agreement"), ("res_id", "=", agreed.id)]
        )
        self.assertEqual(len(said), 2)
        self.assertIn('"dispute_days": 14', said[0].data)

    def test_agreements_are_with_companies(self):
        contact = self.env["res.partner"].create(
            {"name": "Desk", "parent_id": self.supplier.id}
        )
        with self.assertRefused(ValidationError, "agreements are with Carrier One"):
            self._agree(partner_id=contact.id)
