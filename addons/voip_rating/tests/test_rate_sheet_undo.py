"""Rate sheets are undone exactly, by who may, and never behind a deck's back."""

from datetime import datetime
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.voip_billing_base.charge.transaction import RetryTransaction

from ..imports.work import Work
from .import_common import NOW, ImportCommon, sheet


@tagged("post_install", "-at_install")
class TestRateSheetUndo(ImportCommon):
    def test_an_undo_gives_back_every_version_with_its_id(self):
        before = self._table()
        found = self._apply(
            sheet(
                "44;United Kingdom;0.012;2026-12-01",
                "44;United Kingdom;0.01;",
                "33;;0.1;1970-01-01",
                "4479;;0.1;",
            ),
            mode="full",
            past="back",
        )
        self.assertNotEqual(self._table(), before)
        found.action_undo()
        self.assertEqual(self._table(), before)
        self.assertEqual(found.state, "undone")

    def test_an_archived_deck_takes_no_sheet_but_gives_one_back(self):
        applied = self._apply(sheet("44;;0.02;"))
        waiting = self._import(sheet("33;;1;"))
        self.deck.active = False
        with self.assertRaisesRegex(UserError, "archived: unarchive it"):
            waiting.action_preview()
        form = etree.fromstring(self.deck.get_view(view_type="form")["arch"])
        (button,) = form.xpath("//button[@name='action_import_rates']")
        self.assertIn("not active", button.get("invisible"))
        applied.action_undo()
        self.deck.active = True
        waiting.action_preview()
        self.deck.active = False
        with self.assertRaisesRegex(UserError, "archived: unarchive it"):
            waiting.action_apply()

    def test_no_call_of_the_company_is_rated_at_the_end_of_an_apply_or_in_an_undo(self):
        self.assertEqual(self._company_locks(), 0)
        with self.env.cr.savepoint() as savepoint:
            self._apply(sheet("44;;0.02;"))
            self.assertEqual(self._company_locks(), 1)
            savepoint.rollback()
        found = self._apply(sheet("44;;0.02;"))
        found.action_undo()
        self.assertEqual(self._company_locks(), 1)

    def _company_locks(self):
        self.env.cr.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND pid = pg_backend_pid() AND objid = %s",
            [self.deck.company_id.id],
        )
        return self.env.cr.fetchone()[0]

    def _call_before_writing(self, found):
        """Rate a call of five minutes ago while ``found`` is applied."""
        account = self._create_account(deck_id=self.deck.id)
        record = {
            "call_id": "meanwhile",
            "called": "442071234567",
            "start": "2026-03-10T11:55:00Z",
            "duration": "60",
            "answered": True,
            "trunk": self._create_trunk(account).code,
        }
        switch, write = self._create_switch(), Work._write_deck

        def rated(work, final):
            answer = self.env["voip.cdr"].ingest(
                switch=switch.code, records=[record], rate_now=True
            )
            self.assertEqual(answer["rated"], 1)
            write(work, final)

        with patch.object(Work, "_write_deck", rated):
            found.action_apply()

    def test_a_version_lasts_until_the_call_that_it_rated_meanwhile(self):
        found = self._preview(sheet("44;;0.02;2026-03-10 11:00"), past="back")
        self._call_before_writing(found)
        ends = self.deck.rate_ids.filtered_domain([("prefix", "=", "44")]).mapped(
            "effective_to"
        )
        self.assertEqual(sorted(filter(None, ends)), [datetime(2026, 3, 10, 11, 55, 1)])

    def test_a_version_that_rated_a_call_meanwhile_is_not_replaced(self):
        rates = [{"prefix": "44", "price_per_minute": "1",
                  "effective_from": "2026-03-10 11:30:00"}]
        self.assertTrue(self.deck._load(rates)["applied"])
        found = self._preview(sheet("44;;0.02;2026-03-10 11:30"), past="back")
        with self.assertRaises(RetryTransaction), self.env.cr.savepoint():
            self._call_before_writing(found)

    def test_a_version_that_was_replaced_comes_back(self):
        self.deck._load(
            [{"prefix": "49", "price_per_minute": "1", "effective_from": "2026-12-01"}]
        )
        before = self._table()
        found = self._apply(sheet("49;;2;2026-12-01"))
        self.assertEqual(len(self._table()), len(before))
        found.action_undo()
        self.assertEqual(self._table(), before)

    def test_a_version_comes_back_without_what_was_deleted_meanwhile(self):
        zone = self.env["voip.destination"].create({"name": "Ruritania", "code": "RU"})
        rate = {"prefix": "49", "price_per_minute": "1", "effective_from": "2026-12-01"}
        self.deck._load([{**rate, "destination": zone.name}])
        found = self._apply(sheet("49;Elsewhere;2;2026-12-01"))
        self.deck.rate_ids.filtered(lambda one: one.prefix == "49").destination_id = (
            False
        )
        zone.unlink()
        found._keep({"applied_revision": found._revision()})
        found.action_undo()
        rate = self.deck.rate_ids.filtered(lambda one: one.prefix == "49")
        self.assertEqual((rate.price_per_minute, rate.destination_id.id), (1, False))

    def test_imports_are_undone_from_the_last_one_back(self):
        before = self._table()
        first = self._apply(sheet("44;;0.02;"))
        second = self._apply(sheet("33;;0.02;"))
        with self.assertRaisesRegex(UserError, "changed after this import"):
            first.action_undo()
        second.action_undo()
        first.action_undo()
        self.assertEqual(self._table(), before)

    def test_a_deck_that_changed_since_the_preview_is_not_touched(self):
        found = self._preview(sheet("44;;0.02;"))
        self.deck._load([{"prefix": "33", "price_per_minute": "1"}])
        before = self._table()
        with self.assertRaisesRegex(UserError, "changed since the preview"):
            found.action_apply()
        self.assertEqual(self._table(), before)

    def test_nothing_is_applied_without_a_preview_of_these_settings(self):
        found = self._import(sheet("44;;0.02;"))
        with self.assertRaises(UserError):
            found.action_apply()
        found.action_preview()
        found.mode = "full"
        self.assertEqual((found.state, self._rows(found)), ("draft", []))
        with self.assertRaises(UserError):
            found.action_apply()

    def test_an_applied_import_stays_as_it_was(self):
        found = self._apply(sheet("44;;0.02;"))
        for attempt in (
            lambda: found.write({"mode": "full"}),
            lambda: found.write({"file": False}),
            lambda: found.column_ids[0].write({"target": False}),
            lambda: found.action_preview(),
            lambda: found.action_apply(),
            lambda: found.unlink(),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_the_check_sees_another_file_than_the_one_applied(self):
        found = self._apply(sheet("44;UK;0.012;"))
        check = self.env["voip.check"].sudo()

        def violated():
            results = check.run(full=True)
            names = [r["name"] for r in results if r["violations"]]
            return {name for name in names if name in ("sheets", "files")}

        self.assertEqual(violated(), set())
        file = self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", found._name),
                ("res_id", "=", found.id),
                ("res_field", "=", "file"),
            ]
        )
        file.raw = b"Code;Price\n44;0.99"
        self.assertEqual(violated(), {"files"})
        digest = "0" * 64
        self.env.cr.execute(
            "UPDATE voip_rate_import SET sha256 = %s WHERE id = %s", [digest, found.id]
        )
        self.assertEqual(violated(), {"sheets", "files"})

    def test_another_file_than_the_one_previewed_is_not_applied(self):
        found = self._preview(sheet("44;UK;0.012;"))
        manager = new_test_user(
            self.env, "sheet_files", "voip_billing_base.group_voip_manager"
        )
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", found._name),
                ("res_id", "=", found.id),
                ("res_field", "=", "file"),
            ]
        )
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            file.with_user(manager).raw = b"Code;Price\n44;0.99"
        file.sudo().raw = sheet("44;UK;0.99;")
        found.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "SHA-256 differs"):
            found.action_apply()

    def test_an_exported_deck_imports_without_a_change(self):
        deck = self._create_deck(
            [
                {"prefix": "44", "price_per_minute": "0.01234567", "destination": "UK"},
                {"prefix": "447", "blocked": True},
                {"prefix": "1", "price_intra": "0.004", "connect_fee": "0.1"},
                {"prefix": "1", "effective_from": "2026-12-01", "max_charge": "9"},
                {"prefix": "33", "origin_prefix": "49", "next_increment": 60},
            ],
            tz="America/New_York",
        )
        for mode in ("partial", "full"):
            before = self._table(deck)
            found = self._apply(deck._export_rates(), deck=deck, mode=mode)
            self.assertEqual({row[1] for row in self._rows(found)}, {"unchanged"})
            self.assertEqual(found.unchanged_count, 5)
            self.assertEqual(self._table(deck), before)

    def test_a_call_that_a_new_version_rated_stops_the_undo(self):
        found = self._apply(sheet("44;;0.02;"))
        account = self._create_account(deck_id=self.deck.id)
        trunk, switch = self._create_trunk(account), self._create_switch()
        moment = fields.Datetime.to_string(NOW)
        self.env["voip.cdr"].ingest(
            switch=switch.code,
            records=[
                {
                    "call_id": "import-1",
                    "called": "441234567890",
                    "start": f"{moment}Z",
                    "answer": f"{moment}Z",
                    "duration": "60",
                    "trunk": trunk.code,
                }
            ],
            rate_now=True,
        )
        with self.assertRaisesRegex(UserError, "was rated with the new version of 44"):
            found.action_undo()

    def test_only_managers_import_and_the_audit_trail_knows(self):
        for group in ("viewer", "user", "auditor"):
            user = new_test_user(
                self.env,
                f"import-{group}",
                groups=f"voip_billing_base.group_voip_{group}",
                company_id=self.env.company.id,
            )
            found = self._preview(sheet("44;;0.02;"))
            with self.subTest(group=group):
                for method in ("action_preview", "action_apply"):
                    with self.assertRaises(AccessError):
                        getattr(found.with_user(user), method)()
                with self.assertRaises(AccessError):
                    found.with_user(user).create({"deck_id": self.deck.id})
        manager = new_test_user(
            self.env,
            "import-manager",
            groups="voip_billing_base.group_voip_manager",
            company_id=self.env.company.id,
        )
        sheets = self.env["voip.rate.import"].with_user(manager)
        found = sheets.create(
            {"deck_id": self.deck.id, "file": self._import(sheet("44;;0.03;")).file}
        )
        found.action_preview()
        found.action_apply()
        found.action_undo()
        events = self.env["voip.audit"].search(
            [("res_id", "=", self.deck.id), ("event", "like", "rate_import")],
            order="id",
        )
        self.assertEqual(
            events.mapped("event"), ["rate_import_apply", "rate_import_undo"]
        )
        self.assertIn(found.sha256, events[0].data)

    def test_a_deck_of_another_company_takes_no_sheet(self):
        there = self.env["res.company"].create({"name": "Elsewhere"})
        deck = self._create_deck(company_id=there.id)
        manager = new_test_user(
            self.env,
            "import-here",
            groups="voip_billing_base.group_voip_manager",
            company_id=self.env.company.id,
        )
        sheets = self.env["voip.rate.import"].with_user(manager)
        with self.assertRaises(UserError):
            sheets.create({"deck_id": deck.id})
        foreign = self._import(sheet("44;;1;"), deck=deck)
        self.assertNotIn(foreign, sheets.search([]))


@tagged("post_install", "-at_install")
class TestRateFiles(ImportCommon, HttpCase):
    def test_files_of_rates_are_for_those_who_read_the_deck(self):
        found = self._preview(sheet("44;UK;abc;", "33;;1;"))
        there = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._create_deck([{"prefix": "44"}], company_id=there.id)
        new_test_user(
            self.env,
            "files-viewer",
            groups="voip_billing_base.group_voip_viewer",
            company_id=self.env.company.id,
        )
        deck = f"/voip/rate_deck/{self.deck.id}/rates.csv"
        self.assertNotIn("Code", self.url_open(deck).text)
        self.authenticate("files-viewer", "files-viewer")
        self.assertIn("447", self.url_open(deck).text)
        faulty = self.url_open(f"/voip/rate_import/{found.id}/faulty.csv")
        self.assertIn("'abc'", faulty.text)
        self.assertIn("rates-faulty.csv", faulty.headers["Content-Disposition"])
        answer = self.url_open(f"/voip/rate_deck/{foreign.id}/rates.csv")
        self.assertEqual(answer.status_code, 404)
        edges = ("0001-01-01", "0001-01-01T00:00%2B14:00", "9999-12-31T23:59-14:00")
        for query in (f"{name}={at}" for name in ("at", "since") for at in edges):
            self.assertEqual(self.url_open(f"{deck}?{query}").status_code, 400, query)
