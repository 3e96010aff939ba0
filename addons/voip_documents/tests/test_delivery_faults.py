"""A mail that cannot be made stops no other, and no damaged file leaves."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine import pool
from ..engine.faults import NoWorker
from .outbox_common import OutboxCommon
from .usage_common import ONE, UsageCommon

SEND = "odoo.addons.voip_documents.delivery.delivery_send"
HAND_OVER = "odoo.addons.voip_documents.delivery.hand_over"


@tagged("post_install", "-at_install")
class TestDeliveryFaults(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.invoice.action_voip_send()
        self.mail = self.env["voip.delivery"].search(
            [("move_id", "=", self.invoice.id)]
        )
        self.document = self.mail.document_ids[:1]
        self.whole = self.document._bytes()

    def _lose(self, how, names=("content", "data")):
        """Damage stored files as a disk or an administrator of the database does."""
        self.env.flush_all()
        change = "UPDATE ir_attachment SET db_datas = %(how)s, store_fname = NULL"
        if how is None:
            change = "DELETE FROM ir_attachment"
        self.env.cr.execute(
            f"{change} WHERE res_model = 'voip.document' AND res_id = %(document)s"
            " AND res_field = ANY(%(names)s)",
            {"how": how, "document": self.document.id, "names": list(names)},
        )
        self.assertEqual(self.env.cr.rowcount, len(names))
        self.env.invalidate_all()

    def _another(self):
        other = self._create_invoice(self.account)
        other.action_voip_send()
        return self.env["voip.delivery"].search([("move_id", "=", other.id)])

    def test_a_damaged_file_leaves_with_no_mail_and_stops_no_other(self):
        for how in (None, b"", b"another", self.whole[:-1] + b"x"):
            with self.subTest((how or b"")[:8]), self.env.cr.savepoint() as savepoint:
                self._lose(how)
                other = self._another()
                self._run()
                self.assertEqual((self.mail.state, other.state), ("waiting", "sent"))
                self.assertIn(self.document.name, self.mail.message)
                self.assertGreater(self.mail.retry_at, self.env.cr.now())
                self.assertTrue(self.mail.activity_ids)
                self.assertEqual(len(self.server.mails), 1)
                self.server.mails.clear()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_mail_goes_by_itself_once_its_files_are_back(self):
        packed = self.document._bytes("data")
        self._lose(b"")
        self._run()
        self.assertEqual(self.mail.state, "waiting")
        self.document._restore(self.whole, packed)
        past = self.env.cr.now() - timedelta(minutes=1)
        self.mail.sudo().write({"retry_at": past})
        self._run()
        self.assertEqual((self.mail.state, len(self.server.mails)), ("sent", 1))
        self.assertFalse(self.mail.activity_ids)

    def test_after_the_last_try_a_person_decides(self):
        self._lose(b"")
        with patch(f"{SEND}.MOST_TRIES", 1):
            self._run()
        self.assertEqual(self.mail.state, "failed")

    def test_a_lost_file_is_made_again_from_what_it_was_made_of(self):
        for ask in (
            self._run,
            lambda: self._render(),
            lambda: self.document._whole(),
            lambda: self.invoice.action_voip_make_documents(),
        ):
            self._lose(b"another", ["content"])
            ask()
            self.env.invalidate_all()
            self.assertEqual(self.document._bytes(), self.whole)
        self.assertEqual(self.mail.state, "sent")

    @mute_logger(SEND)
    def test_an_error_that_nobody_knows_stops_one_mail_only(self):
        other, true = self._another(), type(self.mail)._task

        def task(mail, is_asked):
            if mail == self.mail:
                raise TypeError("whatever")
            return true(mail, is_asked)

        with patch.object(type(self.mail), "_task", task):
            self._run()
        self.assertEqual((self.mail.state, other.state), ("failed", "sent"))
        self.assertIn("TypeError", self.mail.message)

    def test_what_passes_is_left_to_the_next_run(self):
        for error in (OSError(28, "No space left"), OSError(24, "Too many files")):
            with (
                patch.object(type(self.mail), "_task", side_effect=error),
                self.assertRaises(OSError),
            ):
                self._run()
            self.env.invalidate_all()
            self.assertEqual((self.mail.state, self.mail.try_count), ("waiting", 0))

    def test_a_mail_that_is_asked_for_needs_no_files(self):
        outbox = self.mail.with_user(self.env.ref("base.user_root"))
        outbox._take([])
        self._lose(b"")
        self.mail.sudo().retry_at = self.env.cr.now() - timedelta(minutes=1)
        task = outbox._take([])
        self.assertEqual((task.is_asked, task.mail.files), (True, ()))

    @mute_logger("odoo.sql_db")
    def test_who_makes_the_same_document_at_once_gets_the_one_file(self):
        """The row of the other one is not seen yet, its key is there."""
        documents = self.env["voip.document"]
        with (
            patch.object(type(documents), "search", lambda *_a, **_k: documents),
            self.assertRaises(ConcurrencyError),
        ):
            documents._make(self.invoice, "pdf")
        self.assertEqual(documents._make(self.invoice, "pdf").format, "pdf")


@tagged("post_install", "-at_install")
class TestHandOverFaults(OutboxCommon, UsageCommon):
    def setUp(self):
        super().setUp()
        self.moves = self.env["account.move"]
        for _turn in range(2):
            account = self._create_account(mode="postpaid", send_invoices=True)
            account.partner_id.email = "ada@customer.example"
            self._charge(account, [ONE])
            self.moves |= UsageCommon._run(self, account)
        self.outbox = self.env["voip.delivery"]

    def _hand_over(self):
        while self.outbox._hand_over_next():
            pass

    def _fail(self, error):
        first, true = self.moves.sorted("id")[0], type(self.outbox)._queue

        def queue(outbox, move, *args):
            if move == first:
                raise error
            return true(outbox, move, *args)

        return first, patch.object(type(self.outbox), "_queue", queue)

    @mute_logger(HAND_OVER)
    def test_an_invoice_that_cannot_be_queued_stops_no_other(self):
        first, fault = self._fail(KeyError("whatever"))
        with fault:
            self._hand_over()
        self.assertIn("KeyError", first.voip_mail_fault)
        self.assertTrue(first.activity_ids)
        self.assertEqual((self.moves - first).voip_delivery_count, 1)

    def test_what_passes_is_no_fault(self):
        for error in (OSError(28, "No space left"), ConcurrencyError("now")):
            first, fault = self._fail(error)
            with fault, self.assertRaises(type(error)):
                self._hand_over()
            self.assertFalse(first.voip_mail_fault)
        self._hand_over()
        self.assertEqual(sum(self.moves.mapped("voip_delivery_count")), 2)

    def test_that_no_worker_starts_is_no_fault(self):
        with patch.object(pool.Pool, "perform", side_effect=NoWorker("none")):
            with self.assertRaisesRegex(UserError, "try again in a minute"):
                self._hand_over()
        self.assertFalse(any(self.moves.mapped("voip_mail_fault")))
        self._hand_over()
        self.assertEqual(sum(self.moves.mapped("voip_delivery_count")), 2)

    def test_a_fault_says_why(self):
        first, fault = self._fail(UserError("because"))
        with fault:
            self._hand_over()
        self.assertEqual(first.voip_mail_fault, "because")
