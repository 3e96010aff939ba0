"""Sixth act: switches send calls as they write them, and not as the API wants them."""

import base64
import csv
import io
import time
from datetime import datetime
from pathlib import Path

import seed
from stage import Stage

REST_SECONDS = 6


class Doors(Stage):
    """The same calls in other forms cost the same; each form has its own call ids."""

    def use_doors(self):
        self.staff = seed.as_user(self.env, "user")
        found = [("code", "=", self.world.switch)]
        self.switch = self.staff["voip.switch"].search(found)
        with self.story.step("FreeSWITCH sends JSON, as mod_json_cdr writes it"):
            records = [freeswitch(record) for record, _amount in self.told.samples]
            answer = self.staff["voip.cdr"].ingest(
                switch=self.world.switch,
                records=records,
                format="freeswitch_json",
                rate_now=True,
            )
            self.costs_the_same("fs", answer["batch"])
        with self.story.step("Asterisk's Master.csv is uploaded"):
            self.costs_the_same("ast", self.upload_master())
        with self.story.step("A file is dropped into a watched folder"):
            self.costs_the_same("dir", self.drop_file())

    def costs_the_same(self, kind, batch):
        """Hold the calls of a batch against what their likes cost before."""
        self.commit()
        batch = self.env["voip.cdr.batch"].browse(batch)
        usage = self.env["voip.usage"].search([("batch_id", "=", batch.id)])
        count = len(self.told.samples)
        counts = (batch.received, batch.rated, batch.in_error)
        self.story.same(f"{kind}: received, rated, in error", counts, (count, count, 0))
        found = {line.source_ref: line.amount for line in usage}
        told = {f"{kind}-{r['call_id']}": float(a) for r, a in self.told.samples}
        self.story.same_all(f"{kind}: amounts", found, told)
        total = sum(amount for _record, amount in self.told.samples)
        self.story.say(f"{count} calls, {total} in all, as before")

    def upload_master(self):
        stream = io.StringIO()
        rows = (asterisk(record) for record, _amount in self.told.samples)
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
        upload = self.staff["voip.cdr.upload"].create(
            {
                "switch_id": self.switch.id,
                "format_id": self.env.ref("voip_rating.format_asterisk_csv").id,
                "file": base64.b64encode(stream.getvalue().encode()),
                "file_name": "Master.csv",
            }
        )
        return upload.action_upload()["res_id"]

    def drop_file(self):
        manager = seed.as_user(self.env, "manager")
        folder = manager["voip.intake.folder"].create(
            {"name": "Files of the switch", "switch_id": self.switch.id}
        )
        self.commit()
        place = Path(folder.place)
        place.mkdir(parents=True, exist_ok=True)
        with (place / f"calls-{self.month}.csv").open("w", newline="") as file:
            fields = [*self.told.samples[0][0]]
            writer = csv.DictWriter(file, fields)
            writer.writeheader()
            for record, _amount in self.told.samples:
                writer.writerow(record | {"call_id": f"dir-{record['call_id']}"})
        folder.action_look()
        self.commit()
        # Only a file that rests is whole.
        time.sleep(REST_SECONDS)
        folder.action_look()
        self.commit()
        batch = self.env["voip.cdr.batch"].search([], order="id desc", limit=1)
        name = f"calls-{self.month}.csv"
        self.story.same("file of the folder", batch.file_name, name)
        if batch.state == "waiting":
            self.root.ref("voip_rating.ir_cron_rate").method_direct_trigger()
        return batch.id


def micros(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return str(round(moment.timestamp() * 1_000_000))


def freeswitch(record):
    """The record as FreeSWITCH writes it: values are texts, times microseconds."""
    return {
        "core-uuid": "1b1c3f2e",
        "switchname": "fra1",
        "variables": {
            "uuid": f"fs-{record['call_id']}",
            "start_uepoch": micros(record["start"]),
            "answer_uepoch": micros(record["answer"]),
            "end_uepoch": micros(record["end"]),
            "billmsec": str(int(record["duration"]) * 1000),
            "sip_auth_username": record["trunk"],
            "sip_gateway_name": record["supplier_trunk"],
            "hangup_cause": record["hangup_cause"],
            "sip_term_status": record["sip_code"],
        },
        "callflow": [
            {
                "caller_profile": {
                    "caller_id_number": record["caller"],
                    "destination_number": record["called"],
                }
            }
        ],
    }


def asterisk(record):
    """The record as a line of Master.csv with unique id and userfield."""
    start, answer, end = (
        record[name][:19].replace("T", " ") for name in ("start", "answer", "end")
    )
    caller = record["caller"]
    channels = (record["trunk"], record["supplier_trunk"])
    channel, destination_channel = (f"PJSIP/{name}-00000001" for name in channels)
    return [
        "", caller, record["called"], "from-trunk", f'"{caller}" <{caller}>',
        channel, destination_channel, "Dial", "", start, answer, end, "",
        record["duration"], "ANSWERED", "DOCUMENTATION", f"ast-{record['call_id']}", "",
    ]  # fmt: skip
