"""Seventh act: sheets of rates come in, are looked at, applied and taken back."""

import base64
import io
from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from random import Random

import seed
import xlsxwriter
from stage import Stage

AHEAD_DAYS = 10
FAULTY = ("4,4E+11", "four four", "")
MARKUP, FLOOR, UNIT = Decimal("1.17"), Decimal("0.0015"), Decimal("0.0001")
TERMS_SQL = """
SELECT prefix, price_per_minute::text, connect_fee::text, min_charge::text,
       initial_increment || '/' || next_increment FROM voip_rate
 WHERE deck_id = %s AND NOT COALESCE(blocked, false) AND origin_prefix IS NULL
   AND effective_from <= %s AND (effective_to IS NULL OR effective_to > %s)
"""
HEADER = (
    "Dial code",
    "Destination",
    "Increments",
    "Rate per minute",
    "Connection fee",
    "Minimum charge",
)
TABLE_SQL = """
SELECT count(*), md5(string_agg(r::text, ',' ORDER BY id)) FROM voip_rate r
 WHERE deck_id = %s
"""


class Sheets(Stage):
    """What a rate manager does; each figure is counted from the sheet itself."""

    def bring_sheets(self):
        self.staff = seed.as_user(self.env, "manager")
        self.day = date.today() + timedelta(days=AHEAD_DAYS)
        code = self.world.supplier_dicts()[0]["deck"]
        self.deck = self.staff["voip.rate.deck"].search([("code", "=", code)])
        with self.story.step("A supplier sends a sheet, and its preview says what"):
            sheet = self.preview_sheet()
        with self.story.step("It is applied, and taken back to the last version"):
            self.apply_and_undo(sheet)
        with self.story.step("A mark-up makes a customer deck from the supplier's"):
            self.mark_up()

    # === The sheet === #

    def terms(self, deck, day):
        """{code: (price, fee, minimum charge, increments)} at midnight of a day."""
        self.env.cr.execute(TERMS_SQL, [deck.id, day, day])
        return {
            code: (*map(Decimal, money), steps)
            for code, *money, steps in self.env.cr.fetchall()
        }

    def prices(self, deck, day):
        """{code: price per minute}"""
        return {code: terms[0] for code, terms in self.terms(deck, day).items()}

    def preview_sheet(self):
        rows, told = self.rows()
        sheet = self.staff["voip.rate.import"].create(
            {
                "deck_id": self.deck.id,
                "file": base64.b64encode(workbook(rows)),
                "file_name": "Rates.xlsx",
                "date_mode": "one",
                "date": self.day,
                "leave_faulty": True,
            }
        )
        sheet.action_preview()
        self.work_off(sheet)
        found = {name: sheet[f"{name}_count"] for name in told}
        self.story.same_all("sheet: rows", found, dict(told))
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(told.items()))
        self.story.say(f"{len(rows):,} rows: {counts}; nothing changed yet")
        return sheet

    def rows(self):
        """Rows of the sheet, and how many of each kind they are."""
        rng, told, rows = Random("sheet"), Counter(), []
        known = self.terms(self.deck, self.day)
        for code, (price, fee, least, steps) in sorted(known.items()):
            factor = rng.choice((90, 100, 100, 110, 125))
            new = (price * factor / 100).quantize(Decimal("0.000001"))
            kind = "increased" if new > price else "decreased"
            told["unchanged" if new == price else kind] += 1
            rows.append((code, "", steps, float(new), float(fee), float(least)))
        unknown = [f"{code}999" for code in list(known)[:40]]
        for code in (code for code in unknown if code not in known):
            told["new"] += 1
            rows.append((code, "New network", "60/60", 0.5, 0, 0))
        for code in FAULTY:
            told["faulty"] += 1
            rows.append((code, "Damaged", "1/1", 0.1, 0, 0))
        return rows, told

    def work_off(self, sheet):
        """The scheduled action does what is too large to be waited for."""
        self.commit()
        if sheet.state == "working":
            self.root.ref("voip_rating.ir_cron_rate_import").method_direct_trigger()
            self.commit()

    def apply_and_undo(self, sheet):
        before = self.table()
        sheet.action_apply()
        self.work_off(sheet)
        self.story.same("sheet: state", sheet.state, "applied")
        made = self.table()[0] - before[0]
        changed = sheet.new_count + sheet.increased_count + sheet.decreased_count
        self.story.same("sheet: versions made", made, changed)
        sheet.action_undo()
        self.commit()
        self.story.same("sheet: rates after undo", self.table(), before)
        self.story.say(f"{made:,} new versions, then {before[0]:,} as they were")

    def table(self):
        self.env.flush_all()
        self.env.cr.execute(TABLE_SQL, [self.deck.id])
        return self.env.cr.fetchone()

    # === The mark-up === #

    def mark_up(self):
        deck = self.staff["voip.rate.deck"].create(
            {
                "name": "Marked-up deck",
                "code": "MARKUP",
                "tz": "UTC",
                "currency_id": self.deck.currency_id.id,
            }
        )
        generator = self.staff["voip.rate.generator"].create(
            {
                "deck_id": deck.id,
                "source_ids": [(0, 0, {"deck_id": self.deck.id})],
                "markup_percent": 17,
                "is_floored": True,
                "margin_floor": float(FLOOR),
                "decimals": 4,
            }
        )
        sheet = self.staff["voip.rate.import"].browse(
            generator.action_preview()["res_id"]
        )
        self.work_off(sheet)
        sheet.action_apply()
        self.work_off(sheet)
        today = date.today() + timedelta(days=1)
        cost = self.prices(self.deck, today)
        wanted = {
            code: max(price * MARKUP, price + FLOOR).quantize(UNIT, ROUND_CEILING)
            for code, price in cost.items()
        }
        self.story.same("mark-up: prices", self.prices(deck, today) == wanted, True)
        lowest = min(wanted[code] - cost[code] for code in cost)
        self.story.say(f"{len(wanted):,} prices; the least margin is {lowest} a minute")


def workbook(rows):
    """Bytes of an XLSX under a title, as carriers send it."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet("Rates")
        page.write(0, 0, "Price notification, all prices per minute")
        page.write_row(2, 0, HEADER)
        for place, row in enumerate(rows, 3):
            for column, text in enumerate(row[:3]):
                page.write_string(place, column, text)
            page.write_row(place, 3, row[3:])
    return stream.getvalue()
