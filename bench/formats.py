"""Speed of reading: each shipped format against generic, in turns.

The same calls written in every format, from bytes (or JSON records) to checked records;
what comes after is the same for all. Files against a generic file, JSON records
against generic JSON records. Each format is read in turns with generic, after one turn
that does not count, and medians are compared: a machine that slows down slows both.
Bar: half as fast as generic at least, per row of the file: where a call is an INVITE
and a BYE, two rows are read for it.
"""

import argparse
import csv
import gc
import io
import json
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

from common import ROOT, show

RUNS = 7
FIRST = datetime(2026, 10, 1, 8, 0, 0)
BAR = 0.5
ZONES = ("UTC", "Europe/London", "America/New_York")


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


def in_turns(works, count):
    """Median processor seconds of each work; every call has to be read.

    :param works: callables that return how many calls they read
    """
    taken = [[] for _work in works]
    for run in range(RUNS + 1):
        for times, work in zip(taken, works, strict=True):
            gc.collect()
            start = time.process_time()
            read = work()
            if run:
                times.append(time.process_time() - start)
            if read != count:
                sys.exit(f"{read:,} of {count:,} calls were read")
    return [statistics.median(times) for times in taken]


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
    bases = []
    for code, layout in known.items():
        if layout and layout.source != "json":
            own = file_of(code, layout, count)
            base, took = in_turns(
                [
                    lambda: reader.file(None, data),
                    lambda f=layout, d=own: reader.file(f, d),
                ],
                count,
            )
            rows = 2 if layout.pair_sources else 1
            show(f"{code} / generic, {zone}", rows * base / took, f"(bar {BAR})")
            bases.append(base)
    if not bases:
        return
    speed = count / statistics.median(bases) / 1000
    show(f"generic, a file, {zone}", speed, "thousand rows/s")


def measure_json(known, count):
    reader = Reader("UTC")
    dicts = json.loads(json.dumps(list(generic_records(count))))
    bases = []
    for code in filter(known.get, ("freeswitch_json", "twilio", "telnyx")):
        own = (
            list(freeswitch_records(count))
            if code == "freeswitch_json"
            else named_records(code, count)
        )
        own = json.loads(json.dumps(own))
        base, took = in_turns(
            [
                lambda: reader.json(None, dicts),
                lambda f=known[code], d=own: reader.json(f, d),
            ],
            count,
        )
        show(f"{code} JSON / generic JSON", base / took, f"(bar {BAR})")
        bases.append(base)
    if not bases:
        return
    speed = count / statistics.median(bases) / 1000
    show("generic, JSON records", speed, "thousand records/s")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=100_000)
    options.add_argument("--formats", nargs="*", help="codes; all where none is given")
    options.add_argument("--zones", nargs="*", default=ZONES)
    given = options.parse_args()
    launch_modules()
    known = layouts()
    if given.formats:
        known = {code: known[code] for code in given.formats}
    for zone in given.zones:
        measure_files(known, given.records, zone)
    measure_json(known, given.records)


if __name__ == "__main__":
    main()
