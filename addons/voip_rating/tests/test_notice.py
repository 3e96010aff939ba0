"""What a customer is told: what differs from what was delivered to him."""

import base64
import io
from datetime import timedelta
from hashlib import sha256

from freezegun import freeze_time
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .notice_common import NOW, NoticeCommon, moment

ALWAYS = moment("1970-01-01 00:00:00")
SOON = moment("2025-12-10 00:00:00")


@tagged("post_install", "-at_install")
class TestNotice(NoticeCommon):
    def test_the_first_notice_says_all_that_is_valid(self):
        notice = self._notice()
        self.assertTrue(notice.is_first)
        self.assertEqual(
            self._rows(notice),
            [("44", "new", 0, 0.01, ALWAYS), ("447", "new", 0, 0.05, ALWAYS)],
        )

    def test_the_next_notice_says_what_differs_from_the_one_delivered(self):
        self._deliver()
        self._load(("44", "0.02", "2025-12-10"), ("447", "0.04", "2025-12-05"))
        self._load(("33", "0.03", "2025-12-04"))
        notice = self._notice()
        self.assertFalse(notice.is_first)
        self.assertEqual(
            self._rows(notice),
            [
                ("33", "new", 0, 0.03, moment("2025-12-04 00:00:00")),
                ("44", "increased", 0.01, 0.02, SOON),
                ("447", "decreased", 0.05, 0.04, moment("2025-12-05 00:00:00")),
            ],
        )
        self.assertEqual(
            (notice.new_count, notice.increased_count, notice.decreased_count),
            (1, 1, 1),
        )

    def test_only_what_was_delivered_is_known(self):
        self._deliver()
        self._load(("44", "0.02", "2025-12-10"))
        notice = self._notice()
        said = self._rows(notice)
        notice.action_approve()
        self._sent(notice, "exception", failure_reason="No route")
        self.assertEqual((notice.state, notice.failure), ("failed", "No route"))
        again = self._notice()
        self.assertEqual(notice.state, "cancelled")
        self.assertEqual(self._rows(again), said)
        again.action_approve()
        self._sent(again)
        self.assertEqual(again.state, "delivered")
        self.assertFalse(self._notice())

    def test_a_change_that_was_announced_and_taken_back_is_announced(self):
        self._deliver()
        self._load(("44", "0.02", "2025-12-10"))
        self._deliver()
        self.deck.rate_ids.filtered(lambda r: r.effective_from == SOON).unlink()
        self.deck.rate_ids.filtered(lambda r: r.prefix == "44").effective_to = False
        notice = self._notice()
        self.assertEqual(
            self._rows(notice), [("44", "decreased", 0.02, 0.01, SOON)]
        )

    def test_each_step_is_compared_with_the_one_before(self):
        self._deliver()
        self._load(("44", "0.02", "2025-12-10"), ("44", "0.015", "2025-12-20"))
        self.assertEqual(
            self._rows(self._notice()),
            [
                ("44", "increased", 0.01, 0.02, SOON),
                ("44", "decreased", 0.02, 0.015, moment("2025-12-20 00:00:00")),
            ],
        )

    def test_a_code_that_ends_is_closed(self):
        self._deliver()
        rate = self.deck.rate_ids.filtered(lambda r: r.prefix == "447")
        rate.effective_to = SOON
        notice = self._notice()
        self.assertEqual(self._rows(notice), [("447", "closed", 0.05, 0, SOON)])

    def test_a_blocked_code_is_closed(self):
        self._deliver()
        self.deck._load(
            [{"prefix": "447", "blocked": True, "effective_from": "2025-12-10"}]
        )
        self.assertEqual(
            self._rows(self._notice(), "prefix", "status"), [("447", "closed")]
        )

    def test_whatever_makes_a_call_dearer_is_an_increase(self):
        cases = [
            ({"connect_fee": "0.01"}, "increased"),
            ({"price_per_minute": "0.005", "connect_fee": "0.01"}, "increased"),
            ({"initial_increment": 60}, "increased"),
            ({"grace_seconds": 2}, "decreased"),
            ({"max_charge": "1"}, "decreased"),
            ({"price_intra": "0.02"}, "increased"),
            ({"price_intra": "0.005"}, "decreased"),
            ({"price_per_minute": "0.005", "initial_increment": 1}, "decreased"),
        ]
        for values, expected in cases:
            deck = self._create_deck([{"prefix": "1"}])
            agreement = self._create_agreement(deck_ids=[(6, 0, deck.ids)])
            self._deliver(agreement)
            row = {"prefix": "1", "price_per_minute": "0.01"} | values
            deck._load([row | {"effective_from": "2025-12-24"}])
            with self.subTest(values=values):
                notice = self._notice(agreement)
                self.assertEqual(notice.row_ids.mapped("status"), [expected])

    def test_a_full_deck_has_the_unchanged_codes_too(self):
        self.agreement.content = "full"
        self._deliver()
        self._load(("44", "0.02", "2025-12-10"))
        self.assertEqual(
            self._rows(self._notice(), "prefix", "status", "price"),
            [
                ("44", "unchanged", 0.01),
                ("44", "increased", 0.02),
                ("447", "unchanged", 0.05),
            ],
        )

    def test_the_files_say_what_the_rows_say(self):
        self.agreement.tz = "Europe/Berlin"
        self._deliver()
        self._load(
            ("44", "0.02000001", "2025-12-24T00:00:00+01:00"),
            ("447", "0.04", "2025-12-24T00:00:00+01:00"),
        )
        notice = self._notice()
        header, *rows = self._csv(notice)
        self.assertEqual(header[:2], ["Code", "Destination"])
        row = dict(zip(header, rows[0], strict=True))
        self.assertEqual(row["Price per minute"], "0.02000001")
        self.assertEqual(row["Old price per minute"], "0.01")
        self.assertEqual(row["Change"], "Increase")
        self.assertEqual(row["Valid from"], "2025-12-24T00:00:00+01:00")
        self.assertEqual(row["Currency"], self.deck.currency_id.name)
        data = base64.b64decode(notice.xlsx)
        self.assertEqual(sha256(data).hexdigest(), notice.xlsx_sha256)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        rows = sheet.to_python()
        start = next(n for n, cells in enumerate(rows) if cells[0] == "Code")
        row = dict(zip(rows[start], rows[start + 1], strict=True))
        self.assertEqual(row["Price per minute"], 0.02000001)
        self.assertEqual(row["Valid from"], "2025-12-24 00:00")
        self.assertIn(["Currency", self.deck.currency_id.name], [r[:2] for r in rows])
        page = load_workbook(io.BytesIO(data)).active
        self.assertEqual(page.freeze_panes, f"A{start + 2}")
        self.assertEqual(page.page_setup.orientation, "landscape")
        first = [cell.value for cell in page[start + 1]].index("First increment")
        self.assertEqual(page[start + 2][first].number_format, "General")

    def test_terms_that_a_row_has_are_columns(self):
        self._deliver()
        self.assertNotIn("Minimum charge", self._csv(self.agreement.notice_ids)[0])
        self.deck._load(
            [
                {
                    "prefix": "447",
                    "price_per_minute": "0.05",
                    "min_charge": "0.01",
                    "price_intra": "0.06",
                    "effective_from": "2025-12-24",
                }
            ]
        )
        header, row = self._csv(self._notice())
        said = dict(zip(header, row, strict=True))
        self.assertEqual(said["Minimum charge"], "0.01")
        self.assertEqual(said["Intrastate price"], "0.06")
        self.assertNotIn("Local price", said)

    def test_names_are_no_formulas(self):
        self._load(("33", "1", "2025-12-04"))
        rate = self.deck.rate_ids.filtered(lambda r: r.prefix == "33")
        rate.label = "=1+1"
        names = [row[1] for row in self._csv(self._notice())]
        self.assertIn("'=1+1", names)

    def test_an_approved_notice_is_one_mail_with_its_files(self):
        contact = self.env["res.partner"].create(
            {"name": "NOC", "email": "noc@castor.example"}
        )
        self.agreement.contact_ids = self.customer | contact
        notice = self._notice()
        notice.action_approve()
        mail = notice.mail_id
        self.assertEqual((notice.state, mail.state), ("queued", "outgoing"))
        for address in ("noc@castor.example", "rates@castor.example"):
            self.assertIn(address, mail.email_to)
        self.assertFalse(mail.recipient_ids)
        self.assertEqual(
            sorted(mail.attachment_ids.mapped("name")),
            sorted([notice.xlsx_name, notice.csv_name]),
        )
        for file in mail.attachment_ids:
            kind = file.name.rpartition(".")[2]
            self.assertEqual(
                sha256(file.raw).hexdigest(), notice[f"{kind}_sha256"]
            )
        self.assertIn(notice.csv_sha256, mail.body_html)
        with self.assertRaisesRegex(UserError, "already"):
            notice.action_approve()

    def test_a_notice_is_where_its_mail_is(self):
        notice = self._notice()
        notice.action_approve()
        self._sent(notice, "exception", failure_reason="Refused")
        self.assertEqual(notice.state, "failed")
        notice.mail_id.mark_outgoing()
        self.assertEqual(notice.state, "queued")
        notice.mail_id.cancel()
        self.assertEqual(notice.state, "failed")
        notice.action_resend()
        self.assertEqual(notice.state, "queued")
        notice.mail_id.unlink()
        self.assertEqual(notice.state, "failed")
        notice.action_resend()
        self._sent(notice)
        self.assertEqual((notice.state, notice.delivered_at), ("delivered", NOW))
        with self.assertRaises(UserError):
            notice.action_resend()

    def test_while_a_notice_is_on_its_way_no_other_is_made(self):
        notice = self._notice()
        notice.action_approve()
        with self.assertRaisesRegex(UserError, "on its way"):
            self._notice()

    def test_what_was_sent_stays(self):
        notice = self._deliver()
        for attempt in (
            notice.unlink,
            notice.action_cancel,
            self.agreement.unlink,
            lambda: notice.write({"reason": "x"}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()

    def test_nobody_changes_files_of_a_notice_beside_it(self):
        notice = self._notice()
        manager = new_test_user(
            self.env, "notice_files", "voip_billing_base.group_voip_manager"
        )
        notice.with_user(manager).action_approve()
        files = self.env["ir.attachment"].with_user(manager)
        domain = [("res_model", "=", notice._name), ("res_id", "=", notice.id)]
        kept = files.search([*domain, ("res_field", "!=", False)])
        mailed = files.search([*domain, ("res_field", "=", False)])
        self.assertEqual((len(kept), len(mailed)), (2, 2))
        for file in kept + mailed:
            for attempt in (
                lambda file=file: file.write({"raw": b"44,0.99"}),
                lambda file=file: file.write({"res_id": notice.id + 1}),
                file.unlink,
            ):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    attempt()
        vals = {"name": "csv", "raw": b"44,0.99", "res_id": notice.id}
        place = {"res_model": notice._name, "res_field": "csv"}
        by_context = {f"default_{name}": value for name, value in place.items()}
        for attempt in (
            lambda: files.create(vals | place),
            lambda: files.with_context(**by_context).create(vals),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()

    def test_a_file_that_is_not_the_one_made_is_not_sent(self):
        notice = self._notice()
        self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", notice._name),
                ("res_id", "=", notice.id),
                ("res_field", "=", "csv"),
            ]
        ).raw = b"44,0.99"
        notice.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "SHA-256 differs"):
            notice.action_approve()

    def test_the_check_sees_what_became_of_notices_behind_its_back(self):
        notice = self._deliver()
        checks = ("notices", "files")
        self.assertEqual(self._violated(*checks), set())
        for statement, seen in (
            ("UPDATE voip_rate_notice SET csv_sha256 = 'x' WHERE id = %s", {*checks}),
            ("UPDATE voip_rate_notice SET state = 'failed' WHERE id = %s", {"notices"}),
            (
                "DELETE FROM ir_attachment WHERE res_model = 'voip.rate.notice'"
                " AND res_field = 'xlsx' AND res_id = %s",
                {"files"},
            ),
        ):
            with self.subTest(statement=statement):
                savepoint = self.env.cr.savepoint()
                self.env.cr.execute(statement, [notice.id])
                self.assertEqual(self._violated(*checks), seen)
                savepoint.close(rollback=True)

    def _violated(self, *names):
        results = self.env["voip.check"].sudo().run(full=True)
        return {r["name"] for r in results if r["name"] in names and r["violations"]}

    def test_what_needs_no_notice_is_told_after_it_is_valid(self):
        self._deliver()
        self._load(("447", "0.04", None))
        with freeze_time(NOW + timedelta(hours=1)):
            notice = self._notice()
            self.assertFalse(notice.warning)
            notice.action_approve()
            self.assertEqual(self._sent(notice).late_count, 0)

    def test_a_notice_says_who_gets_it_before_it_is_approved(self):
        silent = self.env["res.partner"].create({"name": "Pollux"})
        self.agreement.contact_ids = self.customer + silent
        notice = self._notice()
        self.assertEqual(
            sorted(notice.sends_to.split(", ")),
            ['"Castor Telecom" <rates@castor.example>', "Pollux (no e-mail address)"],
        )
        notice.action_approve()
        self.assertFalse(notice.sends_to)

    def test_a_notice_needs_an_address(self):
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "Castor Telecom has no e-mail"):
            self._notice().action_approve()

    def test_managers_send_notices_and_viewers_read_them(self):
        notice = self._notice()
        for role in ("viewer", "user"):
            user = new_test_user(
                self.env, f"notice_{role}", f"voip_billing_base.group_voip_{role}"
            )
            with self.assertRaises(AccessError):
                notice.with_user(user).action_approve()
            with self.assertRaises(AccessError):
                self.agreement.with_user(user).action_make_notice()
            self.assertTrue(notice.with_user(user).row_ids.read())
        manager = new_test_user(
            self.env, "notice_manager", "voip_billing_base.group_voip_manager"
        )
        self._load(("44", "0.02", "2025-12-24"))
        self.agreement.with_user(manager).action_make_notice()
        notice = self.agreement.notice_ids.sorted("id")[-1]
        notice.with_user(manager).action_approve()
        self.assertEqual(notice.approved_by, manager)

    def test_an_agreement_is_about_decks_of_its_direction(self):
        deck = self._create_deck(side="supplier")
        with self.assertRaisesRegex(ValidationError, deck.name):
            self._create_agreement(deck_ids=[(6, 0, deck.ids)])

    def test_an_agreement_is_for_an_account_of_its_partner(self):
        account = self._create_account()
        with self.assertRaises(ValidationError):
            self._create_agreement(account_id=account.id)

    def test_working_days_are_those_of_the_schedule(self):
        schedule = self.env["resource.calendar"].create({"name": "W", "tz": "UTC"})
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": schedule.id,
                "date_from": "2025-12-08 00:00:00",
                "date_to": "2025-12-08 23:59:59",
            }
        )
        self.agreement.write({"calendar_id": schedule.id, "days_increased": 3})
        # Thursday, Friday and Tuesday count: the weekend and the holiday do not.
        self.assertEqual(
            self.agreement._earliest(NOW)["increased"], moment("2025-12-09 00:00:00")
        )
