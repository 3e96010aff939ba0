"""Suppliers' lists of numbers: columns, preview, apply."""

import base64
import csv
import io

import xlsxwriter
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import NumbersCommon

HEADER = "Phone Number;Country;City;Type;MRC;Features;Block size"
ROWS = (
    "+49 30 555 1000;Germany;Berlin;Geographic;0,40;voice, sms;",
    "442071838750;GB;London;local;1,00;voice;",
    "030555;DE;Berlin;local;0,40;voice;",
    "4930556000;de;Berlin;local;0,35;voice;100",
    "4930555100x;DE;Berlin;local;0,40;voice;",
    "442071838750;GB;London;local;2,00;voice;",
    "18005550199;US;;Toll-Free;3,00;voice, pigeon;",
    "18005550100;US;;Toll Free;3,00;voice;",
    "4930557001;DE;;local;0,30;voice;100",
)


def coded(*rows, header=HEADER):
    return base64.b64encode("\n".join((header, *rows)).encode())


@tagged("post_install", "-at_install")
class TestNumbersImport(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create({"name": "Didhouse"})
        cls.dids = cls.env["voip.did"]

    def _import(self, *rows, header=HEADER, **values):
        return self.env["voip.did.import"].create(
            {
                "file": coded(*rows, header=header),
                "file_name": "list.csv",
                "supplier_id": self.supplier.id,
                **values,
            }
        )

    def _rows(self, sheet):
        return [(row.row, row.status, row.reason or "") for row in sheet.row_ids]

    def test_columns_are_found_and_the_preview_changes_nothing(self):
        sheet = self._import(*ROWS)
        found = {c.target: c.letter for c in sheet.column_ids if c.target}
        self.assertEqual(
            found,
            dict(
                number="A",
                country="B",
                area="C",
                kind="D",
                cost_monthly="E",
                capabilities="F",
                block="G",
            ),
        )
        self.assertEqual(sheet.mark, ",")
        sheet.action_preview()
        self.assertEqual(
            [(row, status) for row, status, _reason in self._rows(sheet)],
            [
                *((2, "new"), (3, "new"), (4, "faulty"), (5, "new"), (6, "faulty")),
                *((7, "faulty"), (8, "faulty"), (9, "new"), (10, "faulty")),
            ],
        )
        reasons = {row: reason for row, _s, reason in self._rows(sheet) if reason}
        for row, words in (
            (4, "Number: "),
            (4, "4 to 15 digits"),
            (7, "in row 3 already"),
            (8, "Capabilities (voice, sms, fax): must be a list"),
            (10, "ends with zeros"),
        ):
            self.assertIn(words, reasons[row])
        self.assertEqual((sheet.row_count, sheet.number_count), (9, 103))
        self.assertFalse(self.dids.search([("number", "=like", "49305%")]))

    def test_a_list_that_is_not_saved_yet_is_previewed_at_once(self):
        """The button saves what is open, as buttons do."""
        form = self.env["voip.did.import"].get_view(view_type="form")["arch"]
        button = etree.fromstring(form).find(".//button[@name='action_preview']")
        fresh = {"state": "draft", "sha256": False, "file": False}
        for file, hidden in ((False, True), ("cm93cw==", False)):
            known = {**fresh, "file": file}
            self.assertEqual(safe_eval(button.get("invisible"), known), hidden)

    def test_apply_is_all_or_nothing(self):
        sheet = self._import(*ROWS)
        with self.assertRefused(UserError, "Preview the list first"):
            sheet.action_apply()
        sheet.action_preview()
        with self.assertRefused(UserError, "5 rows are faulty"):
            sheet.action_apply()
        sheet.leave_faulty = True
        self.assertEqual(sheet.state, "draft")
        sheet.action_preview()
        sheet.action_apply()
        one = self.dids.search([("number", "=", "49305551000")])
        self.assertEqual(
            (one.area, one.kind, one.cost_monthly, one.has_sms, one.supplier_id),
            ("Berlin", "local", 0.4, True, self.supplier),
        )
        free = self.dids.search([("number", "=", "18005550100")])
        self.assertEqual((free.kind, free.country_id.code), ("toll_free", "US"))
        block = self.env["voip.did.block"].search([("number", "=", "4930556000")])
        self.assertEqual((block.size, block.did_ids[7].cost_monthly), ("100", 0.35))
        self.assertEqual(len(sheet.sha256), 64)
        self.assertEqual(sheet.applied_by, self.env.user)
        for call in (sheet.action_preview, sheet.action_apply):
            with self.assertRefused(UserError, "was applied"):
                call()
        with self.assertRefused(UserError, "stays, as the history"):
            sheet.unlink()

    def test_listed_numbers_are_as_others_are(self):
        values = {
            "number": "4930555100",
            "country_id": self.env.ref("base.de").id,
            "area": "Berlin",
            "cost_monthly": 0.123456789,
            "has_sms": True,
            "supplier_id": self.supplier.id,
        }
        made = self.dids.create(values)
        listed = self.dids._insert([{**values, "number": "4930555101"}])
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(d) - '{id,number,create_date,write_date}'::text[]"
            " FROM voip_did d WHERE id = ANY(%s) ORDER BY id",
            [(made | listed).ids],
        )
        rows = self.env.cr.fetchall()
        self.assertEqual(rows[0], rows[1])
        self.assertIn(listed, self.dids.search(listed._offer_domain(None, None)))

    def test_a_context_presets_nothing_of_what_the_program_keeps(self):
        sheet = self._import("4930555100;DE;Berlin;local;0,40;voice;")
        sheet.action_preview()
        account = self._create_account(code="numbers-3")
        sheet.with_context(
            default_state="assigned",
            default_reserved_for_id=account.id,
            default_active=False,
            default_block_id=1,
        ).action_apply()
        did = self.dids.search([("number", "=", "4930555100")])
        self.assertEqual(
            (did.state, did.active, did.reserved_for_id.id, did.block_id.id),
            ("free", True, False, False),
        )

    def test_the_next_list_maps_itself_and_tells_what_changes(self):
        row = "4930555100;0,40;Berlin"
        sheet = self._import(row, header="number;price now;place")
        targets = {c.letter: c for c in sheet.column_ids}
        self.assertFalse(targets["B"].target)
        targets["B"].target, targets["C"].target = "cost_monthly", "area"
        self.assertEqual(sheet.mark, ",")
        sheet.action_preview()
        sheet.action_apply()
        rows = ("4930555100;0,45;Berlin", "4930555101;0,40;Berlin")
        again = self._import(*rows, header="number;price now;place")
        self.assertEqual(
            [c.target for c in again.column_ids], ["number", "cost_monthly", "area"]
        )
        again.action_preview()
        self.assertEqual([r.status for r in again.row_ids], ["changed", "new"])
        self.assertEqual(again.row_ids[0].changes, "Monthly Cost")
        self.dids.create({"number": "4930555101"})
        with self.assertRefused(UserError, "has changed meanwhile"):
            again.action_apply()
        again.action_preview()
        again.action_apply()
        did = self.dids.search([("number", "=", "4930555100")])
        self.assertEqual(did.cost_monthly, 0.45)
        other = self._import(row, header="number;price now;place", supplier_id=False)
        self.assertFalse(other.column_ids[1].target)

    def test_a_workbook_keeps_numbers_whole(self):
        self.env.ref("base.EUR").active = True
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            book.add_worksheet("Terms").write(0, 0, "Prices are valid until further")
            sheet = book.add_worksheet("Numbers")
            sheet.write_row(0, 0, ["DID", "MRC", "Currency", "Channels"])
            sheet.write_row(1, 0, [4930555100, 0.4, "EUR", 30])
        found = self.env["voip.did.import"].create(
            {"file": base64.b64encode(stream.getvalue()), "file_name": "list.xlsx"}
        )
        self.assertEqual((found.sheet, found.header_row), ("Numbers", 1))
        found.action_preview()
        found.action_apply()
        did = self.dids.search([("number", "=", "4930555100")])
        self.assertEqual(
            (did.cost_monthly, did.cost_currency_id.name, did.channels),
            (0.4, "EUR", 30),
        )

    def test_what_is_no_list_is_refused_with_its_reason(self):
        with self.assertRefused(UserError, "this is a PDF"):
            self._import(header="%PDF-1.4")
        sheet = self._import("b;2", header="a;1")
        self.assertIn("Say in which row", sheet.question)
        with self.assertRefused(UserError, "Say in which row"):
            sheet.action_preview()
        clerk = new_test_user(
            self.env, "clerk", groups="voip_billing_base.group_voip_user"
        )
        with self.assertRaises(AccessError):
            sheet.with_user(clerk).action_preview()


@tagged("post_install", "-at_install")
class TestFaultyNumbers(NumbersCommon, HttpCase):
    def test_faulty_rows_come_back_as_a_file_with_their_reasons(self):
        sheet = self.env["voip.did.import"].create(
            {"file": coded(*ROWS), "file_name": "list.csv"}
        )
        sheet.action_preview()
        boss = new_test_user(
            self.env,
            "numbers-boss",
            password="numbers-boss",
            groups="voip_billing_base.group_voip_manager",
        )
        boss.company_ids = boss.company_id = self.env.company
        self.authenticate("numbers-boss", "numbers-boss")
        answer = self.url_open(sheet.action_download_faults()["url"])
        self.assertEqual(answer.status_code, 200)
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        self.assertEqual(len(rows), 1 + sheet.faulty_count)
        self.assertEqual((rows[0][0], rows[0][-1]), ("Phone Number", "Reason"))
        self.assertIn("4 to 15 digits", rows[1][-1])
        self.authenticate(None, None)
        self.assertNotIn("030555", self.url_open(answer.request.path_url).text)
