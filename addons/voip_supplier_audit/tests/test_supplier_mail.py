"""What a supplier mails to his address waits, and is taken by somebody."""

import gzip
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.voip_billing_base.tests.mails import receive, receive_domain

from .cost_common import CostCommon

LINES = b"Code,Minutes,Rate,Amount\n447,4,0.1,0.50\n"
CALLS = (
    b"call_id,caller,called,start,duration,answered,amount\n"
    b"c0,442071838750,447700900123,2026-09-05T10:00:00Z,120,1,0.25\n"
)
NAMED = "INV-9_2026-09-01_2026-09-30.csv"


@tagged("post_install", "-at_install")
class TestSupplierMail(CostCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        receive_domain(cls.env)
        cls.supplier.email = "billing@carrier.example"
        cls.agreement = cls._agree(tz="UTC", date_to="2026-12-31")
        cls.agreement.mail_name = "invoices-one"
        cls.files = cls.env["voip.supplier.file"]
        cls.clerk = new_test_user(
            cls.env, "mail_clerk", "voip_billing_base.group_voip_user"
        )
        cls.manager = new_test_user(
            cls.env, "mail_boss", "voip_billing_base.group_voip_manager"
        )

    def _mail(self, *files, number=None, **headers):
        before = self.files.search([])
        self.count = getattr(self, "count", 0) + 1
        receive(
            self.env,
            headers.pop("to", "invoices-one@voip.example"),
            headers.pop("sender", "Billing <billing@carrier.example>"),
            number or f"<{self.count}@carrier>",
            files,
            **{"subject": "Invoice INV-9", **headers},
        )
        return (self.files.search([]) - before).sorted("id")

    def _invoice(self):
        return self.env["voip.supplier.invoice"].search([("number", "=", "INV-9")])

    def test_each_file_waits_for_somebody_and_is_taken_by_nobody_else(self):
        found = self._mail((NAMED, LINES), ("INV-9_calls.csv", CALLS))
        self.assertRecordValues(
            found,
            [
                {"state": "draft", "kind": "lines", "number": "INV-9"},
                {"state": "draft", "kind": "calls", "number": "INV-9"},
            ],
        )
        self.assertIn("billing@carrier.example", found[0].sender)
        self.assertEqual(found.activity_ids.user_id & self.manager, self.manager)
        with self.enter_registry_test_mode():
            self.env.ref(self.files._job_cron).method_direct_trigger()
        self.assertEqual(set(found.mapped("state")), {"draft"})
        self.assertFalse(self._invoice())

    def test_an_absence_makes_no_file_and_a_circular_with_one_does(self):
        for headers in ({"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}):
            with self.subTest(headers=headers):
                self.assertFalse(self._mail(("logo.png", b"PNG"), **headers))
                found = self._mail((NAMED, LINES), **headers)
                self.assertEqual(len(found), 1)
                found.unlink()

    def test_a_billing_user_takes_all_files_of_a_mail_at_once(self):
        pdf = ("scan.pdf", b"%PDF-1.4")
        found = self._mail(pdf, ("INV-9_calls.csv", CALLS), (NAMED, LINES))
        self.assertEqual(set(found.mapped("number")), {"INV-9"}, "by the others' names")
        action = found.with_user(self.clerk).action_take()
        self.assertEqual(set(found.mapped("state")), {"taken"})
        invoice = self._invoice()
        self.assertEqual(action["res_id"], invoice.id)
        self.assertRecordValues(
            invoice,
            [{"total": 0.5, "record_count": 1, "pdf_name": "scan.pdf"}],
        )
        self.assertFalse(found.activity_ids)

    def test_what_a_name_does_not_say_somebody_says(self):
        found = self._mail(("september.csv", LINES)).with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "say here what it holds"):
            found.action_take()
        found.write({"kind": "lines", "number": "INV-9", "total": 0.6})
        with self.assertRaisesRegex(UserError, "from which day to which day"):
            found.action_take()
        found.write({"period_start": "2026-09-01", "period_end": "2026-09-30"})
        found.date = "2026-10-02"
        found.action_take()
        invoice = self._invoice()
        self.assertEqual(invoice.total, 0.6, "as it was stated, not the sum")
        self.assertEqual(str(invoice.date), "2026-10-02")
        with self.assertRaisesRegex(UserError, "is taken already"):
            found.number = "INV-10"
        with self.assertRaisesRegex(UserError, "is taken already"):
            found.with_user(self.manager).unlink()

    def test_a_file_that_is_refused_stays_as_it_was(self):
        found = self._mail((NAMED, b"no,header\n1,2\n")).with_user(self.clerk)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            found.action_take()
        found.invalidate_recordset()
        self.assertEqual(found.state, "draft")
        self.assertFalse(self._invoice())

    def test_records_that_cannot_be_read_are_refused_in_words(self):
        wrong = ("INV-9_calls.csv", b"no,header\n1,2\n")
        found = self._mail(wrong, (NAMED, LINES)).with_user(self.clerk)
        with self.assertRefused(UserError, "INV-9_calls.csv: .* Ask for another one"):
            found.action_take()

    def test_the_same_file_again_and_the_same_mail_again_bring_nothing(self):
        self._mail((NAMED, LINES), number="<a@carrier>")
        self.assertFalse(self._mail((NAMED, LINES), number="<a@carrier>"))
        again = self._mail(("copy.csv", LINES))
        self.assertIn(f"brought before, first {NAMED}", again.message)
        self.assertFalse(again.data)

    def test_a_mail_without_files_says_so(self):
        found = self._mail(("logo.png", b"x"))
        self.assertIn("no file that is taken", found.message)
        self.assertEqual(found.name, "Invoice INV-9")

    def test_records_in_gzip_are_call_records(self):
        found = self._mail(("september.csv.gz", gzip.compress(CALLS)))
        self.assertEqual(found.kind, "calls")

    def test_the_address_is_the_suppliers_through_all_his_agreements(self):
        following = self._agree(tz="UTC", date_from="2027-01-01")
        self.assertEqual(following.mail_name, "invoices-one")
        following.mail_name = "invoices-two"
        self.assertEqual(self.agreement.mail_name, "invoices-two")
        self.agreement.unlink()
        found = self._mail((NAMED, LINES), to="invoices-two@voip.example")
        self.assertEqual(found.agreement_id, following)
        other = self.env["res.partner"].create({"name": "Carrier Two"})
        with self.assertRaisesRegex(UserError, "Take the address away"):
            following.partner_id = other
        found.unlink()
        following.unlink()
        with self.assertRaisesRegex(ValueError, "No possible route"):
            self._mail((NAMED, LINES), to="invoices-two@voip.example")

    def test_two_suppliers_have_no_address_in_common(self):
        other = self.env["res.partner"].create({"name": "Carrier Two"})
        agreement = self._agree(partner_id=other.id, tz="UTC")
        self.assertFalse(agreement.mail_name)
        with self.assertRaisesRegex(UserError, "is taken already"):
            agreement.mail_name = "invoices-one"

    def test_mail_of_strangers_is_sent_back_where_contacts_alone_may(self):
        self.agreement.mail_senders = "partners"
        self.assertFalse(self._mail((NAMED, LINES), sender="evil@stranger.example"))
        self.assertTrue(self._mail((NAMED, LINES)))

    def test_a_file_that_another_supplier_sent_before_says_so(self):
        other = self.env["res.partner"].create({"name": "Other"})
        self.files.sudo()._bring(self._agree(partner_id=other.id), NAMED, LINES)
        found = self._mail((NAMED, LINES))
        self.assertIn("which came from Other", found.message)
        self.assertEqual(found.state, "draft")

    def test_so_many_files_wait_and_no_more(self):
        many = [(f"{n}_calls.csv", CALLS + b"%d" % n) for n in range(5)]
        with patch.object(type(self.files), "_mailed_limit", 3):
            taken = self._mail(*many)
            self.assertEqual(len(taken), 3)
            self.assertFalse(self._mail((NAMED, LINES), ("logo.png", b"PNG")))
        kept = taken.message_ids.attachment_ids.mapped("name")
        calls = ["0_calls.csv", "1_calls.csv", "2_calls.csv"]
        self.assertEqual(sorted(kept), [*calls, "logo.png"])
        told = self.files.search([("message", "!=", False)])
        self.assertIn("further ones by mail are not taken", told.message)

    def test_mail_is_handed_in_by_the_gateway_only(self):
        with self.assertRaises(AccessError):
            self.files.with_user(self.manager).message_new(
                {"email_from": "x"}, {"agreement_id": self.agreement.id}
            )
