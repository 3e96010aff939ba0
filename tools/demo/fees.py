"""Prices of first increments and fees of attempts: a sheet, a question, the calls.

A rate manager brings them as a sheet and asks why a call costs what it costs; then
calls come in. What each costs is told by hand here and by the reference beside it.
"""

import base64
import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

import rating
import seed
import xlsxwriter
from stage import Stage

CALLS, CODE = 600, "FEES"
# prefix, price, first increment's price, attempt fee, connection fee, increments
RATES = (
    ("44", "0.0125", "0.0310", "0.0021", "", "30", "6"),
    ("447", "0.2275", "", "0.0105", "0.05", "1", "1"),
    ("49", "0.0099", "0", "", "", "60", "60"),
    ("4915", "0.1833", "0.2200", "0.000001", "", "60", "1"),
    ("33", "0.0150", "", "", "", "1", "1"),
)
COSTS = (
    ("4", "0.0071", "0.0093", "0.0011", "", "60", "60"),
    ("44", "0.0066", "", "0.0007", "", "1", "1"),
    ("33", "0.0101", "0.0101", "0.0003", "", "30", "6"),
)
NUMBERS = ("442071234567", "447700900123", "493012345678", "4915112345678",
           "33123456789")
HEADER = ("Dial code", "Rate per minute", "Initial rate", "Attempt fee",
          "Connection fee", "Increments", "Valid from")
# number, seconds that a customer asks about
ASKED = ((NUMBERS[0], 61), (NUMBERS[1], 5), (NUMBERS[2], 61), (NUMBERS[3], 60))
UNIT = Decimal("0.000001")
USAGE_SQL = """
SELECT r.call_id, u.kind, u.billed_seconds, u.amount::text, u.cost::text
  FROM voip_usage u JOIN voip_cdr_row r ON r.id = u.source_id
 WHERE u.batch_id = %s
"""
SUM_SQL = """
SELECT sum(attempts)::int, sum(calls)::int, sum(seconds)::int, sum(amount)::text
  FROM voip_usage_summary WHERE account_id = %s
"""


class Fees(Stage):
    """Calls of a deck with both new prices, on either side."""

    def charge_fees(self):
        self.fee_parties()
        self.commit()
        title = "A rate manager sells the first increment dearer, and each attempt"
        with self.story.step(title):
            self.bring_fee_sheet()
            self.ask_for_fees()
            self.hand_out_fees()
        title = f"{CALLS} calls with first increment prices and attempt fees"
        with self.story.step(title):
            records = self.fee_records()
            answer = self.env["voip.cdr"].ingest(
                switch=CODE, records=records, rate_now=True
            )
            self.commit()
            report, outcomes = self.fee_reference().rate_all(records)
            self.fee_told = list(zip(records, outcomes, strict=True))
            self.compare_fees(answer["batch"], outcomes)
            self.compare_fee_sums(report.by_account[CODE])
            self.story.agree("First increments and attempts")

    # === Data === #

    def fee_rates(self, rows):
        begin = f"{self.fee_day() - timedelta(days=9):%Y-%m-%d}"
        names = ("prefix", "price_per_minute", "first_price", "attempt_fee",
                 "connect_fee", "initial_increment", "next_increment")
        common = {
            "min_charge": "",
            "blocked": "",
            "effective_from": begin,
            "effective_to": "",
        }
        return [
            {**dict(zip(names, row, strict=True)), "destination": row[0], **common}
            for row in rows
        ]

    def fee_day(self):
        return datetime.now(UTC).replace(
            hour=9, minute=0, second=0, microsecond=0
        ) - timedelta(days=1)

    def fee_parties(self):
        env, names = self.env, {"name": CODE, "code": CODE, "tz": "UTC"}
        decks = [
            self.fee_deck({**names, "code": code, "side": side, **more}, rows)
            for code, side, more, rows in (
                (CODE, "customer", {}, ()),
                (f"{CODE}-COST", "supplier", {}, COSTS),
            )
        ]
        self.fee_sold, _bought = decks
        partner = env["res.partner"].create({"name": "Fees and First Minutes"})
        self.fee_account = env["voip.account"].create(
            {**names, "partner_id": partner.id, "deck_id": decks[0].id,
             "mode": "postpaid"}
        )
        trunk = {"name": CODE, "code": CODE, "side": "customer"}
        env["voip.trunk"].create({**trunk, "account_id": self.fee_account.id})
        carrier = env["res.partner"].create(
            {"name": "Fees Carrier", "ref": "FEES-CARRIER"}
        )
        env["voip.trunk"].create(
            {"name": "Carrier", "code": f"{CODE}-COST", "side": "supplier",
             "deck_id": decks[1].id, "partner_id": carrier.id}
        )
        env["voip.switch"].create(names)

    def fee_deck(self, values, rows):
        currency = self.env.company.currency_id
        deck = self.env["voip.rate.deck"].create(
            {**values, "currency_id": currency.id}
        )
        if rows:
            result = deck._load(self.fee_rates(rows))
            self.story.same(f"errors loading {deck.code}", result["errors"], [])
        return deck

    # === The rate manager === #

    def bring_fee_sheet(self):
        staff = seed.as_user(self.env, "manager")
        self.fee_manager = staff
        sheet = staff["voip.rate.import"].create(
            {
                "deck_id": self.fee_sold.id,
                "file": base64.b64encode(self.fee_workbook()),
                "file_name": "First minutes.xlsx",
            }
        )
        sheet.action_preview()
        self.commit()
        self.story.same("fees: rows that are new", sheet.new_count, len(RATES))
        self.story.same("fees: columns that are read", sheet.column_ids.filtered(
            "target").mapped("header"), list(HEADER))
        sheet.action_apply()
        self.commit()
        self.story.same("fees: sheet", sheet.state, "applied")

    def fee_workbook(self):
        """Bytes of the XLSX; an empty cell is no price of the first increment."""
        begin = self.fee_rates(RATES)[0]["effective_from"]
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            page = book.add_worksheet("Rates")
            page.write_row(0, 0, HEADER)
            for line, (code, price, first, fee, connect, *steps) in enumerate(RATES, 1):
                page.write_string(line, 0, code)
                for place, figure in enumerate((price, first, fee, connect), 1):
                    if figure:
                        page.write_number(line, place, float(figure))
                page.write_string(line, 5, "/".join(steps))
                page.write_string(line, 6, begin)
        return stream.getvalue()

    def ask_for_fees(self):
        """*Why this price?* of some calls."""
        day, rows = self.fee_day(), []
        for number, seconds in ASKED:
            told = self.fee_manager["voip.rate.deck"].quote(
                deck=CODE, called=number, seconds=seconds,
                at=f"{day:%Y-%m-%dT%H:%M:%SZ}",
            )
            amount = by_hand(number, seconds)
            self.story.same(
                f"fees: {number}, {seconds} s", Decimal(told["amount"]), amount
            )
            rows.append((number, seconds, told["rate"]["prefix"], amount))
        self.story.table(("called", "seconds", "code", "costs"), rows)

    def hand_out_fees(self):
        """The customer's CSV says both prices."""
        data = self.fee_sold.export_file("csv", self.fee_day().replace(tzinfo=None))
        told = {
            row["Code"]: (row["First increment price"], Decimal(row["Attempt fee"]))
            for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
        }
        wanted = {
            code: (first and plain(first), Decimal(fee or 0))
            for code, _price, first, fee, *_more in RATES
        }
        self.story.same("fees: sheet for the customer", told, wanted)

    # === The calls === #

    def fee_records(self):
        rng, day = Random(CODE), self.fee_day()
        records = []
        for number in range(CALLS):
            answered = rng.random() < 0.7
            seconds = rng.choice((0, 1, 29, 30, 31, 59, 60, 61, rng.randrange(900)))
            start = day + timedelta(seconds=number)
            records.append(
                {
                    "call_id": f"fee-{number}",
                    "called": rng.choice(NUMBERS),
                    "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
                    "duration": str(seconds if answered else 0),
                    "answered": "true" if answered else "false",
                    "trunk": CODE,
                    "supplier_trunk": rng.choice((f"{CODE}-COST", "")),
                }
            )
        return records

    # === Comparison === #

    def fee_reference(self):
        currency = self.env.company.currency_id.name
        settings = rating.Settings(currency=currency)
        party = {"zone": "UTC", "currency": currency}
        return rating.Reference(
            [{"account_code": CODE, "trunk_code": CODE, "deck": CODE, **party}],
            [{"trunk_code": f"{CODE}-COST", "deck": f"{CODE}-COST", **party}],
            {
                CODE: (self.fee_rates(RATES), settings),
                f"{CODE}-COST": (self.fee_rates(COSTS), settings),
            },
            rating.Limits(now=datetime.now(UTC)),
            company_currency=currency,
        )

    def compare_fees(self, batch, outcomes):
        self.env.cr.execute(USAGE_SQL, [batch])
        found = {
            call: (kind, seconds, Decimal(amount), Decimal(cost))
            for call, kind, seconds, amount, cost in self.env.cr.fetchall()
        }
        told = {o.call_id: (o.status, o.seconds, o.amount, o.cost) for o in outcomes}
        self.story.same_all("fees: call", found, told)
        self.count_by_hand(found)
        fees = [o for o in outcomes if not o.answered and o.amount]
        amount = sum(o.amount for o in outcomes)
        self.story.say(f"{len(fees)} attempts pay a fee; {amount} in all")

    def count_by_hand(self, found):
        """Sums by code, reckoned from the records alone."""
        told, sums = Counter(), Counter()
        for record, _outcome in self.fee_told:
            number, seconds = record["called"], int(record["duration"])
            answered = record["answered"] == "true"
            told[number] += by_hand(number, seconds if answered else None)
            sums[number] += found[record["call_id"]][2]
        self.story.same_all("fees: by hand", dict(sums), dict(told))

    def compare_fee_sums(self, totals):
        self.env.cr.execute(SUM_SQL, [self.fee_account.id])
        *counts, amount = self.env.cr.fetchone()
        self.story.same(
            "fees: sums",
            (*counts, Decimal(amount)),
            (totals.attempts, totals.calls, totals.seconds, totals.amount),
        )


def by_hand(number, seconds):
    """What a call costs, from the longest code of the table.

    :param seconds: None where nobody answered; an answered call of none pays its fees
    """
    longest = max((row for row in RATES if number.startswith(row[0])), key=by_length)
    _code, price, first, fee, connect, initial, following = longest
    price, fee, connect = Decimal(price), Decimal(fee or 0), Decimal(connect or 0)
    if seconds is None:
        return fee
    initial, following = int(initial) if seconds else 0, int(following)
    rest = -(-max(seconds - initial, 0) // following) * following
    minutes = (initial * Decimal(first or price) + rest * price) / 60
    return (minutes + connect + fee).quantize(UNIT, ROUND_HALF_UP)


def by_length(row):
    return len(row[0])


def plain(figure):
    """Decimal text without zeros behind its last figure."""
    return f"{Decimal(figure).normalize():f}"
