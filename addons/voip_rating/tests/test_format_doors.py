"""Calls in a format come in by each door and are charged alike."""

import base64
import json
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import VoipRatingCommon
from .test_formats import SAMPLES


@tagged("post_install", "-at_install")
class TestFormatDoors(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "33", "price_per_minute": "0.06"}])
        cls.account = cls._create_account(deck_id=deck.id, code="C0001")
        cls.switch = cls._create_switch(code="fmt")
        cls.telnyx = cls.env.ref("voip_rating.format_telnyx")

    def _day(self):
        """The day before, in place of the samples' day."""
        return str(self.env.cr.now().date() - timedelta(days=1))

    def _data(self, name="telnyx.csv"):
        data = (SAMPLES / name).read_text()
        day, month, year = reversed(self._day().split("-"))
        data = data.replace("01/10/2026", f"{day}/{month}/{year}")
        return data.replace("2026-10-01", self._day()).encode()

    def _records(self):
        lines = self._data().decode().splitlines()
        names = lines[0].split(",")
        return [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]

    def _charged(self, batch):
        usage = self.env["voip.usage"].search([("batch_id", "=", batch.id)])
        return sorted((row.source_ref, row.amount) for row in usage)

    CHARGED = [("leg-1", 0.06), ("leg-2", 0.0)]

    def test_json_records_of_a_switch_are_charged(self):
        answer = self.env["voip.cdr"].ingest(
            "fmt", self._records(), format="telnyx", rate_now=True
        )
        self.assertEqual((answer["errors"], answer["rated"]), ([], 2))
        self.assertEqual(answer["skipped"], 0)
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        self.assertEqual(batch.format_id, self.telnyx)
        self.assertEqual(self._charged(batch), self.CHARGED)

    def test_a_file_has_the_format_of_its_switch_or_the_one_stated(self):
        for switch_format, stated in ((self.telnyx, None), (False, self.telnyx)):
            self.switch.format_id = switch_format
            batch = self.env["voip.cdr.batch"]._take_file(
                self.switch, self._data(), "calls.csv", stated
            )
            batch._rate_here()
            self.assertEqual((batch.received, batch.lines, batch.skipped), (2, 2, 0))
            if switch_format:
                self.assertEqual(self._charged(batch), self.CHARGED)
            else:
                self.assertEqual(batch.duplicates, 2)

    def test_an_upload_takes_a_file_without_a_first_line(self):
        wizard = self.env["voip.cdr.upload"].create(
            {
                "switch_id": self.switch.id,
                "format_id": self.env.ref("voip_rating.format_uk_standard").id,
                "file": base64.b64encode(self._data("uk_standard.csv")),
                "file_name": "uk.csv",
            }
        )
        batch = self.env["voip.cdr.batch"].browse(wizard.action_upload()["res_id"])
        self.assertEqual((batch.received, batch.skipped, batch.lines), (2, 1, 3))
        self.assertEqual(self._charged(batch), [("UK-1", 0.06), ("UK-2", 0.0)])

    def _generic(self, call_id, **values):
        return {
            "call_id": call_id,
            "called": "33123456789",
            "start": f"{self._day()}T10:00:00Z",
            "answered": True,
            "duration": "60",
            "account": "C0001",
            **values,
        }

    def _upload_json(self, text):
        wizard = self.env["voip.cdr.upload"].create(
            {
                "switch_id": self._create_switch().id,
                "file": base64.b64encode(text.encode()),
                "file_name": "calls.json",
            }
        )
        return self.env["voip.cdr.batch"].browse(wizard.action_upload()["res_id"])

    def test_a_file_of_generic_json_is_taken_in_each_shape(self):
        one = self._generic("one")
        two = self._generic("two", duration=90, extra={"a": 1})
        charged = [("one", 0.06), ("two", 0.09)]
        for text in (
            json.dumps([one, two]),
            json.dumps([one, two], indent=1),
            f"{json.dumps(one)}\n\n{json.dumps(two)}\n",
            json.dumps({"calls": [one, two], "page": 0}),
        ):
            with self.subTest(text[:20]):
                batch = self._upload_json(text)
                self.assertEqual(self._charged(batch), charged)
                self.assertEqual(batch.lines, batch.received + batch.skipped)
        self.assertEqual(self._charged(self._upload_json(json.dumps(one))), charged[:1])
        self.assertWhole()

    def test_a_damaged_line_of_generic_json_is_refused_alone(self):
        lines = [json.dumps(self._generic(name)) for name in ("one", "two", "three")]
        lines[1] = lines[1][:-5]
        lines.insert(2, json.dumps(self._generic("four", _charge="9 GBP")))
        batch = self._upload_json("\n".join(lines))
        self.assertEqual(self._charged(batch), [("one", 0.06), ("three", 0.06)])
        self.assertEqual((batch.received, batch.in_error, batch.lines), (4, 2, 4))
        self.assertEqual(
            sorted(batch.error_ids.mapped("code")), ["bad_metadata", "missing_field"]
        )
        self.assertIn(
            "line 2: is no JSON object", " ".join(batch.error_ids.mapped("message"))
        )
        for text in ('"duration": "1"', '"x": {"a": 1, "a": 2}'):
            one, two = json.dumps(self._generic("one")), self._generic("two")
            for shape in ("{}\n{}", "[{},\n{}]", '{{"calls": [{},{}]}}'):
                twice = json.dumps({**two, "z": 1})[:-1] + f", {text}}}"
                batch = self._upload_json(shape.format(twice, one))
                self.assertEqual(self._charged(batch)[0], ("one", 0.06), shape)
                self.assertEqual(batch.error_ids.code, "missing_field")
                self.assertRegex(batch.error_ids.message, "names '.*' twice")
        calls = json.dumps([self._generic("one")])
        with self.assertRaisesRegex(UserError, "names 'calls' twice"):
            self._upload_json(f'{{"calls": {calls}, "calls": []}}')
        error = {"code": 20404, "message": "Not found"}
        with self.assertRaisesRegex(UserError, "format generic: .*'Not found'"):
            self._upload_json(json.dumps(error))
        self.assertWhole()

    def test_kamailio_s_export_finds_account_user_or_address(self):
        """Tables as ``mysql -B`` writes them: tabs, names in the first line."""
        self._create_trunk(self.account, auth_user="alice")
        self._create_trunk(self.account, ip_addresses="10.9.0.1")
        names = (
            "method from_tag to_tag callid sip_code sip_reason time src_user src_ip"
            " dst_user auth_user account"
        ).split()
        rows = ["\t".join(names)]
        for call, address, user, account in (
            ("by-account", "192.0.2.9", "nobody", "C0001"),
            ("by-user", "192.0.2.9", "Alice", ""),
            ("by-address", "10.9.0.1", "", ""),
            ("by-caller", "192.0.2.9", "", ""),
        ):
            for method, minute in (("INVITE", "00"), ("BYE", "01")):
                beside = [user, account] if method == "INVITE" else ["", ""]
                time = f"{self._day()} 10:{minute}:00"
                cells = [method, "a", "b", call, "200", "OK", time, "alice", address]
                rows.append("\t".join([*cells, "33123456789", *beside]))
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch,
            "\n".join([*rows, ""]).encode(),
            "acc.csv",
            self.env.ref("voip_rating.format_kamailio_acc"),
        )
        batch._rate_here()
        charged = [(name, 0.06) for name in ("by-account", "by-address", "by-user")]
        self.assertEqual(self._charged(batch), charged)
        self.assertEqual(
            [(error.call_id, error.code) for error in batch.error_ids],
            [("by-caller", "unknown_trunk")],
        )

    def test_skipped_rows_are_told_by_the_door(self):
        rows = [
            {"method": "INVITE", "callid": "k", "from_tag": "a", "to_tag": "b",
             "sip_code": "200", "time": f"{self._day()} 10:00:00",
             "dst_user": "33123456789", "account": "C0001"},
        ]  # fmt: skip
        bye = {**rows[0], "method": "BYE", "time": f"{self._day()} 10:01:00"}
        answer = self.env["voip.cdr"].ingest(
            "fmt", [*rows, bye], format="kamailio_acc", rate_now=True
        )
        self.assertEqual(
            (answer["received"], answer["skipped"], answer["rated"]), (1, 1, 1)
        )

    def test_a_damaged_row_is_rated_only_when_somebody_says_so(self):
        whole = self._data("uk_standard.csv").decode().splitlines()[0]
        damaged = whole.replace('"France"', '"Fra "nce"').replace("UK-1", "UK-9")
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch,
            f"{whole}\n{damaged}\n".encode(),
            "calls.csv",
            self.env.ref("voip_rating.format_uk_standard"),
        )
        batch._rate_here()
        error = batch.error_ids
        self.assertIn("quote within a cell", error.message)
        for correction in (False, '{"caller": "441"}'):
            error.fix = correction
            error.action_rate_again()
            self.assertEqual((error.state, batch.rated), ("open", 1))
            self.assertIn('correct {"_sent": null}', error.message)
        error.fix = '{"_sent": null}'
        error.action_rate_again()
        self.assertEqual((error.state, batch.rated), ("fixed", 2), error.message)

    def test_a_refused_row_is_corrected_as_generic_fields(self):
        record = {**self._records()[0], "terminating_number": "", "secret": "hunter2"}
        answer = self.env["voip.cdr"].ingest(
            "fmt", [record], format="telnyx", rate_now=True
        )
        self.assertEqual(answer["errors"][0]["code"], "missing_field")
        error = self.env["voip.cdr.error"].search([("batch_id", "=", answer["batch"])])
        kept = json.loads(error.payload)
        self.assertEqual(kept["account"], "C0001")
        self.assertIn("origination_number", kept["_raw"])
        self.assertNotIn("hunter2", error.payload)
        error.fix_called = "+33123456789"
        error.action_rate_again()
        self.assertEqual(error.state, "fixed")
        call = self.env["voip.cdr"].search([("batch_id", "=", answer["batch"])])
        self.env.cr.execute(
            "SELECT metadata::text FROM voip_cdr_row WHERE id = %s AND start > %s",
            [call.id, self._day()],
        )
        self.assertNotIn("_raw", self.env.cr.fetchone()[0])

    def test_the_tester_shows_what_is_read_and_charged_and_stores_nothing(self):
        user = new_test_user(
            self.env, "format-tester", "voip_billing_base.group_voip_user"
        )
        data = self._data().decode() + "\n".join(
            [",".join(self._records()[0].values()).replace("+33", "+99")]
        )
        wizard = self.env["voip.cdr.format.test"].with_user(user).create(
            {
                "format_id": self.telnyx.id,
                "switch_id": self.switch.id,
                "text": data,
            }
        )
        before = self.env["voip.cdr.batch"].search_count([])
        wizard.action_test()
        for text in (
            "Account C0001 would be charged 0.06 ",
            "Not answered: free, of account C0001",
            "no_rate",
            "+33123456789",
        ):
            self.assertIn(text, wizard.result)
        self.assertEqual(self.env["voip.cdr.batch"].search_count([]), before)
        self.assertFalse(self.env["voip.usage"].search([]))
