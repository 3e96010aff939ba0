"""Every format by every way in: read alike, charged alike."""

import base64
import csv
import json
import re
import shutil
import tempfile
from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config

from ..records import voip_cdr_post
from .test_door_http import DoorCase
from .test_formats import SAMPLES

SAMPLE_DAY = date(2026, 10, 1)
# File of a format, calls that are free, rows in error, rows that are no calls. One
# call of each file is of 60 seconds.
FILES = {
    "freeswitch_json": ("freeswitch_json.json", 0, 0, 0),
    "freeswitch_csv": ("freeswitch_csv.csv", 1, 0, 0),
    "freeswitch_csv_asterisk": ("freeswitch_csv_asterisk.csv", 0, 0, 0),
    "asterisk_csv": ("asterisk_csv.csv", 1, 0, 0),
    "asterisk_odbc": ("asterisk_odbc.csv", 1, 0, 0),
    "opensips_flat": ("opensips_flat.txt", 1, 2, 1),
    "kamailio_acc": ("kamailio_acc.csv", 1, 0, 2),
    "twilio": ("twilio.json", 1, 1, 0),
    "telnyx": ("telnyx.csv", 1, 0, 0),
    "uk_standard": ("uk_standard.csv", 1, 0, 1),
    "uk_standard_charges": ("uk_standard.csv", 1, 0, 0),
}
# What the service charges of a file cost: 9.50 GBP at 0.5.
CHARGES = {"uk_standard_charges": [19.0]}
# What the skipped rows are, where a value says so.
KINDS = {"uk_standard": "S: 1", "kamailio_acc": "ACK: 1"}


def moved(text, day):
    """A sample's text as if its calls were of another day."""
    seconds = int((day - SAMPLE_DAY).total_seconds())

    def later(found):
        return str(int(found[1]) + seconds) + found[2]

    text = re.sub(r"\b(179084[89][0-9]{3})((?:000000)?)\b", later, text)
    text = text.replace("2026-10-01", str(day))
    text = text.replace("Thu, 01 Oct 2026", f"{day:%a, %d %b %Y}")
    return text.replace("01/10/2026", f"{day:%d/%m/%Y}")


def records_of(layout, text):
    """The records of a sample, as JSON dicts with the names that its format reads."""
    if text.lstrip().startswith("{"):
        found = json.loads(text)
        return found.get("calls", [found])
    rows = list(csv.reader(text.splitlines(), delimiter=layout.delimiter or ","))
    names = list(layout.names) or rows.pop(0)
    return [dict(zip(names, row, strict=False)) for row in rows]


class FormatsCase(DoorCase):
    """What the samples name: accounts, trunks, a carrier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "33", "price_per_minute": "0.06"}])
        account = cls._create_account(deck_id=deck.id, code="C0001")
        for code in ("cust1", "cust-two", "AC0001", "10.9.0.1"):
            cls._create_trunk(account, code=code)
        cls._create_supplier_trunk(
            cls._create_deck(
                side="supplier", rates=[{"prefix": "33", "price_per_minute": "0.01"}]
            ),
            code="north",
        )
        cls.yesterday = cls.env.cr.now().date() - timedelta(days=1)
        cls.env.ref("base.GBP").active = True
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.env.ref("base.GBP").id,
                "name": "2026-01-01",
                "rate": 0.5,
                "company_id": cls.env.company.id,
            }
        )

    def _format(self, code):
        return self.env.ref(f"voip_rating.format_{code}")

    def _amounts(self, batch):
        usage = self.env["voip.usage"].search([("batch_id", "=", batch.id)])
        return sorted(usage.mapped("amount"))


@tagged("post_install", "-at_install")
class TestFormatWays(FormatsCase):
    def _by_records(self, fmt, text):
        records = records_of(fmt._compiled(), text)
        answer = self.env["voip.cdr"].ingest(
            self.switch.code, records, format=fmt.code, rate_now=True
        )
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def _by_address(self, fmt, text):
        records = records_of(fmt._compiled(), text)
        body = json.dumps(records[0] if len(records) == 1 else records)
        response = self.url_open(
            f"/voip/cdr/{self.switch.code}/{fmt.code}",
            data=body,
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
            },
            timeout=60,
        )
        self.assertEqual(response.status_code, 200, response.text[:400])
        self.assertEqual(response.json()["queued"], len(records))
        self.env.invalidate_all()
        with patch.object(voip_cdr_post, "REST_SECONDS", 0):
            self.env["voip.cdr.post"]._gather()
        batch = self.env["voip.cdr.batch"].search(
            [("door", "=", "post"), ("state", "=", "waiting")]
        )
        batch._work()
        return batch

    def _by_upload(self, fmt, text):
        wizard = self.env["voip.cdr.upload"].create(
            {
                "switch_id": self.switch.id,
                "format_id": fmt.id,
                "file": base64.b64encode(text.encode()),
                "file_name": "calls.csv",
            }
        )
        action = wizard.action_upload()
        return self.env["voip.cdr.batch"].browse(action["res_id"])

    def _by_folder(self, fmt, text):
        root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, root)
        with patch.dict(config.options, {"voip_inbox": root}):
            folder = self.env["voip.intake.folder"].create(
                {
                    "name": fmt.code,
                    "switch_id": self.switch.id,
                    "format_id": fmt.id,
                }
            )
            folder._work()
            with open(f"{folder.place}/calls.csv", "w") as file:
                file.write(text)
            for _look in range(2):
                self.env.flush_all()
                self.env.cr.execute(
                    "UPDATE voip_intake_file SET seen_at = seen_at - %s",
                    [timedelta(minutes=1)],
                )
                self.env.invalidate_all()
                folder._work()
        batch = folder.file_ids.batch_id
        if batch.state == "waiting":
            batch._rate_here()
        return batch

    def test_each_format_is_charged_alike_whichever_way_it_comes(self):
        for way in (
            self._by_records,
            self._by_address,
            self._by_upload,
            self._by_folder,
        ):
            for code, (name, free, errors, skipped) in FILES.items():
                text = moved((SAMPLES / name).read_text(), self.yesterday)
                # The same calls by each way are other calls: on a switch of its own.
                with self.subTest(way=way.__name__, format=code):
                    fmt = self._format(code)
                    self.switch = self._create_switch(
                        format_id=fmt.id if fmt.charge_values else False
                    )
                    made = self.switch.action_create_key()
                    self.key = made["context"]["default_key"]
                    self.env.flush_all()
                    batch = way(fmt, text)
                    self.assertEqual(batch.format_id.code, code)
                    charges = CHARGES.get(code, [])
                    self.assertEqual(
                        self._amounts(batch), [0.0] * free + [0.06, *charges]
                    )
                    self.assertEqual(
                        (batch.received, batch.in_error, batch.skipped),
                        (1 + free + errors + len(charges), errors, skipped),
                    )
                    self.assertEqual(batch.lines, batch.received + batch.skipped)
                    self.assertEqual(batch.skipped_kinds or "", KINDS.get(code, ""))
        self.assertWhole()
