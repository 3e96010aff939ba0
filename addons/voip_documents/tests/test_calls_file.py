"""The calls of an invoice as a file: all of them, and nobody else's."""

import csv
import io
import re
from decimal import Decimal
from hashlib import sha256
from unittest.mock import patch
from zipfile import ZipFile

from pyarrow import parquet

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.voip_billing_base.tests.attack_texts import (
    FORMULAS,
    NAMES,
    formula_of,
)

from ..calls import account_move, calls_file
from ..engine.cells import file_name
from .names_common import PlainNames
from .usage_common import ONE, UsageCommon


@tagged("post_install", "-at_install")
class TestCallsFile(PlainNames, UsageCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.account = self._create_account(mode="postpaid", credit_limit=10**6)
        other = self._create_account(mode="postpaid", credit_limit=10**6)
        self.called = ["442071234567", "+33142685300", "=1+1", "-2+3", None]
        for account in (self.account, other):
            rates = [ONE // 100 * (1 + index) for index in range(len(self.called))]
            self._rows(account, self._charge(account, rates))
        self.invoice = self._run(self.account)
        self._run(other)

    def _rows(self, account, summaries):
        """One row of usage for each summary."""
        for index, summary in enumerate(summaries):
            self.env.cr.execute(
                "INSERT INTO voip_usage_row (id, started_at, company_id, account_id,"
                " summary_id, source_ref, called, amount, billed_seconds)"
                " SELECT nextval('voip_usage_row_block_seq'), %s, %s, %s, id, %s, %s,"
                " amount, seconds %% 400000 FROM voip_usage_summary WHERE id = %s",
                [
                    f"{self.day} 23:30:00",
                    self.env.company.id,
                    account.id,
                    f"{account.code}-{index}",
                    self.called[index],
                    summary,
                ],
            )

    def _content(self, format_="csv"):
        name, kind, file, size, digest = self.invoice._voip_calls_file(format_)
        with file:
            content = file.read()
        self.assertEqual((len(content), sha256(content).hexdigest()), (size, digest))
        self.assertTrue(name.endswith(f" calls.{kind}"))
        return content

    def _read(self, content):
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    def test_every_call_of_the_invoice_and_no_other(self):
        rows = self._read(self._content())
        self.assertEqual(
            [row["Call ID"] for row in rows],
            [f"{self.account.code}-{index}" for index in range(len(self.called))],
        )
        summaries = self.invoice.invoice_line_ids.voip_summary_ids
        self.env.cr.execute(
            "SELECT sum(amount)::text FROM voip_usage_summary WHERE id = ANY(%s)",
            [summaries.ids],
        )
        total = sum(Decimal(row["Amount"]) for row in rows)
        self.assertEqual(total, Decimal(self.env.cr.fetchone()[0]))
        self.assertEqual({row["Currency"] for row in rows}, {"USD"})
        self.assertEqual({row["Start"] for row in rows}, {f"{self.day} 23:30:00"})

    def test_starts_are_of_the_accounts_time_zone(self):
        self.account.tz = "Asia/Kolkata"
        starts = {row["Start"] for row in self._read(self._content())}
        [start] = starts
        self.assertTrue(start.endswith("05:00:00"))

    def test_no_cell_is_a_formula(self):
        called = [row["Called"] for row in self._read(self._content())]
        self.assertEqual(
            called, ["442071234567", "+33142685300", "'=1+1", "'-2+3", ""]
        )

    def test_no_text_is_a_formula(self):
        """What PostgreSQL writes is what the engine of documents writes; a program
        that takes another delimiter reads none either."""
        cell = calls_file.harmless("given")
        texts = {*FORMULAS, *(f"1{mark}{text}" for text in FORMULAS for mark in ";\t")}
        self.env.cr.execute(
            f"SELECT given, {cell} FROM unnest(%s) AS given", [list(texts)]
        )
        found = dict(self.env.cr.fetchall())
        self.assertEqual(set(found), texts)
        for text, written in found.items():
            with self.subTest(text=text):
                self.assertFalse(formula_of(written))
                for piece in re.split(r"[;\t]", written):
                    self.assertFalse(formula_of(piece.strip()))
                self.assertEqual(written.replace("'", ""), text.replace("'", ""))
        kept = {name for name, sql, kind in calls_file.COLUMNS if "CASE" in sql}
        texts = {"Call ID", "Account", "Service", "Caller", "Called", "Destination"}
        self.assertEqual(kept, texts)

    def test_many_come_zipped(self):
        with patch.object(account_move, "PLAIN_ROWS", 3):
            content = self._content()
        with ZipFile(io.BytesIO(content)) as book:
            [name] = book.namelist()
            self.assertEqual(len(self._read(book.read(name))), len(self.called))

    def test_a_zip_holds_one_plain_name_whatever_the_invoice_is_called(self):
        for text in NAMES:
            with self.subTest(text=text):
                name = file_name(f"{text} calls", "zip").removesuffix(".zip")
                self.env.flush_all()
                written = calls_file.write(
                    self.env.cr, "SELECT 1 AS \"A\"", "zip", name
                )
                with written[0] as file, ZipFile(file) as book:
                    [inside] = book.namelist()
                self.assertEqual(inside, f"{name}.csv")
                self.assertPlainName(inside)

    def test_parquet_is_typed(self):
        table = parquet.read_table(io.BytesIO(self._content("parquet")))
        self.assertEqual(table.num_rows, len(self.called))
        amounts = [amount.as_py() for amount in table["Amount"]]
        rows = self._read(self._content())
        self.assertEqual(amounts, [Decimal(row["Amount"]) for row in rows])
        self.assertEqual(str(table.schema.field("Billed (s)").type), "int64")

    def test_the_browser_gets_it_with_its_digest(self):
        user = self._user("viewer")
        self.authenticate(user.login, user.login)
        answer = self.url_open(f"/voip/invoice/{self.invoice.id}/calls/csv")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(len(self._read(answer.content)), len(self.called))
        self.assertIn("sha-256=:", answer.headers["Repr-Digest"])
        for path in ("0/calls/csv", f"{self.invoice.id}/calls/exe"):
            with self.subTest(path=path):
                self.assertEqual(
                    self.url_open(f"/voip/invoice/{path}").status_code, 404
                )

    def _user(self, role, company=None):
        company = company or self.env.company
        return new_test_user(
            self.env,
            login=f"calls_{role}_{company.id}",
            password=f"calls_{role}_{company.id}",
            groups=f"voip_billing_base.group_voip_{role},account.group_account_invoice",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def test_another_companys_manager_gets_nothing(self):
        other = self.setup_other_company(name="Other Ltd")["company"]
        user = self._user("manager", other)
        move = self.invoice.with_user(user).with_context(allowed_company_ids=other.ids)
        with self.assertRaises(AccessError):
            move._voip_calls_file("csv")
        self.authenticate(user.login, user.login)
        answer = self.url_open(f"/voip/invoice/{self.invoice.id}/calls/csv")
        self.assertEqual(answer.status_code, 404)
