"""Documents of many invoices are made in the background; one that fails is named."""

from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from ..engine import pool
from ..making import account_move, run_work
from .outbox_common import OutboxCommon


@tagged("post_install", "-at_install")
class TestMaking(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.patch(account_move, "AT_ONCE", 1)
        other = self._create_account(mode="postpaid")
        other.partner_id.email = "bob@customer.example"
        self.broken = self._create_invoice(other)
        self.moves = self.invoice | self.broken | self._create_invoice(self.account)

    def _started(self, action="action_voip_make_documents"):
        found = getattr(self.moves, action)()
        self.assertEqual(found["res_model"], "voip.document.run")
        return self.env["voip.document.run"].browse(found["res_id"])

    def _work(self):
        with self.enter_registry_test_mode():
            self.env.ref("voip_documents.ir_cron_make").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_run_makes_all_and_tells_how_fast(self):
        run = self._started()
        self.assertEqual((run.progress, run.line_count), (0, 3))
        self._work()
        self.assertEqual((run.state, run.progress, run.done_count), ("done", 100, 3))
        self.assertGreater(run.rate, 0)
        documents = self.env["voip.document"].search(
            run.action_view_documents()["domain"]
        )
        self.assertEqual(len(documents), 9)
        for document in documents:
            document.action_check()

    def test_what_a_run_makes_is_what_is_made_at_once(self):
        self._started()
        self._work()
        documents = self.env["voip.document"]
        mine = [("move_id", "=", self.invoice.id)]
        made = documents.search(mine)
        self.assertEqual(documents._make(self.invoice), made.sorted("id"))
        self.assertEqual(documents.search(mine), made)

    def test_a_broken_invoice_is_named_and_the_rest_goes_on(self):
        run = self._started()
        kind = type(self.env["voip.document.kind.invoice"])
        data = kind._data

        def broken(model, subject, lang=None):
            found = data(model, subject, lang)
            if subject.record == self.broken:
                del found["lines"]
            return found

        with patch.object(kind, "_data", broken):
            self._work()
        self.assertEqual((run.state, run.progress), ("errors", 100))
        self.assertEqual((run.done_count, run.error_count), (2, 1))
        [line] = self.env["voip.document.run.line"].search(
            run.action_view_errors()["domain"]
        )
        self.assertEqual(line.move_id, self.broken)
        self.assertIn(self.broken.name, line.fault)
        run.action_go_on()
        self._work()
        self.assertEqual((run.state, run.done_count), ("done", 3))

    def test_pieces_are_committed_and_a_run_stops_and_goes_on(self):
        run = self._started()
        self.patch(run_work, "PIECE", 1)
        run.sudo()._work()
        self.assertEqual((run.done_count, run.state), (1, "running"))
        run.action_stop()
        self._work()
        self.assertEqual((run.done_count, run.state), (1, "stopped"))
        run.action_go_on()
        self._work()
        self.assertEqual((run.done_count, run.state), (3, "done"))

    def test_the_next_invoices_are_read_while_files_are_made(self):
        self._started()
        self.patch(run_work, "STEP", 1)
        happened, begin_all = [], pool.Pool.begin_all

        def begun(pool_, *args):
            happened.append("begun")
            ended = begin_all(pool_, *args)

            def told():
                happened.append("ended")
                return ended()

            return told

        with patch.object(pool.Pool, "begin_all", begun):
            self._work()
        self.assertEqual(
            happened, ["begun", "begun", "ended", "begun", "ended", "ended"]
        )
        runs = self.env["voip.document.run"].search([])
        self.assertEqual(set(runs.mapped("state")), {"done"})

    def test_the_page_of_a_run_is_read_again_while_it_works(self):
        arch = self.env["voip.document.run"].get_view(view_type="form")["arch"]
        widget = etree.fromstring(arch).find(".//widget[@name='voip_refresh']")
        self.assertEqual(widget.get("invisible"), "state != 'running'")

    def test_a_run_that_mails_puts_each_into_the_outbox(self):
        self.broken.partner_id.email = False
        run = self._started("action_voip_send")
        self._work()
        self.assertEqual((run.done_count, run.error_count), (2, 1))
        fault = run.line_ids.filtered("fault").fault
        self.assertIn("Nobody receives", fault)
        mails = self.env["voip.delivery"].search([("move_id", "in", self.moves.ids)])
        self.assertEqual(mails.move_id, self.moves - self.broken)
        # The run's transaction began after this one.
        mails.send_at = self.env.cr.now().replace(microsecond=0)
        self._run()
        self.assertEqual(len(self.server.mails), 2)

    def test_a_viewer_starts_and_stops_nothing(self):
        run = self._started()
        viewer = new_test_user(
            self.env,
            login="making_viewer",
            groups="voip_billing_base.group_voip_viewer,account.group_account_readonly",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        self.assertEqual(run.with_user(viewer).line_count, 3)
        for record, action in (
            (run, "action_stop"),
            (run, "action_go_on"),
            (self.moves, "action_voip_make_documents"),
            (self.moves, "action_voip_send"),
        ):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(record.with_user(viewer), action)()

    def test_the_settings_say_how_many_workers_there_are(self):
        settings = self.env["res.config.settings"]
        settings.create({"voip_document_workers": 3}).execute()
        self.assertEqual(self.env["voip.document.template"]._pool().size, 3)
        settings.create({"voip_document_workers": 0}).execute()
        self.assertEqual(
            self.env["voip.document.template"]._pool().size, pool.usual_size()
        )
        with self.assertRaises(ValidationError):
            settings.create({"voip_document_workers": 99})
