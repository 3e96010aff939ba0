"""Speed of reading: each shipped format against generic, in the same run.

The same calls written in every format, from bytes (or JSON records) to checked records;
what comes after is the same for all. Files against a generic file, JSON records
against generic JSON records. Bar: half as fast as generic at least, per row of the
file: where a call is an INVITE and a BYE, two rows are read for it.
"""

import argparse
import csv
import io
import json
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

from common import ROOT, show

RUNS = 3
FIRST = datetime(2026, 10, 1, 8, 0, 0)
BAR = 0.5


def launch_modules():
    """Make the add-ons importable without a database."""
    import odoo.modules.module
    from odoo.tools import config

    config.parse_config([f"--addons-path={ROOT / 'addons'}"])
    odoo.modules.module.initialize_sys_path()


def layouts():
    """{code: Format} of the shipped formats, None for generic."""
    from odoo.addons.voip_rating.formats import Format, Line

    data = ROOT / "addons/voip_rating/data"
    lines = {}
    for row in csv.DictReader((data / "voip.cdr.format.field.csv").open()):
        lines.setdefault(row["format_id:id"], []).append(
            Line.of(row["target"], row["source"], row["transform"], row["argument"])
        )
    found = {}
    for row in csv.DictReader((data / "voip.cdr.format.csv").open()):
        names = {
            name: tuple(filter(None, map(str.strip, row[name].split(","))))
            for name in ("columns", "answered_yes", "answered_no", "rows_values")
            + ("pair_sources", "keep")
        }
        found[row["code"]] = Format(
            code=row["code"],
            lines=tuple(lines[row["id"]]),
            source=row["source"],
            delimiter="" if row["delimiter"] == "auto" else row["delimiter"],
            url_encoded=row["url_encoded"] == "1",
            answered=row["answered"],
            answered_source=row["answered_source"],
            rows_source=row["rows_source"],
            **names,
        )
    found["generic"] = None
    return found


# === The same calls in each format === #


def calls(count):
    """Dicts of values that the rows are made of."""
    for number in range(count):
        start = FIRST + timedelta(seconds=number % 80_000)
        answer, end = start + timedelta(seconds=5), start + timedelta(seconds=65)
        yield {
            "id": f"{number:012x}@10.0.0.1",
            "caller": f"44207946{number % 10_000:04d}",
            "called": f"331{number % 100_000_000:08d}",
            "start": str(start),
            "answer": str(answer),
            "end": str(end),
            "moment": start,
            "epoch": int(answer.replace(tzinfo=UTC).timestamp()),
            "mail": f"{answer:%a, %d %b %Y %H:%M:%S} +0000",
        }


def values_of(call):
    """What a switch writes in the columns that have something, by their names."""
    return {
        "call_id": call["id"], "uuid": call["id"], "uniqueid": call["id"],
        "callid": call["id"], "sid": call["id"], "call_leg_id": call["id"],
        "record_id": call["id"], "caller": call["caller"], "src": call["caller"],
        "caller_id_number": call["caller"], "source": call["caller"],
        "src_user": call["caller"], "from": call["caller"],
        "origination_number": call["caller"], "presentation_number": call["caller"],
        "called": call["called"], "destination_number": call["called"],
        "destination": call["called"], "dst": call["called"],
        "dst_user": call["called"], "to": call["called"],
        "terminating_number": call["called"],
        "telephone_number_dialled": call["called"],
        "start": call["start"], "start_stamp": call["start"],
        "calldate": call["start"], "answer": call["answer"],
        "answer_stamp": call["answer"], "end": call["end"], "end_stamp": call["end"],
        "start_timestamp_utc": call["start"].replace(" ", "T") + "Z",
        "answer_timestamp": call["answer"].replace(" ", "T") + "Z",
        "end_timestamp": call["end"].replace(" ", "T") + "Z",
        "start_time": call["mail"], "call_date": f"{call['moment']:%d/%m/%Y}",
        "call_time": f"{call['moment']:%H:%M:%S}",
        "billsec": "60", "duration": "60", "billable_time": "60",
        "accountcode": "C0001", "account": "C0001", "customer_identifier": "C0001",
        "disposition": "ANSWERED", "status": "completed", "call_type": "V",
        "channel": "PJSIP/cust1-00000a1b", "dstchannel": "PJSIP/north-00000a1c",
        "destination_channel": "PJSIP/north-00000a1c", "hangup_cause": "NORMAL",
        "direction": "outbound", "method": "INVITE", "from_tag": "a", "to_tag": "b",
        "sip_code": "200", "sip_reason": "OK", "context": "public", "trunk": "cust1",
        "price": "-0.0200", "salesprice": "0.0120", "read_codec": "PCMA",
    }  # fmt: skip


NAMES = {
    "generic": "call_id caller called start answer end duration account trunk",
    "asterisk_odbc": "start src dst dcontext channel dstchannel billsec disposition"
    " accountcode uniqueid",
    "kamailio_acc": "method from_tag to_tag callid sip_code sip_reason time src_user"
    " dst_user account",
    "twilio": "sid from to status start_time duration price direction account",
    "telnyx": "origination_number terminating_number start_timestamp_utc"
    " answer_timestamp end_timestamp direction account call_leg_id",
}


def file_of(code, layout, count):
    """A CSV file of the calls."""
    out = io.StringIO()
    names = list(layout.names) if layout else []
    writer = csv.writer(
        out, delimiter=(layout and layout.delimiter) or ",", lineterminator="\n"
    )
    if not names:
        names = NAMES[code].split()
        writer.writerow(names)
    for call in calls(count):
        values = values_of(call)
        row = {name: values.get(name, "") for name in names}
        if code == "generic":
            row |= {
                name: row[name].replace(" ", "T") + "Z"
                for name in ("start", "answer", "end")
            }
        if code == "twilio":
            row["direction"] = "outbound-api"
        if "method" in row:
            row["time"] = call["epoch"] if code == "opensips_flat" else call["answer"]
            if code == "opensips_flat":
                row["account"] = "C0001"
            writer.writerow(row.values())
            row["method"] = "BYE"
            row["time"] = call["epoch"] + 60 if code == "opensips_flat" else call["end"]
        writer.writerow(row.values())
    return out.getvalue().encode()


def freeswitch_records(count):
    for call in calls(count):
        micros = call["epoch"] * 1_000_000
        yield {
            "switchname": "fs1",
            "variables": {
                "uuid": call["id"],
                "accountcode": "C0001",
                "start_uepoch": str(micros - 5_000_000),
                "answer_uepoch": str(micros),
                "end_uepoch": str(micros + 60_000_000),
                "billmsec": "60000",
                "hangup_cause": "NORMAL_CLEARING",
            },
            "callflow": [
                {
                    "caller_profile": {
                        "caller_id_number": call["caller"],
                        "destination_number": f"%2B{call['called']}",
                    }
                }
            ],
        }


def generic_records(count):
    for call in calls(count):
        yield {
            "call_id": call["id"],
            "caller": call["caller"],
            "called": call["called"],
            "start": call["start"].replace(" ", "T") + "Z",
            "answer": call["answer"].replace(" ", "T") + "Z",
            "duration": "60",
            "account": "C0001",
            "switchname": "fs1",
        }


def named_records(code, count):
    """Records with the names of a format's file."""
    lines = io.StringIO(file_of(code, None, count).decode())
    return list(csv.DictReader(lines))


# === Measuring === #


def seconds(work, count):
    """Median processor seconds; every call has to be read."""
    taken = []
    for _run in range(RUNS):
        start = time.process_time()
        read = work()
        taken.append(time.process_time() - start)
        if read != count:
            sys.exit(f"{read:,} of {count:,} calls were read")
    return statistics.median(taken)


class Reader:
    """Reads files and records as the intake does."""

    def __init__(self, zone):
        from odoo.addons.voip_rating.calls.check import Limits

        self._limits = Limits(zone=zone, now_us=1_793_000_000_000_000)

    def file(self, layout, data):
        from odoo.addons.voip_rating.formats.files import chunks_in

        chunks = chunks_in(io.BytesIO(data), layout, self._limits)
        return sum(len(records) - len(errors) for records, errors, _s in chunks)

    def json(self, layout, dicts):
        from odoo.addons.voip_rating.calls.check import columns_of, parse_records
        from odoo.addons.voip_rating.formats.convert import convert
        from odoo.addons.voip_rating.formats.source import JsonRows

        if layout is None:
            records, errors = parse_records(*columns_of(dicts), self._limits)
            return len(records) - len(errors)
        found = convert(layout, JsonRows(dicts), self._limits)
        return len(found.rows) - len(found.errors)


def measure_files(known, count, zone):
    reader = Reader(zone)
    data = file_of("generic", None, count)
    base = seconds(lambda: reader.file(None, data), count)
    show(f"generic, a file, {zone}", count / base / 1000, "thousand rows/s")
    for code, layout in known.items():
        if layout and layout.source != "json":
            own = file_of(code, layout, count)
            took = seconds(lambda f=layout, d=own: reader.file(f, d), count)
            rows = 2 if layout.pair_sources else 1
            show(f"{code} / generic, {zone}", rows * base / took, f"(bar {BAR})")


def measure_json(known, count):
    reader = Reader("UTC")
    dicts = json.loads(json.dumps(list(generic_records(count))))
    base = seconds(lambda: reader.json(None, dicts), count)
    show("generic, JSON records", count / base / 1000, "thousand records/s")
    for code in ("freeswitch_json", "twilio", "telnyx"):
        own = (
            list(freeswitch_records(count))
            if code == "freeswitch_json"
            else named_records(code, count)
        )
        own = json.loads(json.dumps(own))
        took = seconds(lambda f=known[code], d=own: reader.json(f, d), count)
        show(f"{code} JSON / generic JSON", base / took, f"(bar {BAR})")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=100_000)
    count = options.parse_args().records
    launch_modules()
    known = layouts()
    for zone in ("UTC", "Europe/London", "America/New_York"):
        measure_files(known, count, zone)
    measure_json(known, count)


if __name__ == "__main__":
    main()
