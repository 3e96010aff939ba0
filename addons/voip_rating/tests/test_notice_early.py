"""A change that is valid before its notice is due is refused or has a reason."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .import_common import sheet
from .notice_common import NOW, NoticeCommon, moment


@tagged("post_install", "-at_install")
class TestNoticeEarly(NoticeCommon):
    def _errors(self, result):
        return [(e["index"], e["code"]) for e in result["errors"]]

    def test_an_increase_too_early_is_refused_by_name(self):
        result = self._load(("33", "1", "2025-12-04"), ("44", "0.02", "2025-12-09"))
        self.assertEqual(self._errors(result), [(1, "notice")])
        self.assertFalse(result["applied"])
        message = result["errors"][0]["message"]
        for word in ("Castor Telecom", "44", "2025-12-10 00:00 UTC"):
            self.assertIn(word, message)
        self.assertEqual(len(self.deck.rate_ids), 2)

    def test_an_increase_in_time_and_a_decrease_at_once_are_loaded(self):
        result = self._load(("44", "0.02", "2025-12-10"), ("447", "0.04", None))
        self.assertTrue(result["applied"])

    def test_a_dry_run_says_what_would_be_refused(self):
        result = self._load(("44", "0.02", None), dry_run=True)
        self.assertEqual(self._errors(result), [(0, "notice")])

    def test_a_refused_load_takes_nothing_else_back(self):
        self.agreement.days_new = 3
        self.assertFalse(self._load(("44", "0.02", None))["applied"])
        self.assertEqual(self.agreement.days_new, 3)

    def test_codes_that_a_full_load_closes_too_early_have_no_row(self):
        result = self._load(("44", "0.01", None), mode="full")
        self.assertEqual(self._errors(result), [(None, "notice")])
        self.assertIn("447", result["errors"][0]["message"])
        self.assertEqual((result["closed"], result["fallbacks"]), (0, []))

    def test_a_reason_shortens_the_notice_and_is_kept(self):
        result = self._load(("44", "0.02", None), notice_reason="By phone")
        self.assertTrue(result["applied"])
        rate = self.deck.rate_ids.filtered(lambda r: r.effective_from == NOW)
        self.assertEqual(rate.notice_reason, "By phone")
        log = self.env["voip.audit"].search([("event", "=", "notice_shorten")])
        self.assertIn("By phone", log[0].data)
        self.assertIn("Castor Telecom", log[0].data)

    def test_the_reason_is_printed(self):
        self._deliver()
        self._load(("44", "0.02", "2025-12-05"), notice_reason="By phone")
        notice = self._notice()
        self.assertEqual(self._rows(notice, "reason"), [("By phone",)])
        self.assertEqual(self._csv(notice)[1][-2], "By phone")
        notice.action_approve()
        self.assertEqual(self._sent(notice).late_count, 0)

    def test_a_notice_of_changes_that_are_too_early_asks_for_a_reason(self):
        self._deliver()
        self._load(("44", "0.02", "2025-12-10"))
        self.agreement.days_increased = 14
        notice = self._notice()
        self.assertIn("44", notice.warning)
        with self.assertRaisesRegex(UserError, "2025-12-17"):
            notice.action_approve()
        with Form(notice) as form:
            form.reason = "Agreed by phone"
            self.assertFalse(form.warning)
        notice.action_approve()
        self.assertEqual(self._csv(notice)[1][-2], "Agreed by phone")

    def test_a_notice_of_a_deck_that_changed_since_is_not_sent(self):
        notice = self._notice()
        self._load(("44", "0.02", "2026-01-10"))
        notice.invalidate_recordset()
        self.assertIn("changed since this notice was made", notice.warning)
        with self.assertRaisesRegex(UserError, "make a new notice"):
            notice.action_approve()
        self.assertTrue(self._deliver())
        self.assertEqual(notice.state, "cancelled")

    def test_a_notice_of_a_deck_that_changed_since_leads_to_a_new_one(self):
        other = self._create_deck([{"prefix": "33", "price_per_minute": "0.01"}])
        self.agreement.deck_ids |= other
        notice, beside = self._notice()
        self.assertFalse(notice.is_outdated)
        self._load(("44", "0.02", "2026-01-10"))
        notice.invalidate_recordset()
        self.assertTrue(notice.is_outdated)
        made = notice.browse(notice.action_make_again()["res_id"])
        self.assertEqual((made.deck_id, made.is_outdated), (self.deck, False))
        self.assertEqual((notice.state, beside.state), ("cancelled", "draft"))
        self.assertFalse(notice.is_outdated)

    def test_a_notice_that_was_delivered_too_late_says_so(self):
        self._deliver()
        self._load(("44", "0.02", "2025-12-10"))
        notice = self._notice()
        notice.action_approve()
        self.agreement.days_increased = 14
        self.assertEqual(self._sent(notice).late_count, 1)

    def test_what_was_announced_may_come_true(self):
        self._deliver()
        self._load(("44", "0.02", "2025-12-10"))
        self._deliver()
        self.deck.rate_ids.filtered(
            lambda r: r.effective_from == moment("2025-12-10 00:00:00")
        ).unlink()
        self.agreement.days_increased = 14
        self.assertTrue(self._load(("44", "0.02", "2025-12-10"))["applied"])

    def test_decks_without_an_agreement_and_new_ones_are_loaded_as_before(self):
        other = self._create_deck([{"prefix": "44"}])
        self.assertTrue(self._load(("44", "9", None), deck=other)["applied"])
        self.agreement.active = False
        self.assertTrue(self._load(("44", "9", None))["applied"])

    def test_a_supplier_s_agreement_refuses_nothing_of_ours(self):
        deck = self._create_deck([{"prefix": "44"}], side="supplier")
        self._create_agreement(direction="supplier", deck_ids=[(6, 0, deck.ids)])
        self.assertTrue(self._load(("44", "9", None), deck=deck)["applied"])

    def test_rates_that_people_change_are_announced_in_time_too(self):
        rates = self.env["voip.rate"]
        rate = self.deck.rate_ids.filtered(lambda r: r.prefix == "447")
        new = {"deck_id": self.deck.id, "prefix": "44", "price_per_minute": 0.02}
        early = {**new, "effective_from": "2025-12-05 00:00:00"}
        for attempt in (
            lambda: rates.create(early),
            lambda: rates.with_context(default_deck_id=self.deck.id).create(
                {name: early[name] for name in early if name != "deck_id"}
            ),
            lambda: rate.write({"effective_to": "2025-12-05 00:00:00"}),
            rate.action_close,
            rate.unlink,
            lambda: self.deck.write({"rate_ids": [(0, 0, early)]}),
        ):
            with self.assertRaisesRegex(UserError, "Castor"), self.env.cr.savepoint():
                attempt()
        rates.create({**new, "effective_from": "2025-12-10 00:00:00"})
        rates.create({**early, "notice_reason": "By phone"})
        rate.write({"effective_to": "2025-12-05 00:00:00", "closing_reason": "Fraud"})
        self.assertEqual(rate.closing_reason, "Fraud")

    def test_blanks_are_no_reason(self):
        answer = self._load(("44", "0.02", "2025-12-05"), notice_reason="")
        self.assertEqual(answer["errors"][0]["code"], "notice")
        rates = [{"prefix": "44", "price_per_minute": "0.02"}]
        answer = self.env["voip.rate.deck"].load(
            deck=self.deck.code, rates=rates, notice_reason=" \t ", dry_run=True
        )
        self.assertEqual(answer["errors"][0]["code"], "notice")
        new = {"deck_id": self.deck.id, "prefix": "44", "price_per_minute": 0.02}
        with self.assertRaisesRegex(UserError, "Castor"), self.env.cr.savepoint():
            self.env["voip.rate"].create({**new, "notice_reason": "  "})
        self._deliver()
        self._load(("44", "0.03", None), notice_reason="Fraud")
        self._load(("447", "0.06", None), notice_reason="By phone")
        self.env.cr.execute(
            "UPDATE voip_rate SET notice_reason = NULL WHERE deck_id = %s",
            [self.deck.id],
        )
        notice = self._notice()
        notice.reason = "  "
        self.assertIn("before their notice is due", notice.warning)
        with self.assertRaises(UserError):
            notice.action_approve()

    def test_a_reason_of_the_begin_says_nothing_about_the_end(self):
        self._deliver()
        self._load(("44", "0.02", "2025-12-05"), notice_reason="By phone")
        self._deliver()
        rate = self.deck.rate_ids.filtered("notice_reason")
        rate.write({"effective_to": "2025-12-20 00:00:00"})
        rows = self._rows(self._notice(), "status", "reason")
        self.assertEqual(rows, [("closed", False)])

    def test_a_generated_deck_is_announced_in_time_too(self):
        source = self._create_deck([{"prefix": "44", "price_per_minute": "1"}])
        generator = self.env["voip.rate.generator"].create(
            {
                "deck_id": self.deck.id,
                "source_ids": [(0, 0, {"deck_id": source.id})],
            }
        )
        sheet = self.env["voip.rate.import"].browse(
            generator.action_preview()["res_id"]
        )
        self.assertIn("Castor", sheet.early_text)
        with self.assertRaisesRegex(UserError, "Castor"), self.env.cr.savepoint():
            sheet.action_apply()

    def _import(self, data, **values):
        return self.env["voip.rate.import"].create(
            {
                "deck_id": self.deck.id,
                "file": base64.b64encode(data),
                "file_name": "rates.csv",
                **values,
            }
        )

    def test_an_import_says_it_in_its_preview_and_asks_for_a_reason(self):
        found = self._import(sheet("44;UK;0.02;2025-12-05", "447;;0.04;"))
        found.action_preview()
        self.assertEqual(found.early_count, 1)
        self.assertIn("2025-12-10", found.early_text)
        with self.assertRaisesRegex(UserError, "Castor"), self.env.cr.savepoint():
            found.action_apply()
        found.notice_reason = "By phone"
        found.action_apply()
        rate = self.deck.rate_ids.filtered("notice_reason")
        self.assertEqual((rate.prefix, rate.price_per_minute), ("44", 0.02))

    def test_an_undo_gives_back_what_a_reason_allowed(self):
        def table():
            self.env.flush_all()
            self.env.cr.execute(
                "SELECT to_jsonb(r) FROM voip_rate r WHERE deck_id = %s ORDER BY id",
                [self.deck.id],
            )
            return self.env.cr.fetchall()

        before = table()
        found = self._import(
            sheet("44;UK;0.01;"), mode="full", notice_reason="Fraud"
        )
        found.action_preview()
        found.action_apply()
        rate = self.deck.rate_ids.filtered(lambda r: r.prefix == "447")
        self.assertEqual(rate.closing_reason, "Fraud")
        found.action_undo()
        self.assertEqual(table(), before)

    def test_an_undo_of_what_was_announced_is_announced_in_time(self):
        self._deliver()
        for told in (False, True):
            found = self._import(sheet("44;UK;0.005;"))
            found.action_preview()
            found.action_apply()
            if not told:
                found.action_undo()
                continue
            self._deliver()
            with self.assertRaisesRegex(UserError, "Castor"):
                found.action_undo()

    def test_the_door_takes_a_reason_from_managers(self):
        manager = new_test_user(
            self.env, "early_manager", "voip_billing_base.group_voip_manager"
        )
        decks = self.env["voip.rate.deck"].with_user(manager)
        rates = [{"prefix": "44", "price_per_minute": "0.02"}]
        answer = decks.load(deck=self.deck.code, rates=rates)
        self.assertEqual(self._errors(answer), [(0, "notice")])
        with self.assertRaisesRegex(UserError, "notice_reason"):
            decks.load(deck=self.deck.code, rates=rates, notice_reason=1)
        answer = decks.load(deck=self.deck.code, rates=rates, notice_reason="Phone")
        self.assertTrue(answer["applied"])
        viewer = new_test_user(
            self.env, "early_viewer", "voip_billing_base.group_voip_viewer"
        )
        with self.assertRaises(AccessError):
            decks.with_user(viewer).load(
                deck=self.deck.code, rates=rates, notice_reason="Phone"
            )
