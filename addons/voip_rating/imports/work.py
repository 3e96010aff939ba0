"""A sheet through the stage into its deck, inside somebody's transaction."""

import io
from datetime import datetime

from odoo import fields
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.reader import grid, typed
from odoo.addons.voip_billing_base.reader.workbook import BadFile

from ..sheets.row import ALWAYS, RateReader
from ..sheets.stage import AGAIN, ANALYZE, ANY_TWICE, STAGE_COLUMNS
from . import closing, plain, result, writing
from .ahead import Ahead, meanwhile
from .columns import KINDS
from .lines import CODES, Close, Lines, SheetReader
from .rate_import_late import MOST_LISTED
from .reading import LEAST_ROWS, NOW, Part, Reading

# Shares of the work.
READ, COMPARED, WRITTEN = 0.6, 0.8, 0.95
PART_ROWS, HALF_ROWS = 5_000, 50_000


class Work:
    """One run of an import; what it finds waits in the table ``voip_result``.

    A preview changes a twin of the deck's rates.

    :param sheet: a ``voip.rate.import`` that has all it needs
    """

    # After a version with an end the one before it goes on.
    go_on = True
    # Rates that are exceptions are not closed.
    keep_manual = False

    def __init__(self, sheet):
        self.sheet = sheet
        self.deck = sheet.deck_id
        self.env = sheet.env
        self.now = fields.Datetime.now()
        self.had_rates = False
        self.is_new, self.final = True, False
        self.ahead = None  # What the database does while the file is read.
        self.plain_since = None  # When the first of the plain rows begins.
        self.to_keep = None  # What was read of a large sheet.
        tell = sheet.env.context.get("voip_progress")
        self._tell = tell if callable(tell) else lambda share: None
        self.early = []

    def run(self, final=False):
        """Stage, compare and apply; the answers wait in ``voip_result``.

        :param final: it is no preview: the deck is as it was then, no row is faulty
        :return: counts that no row tells
        :raises UserError: it is not, or nothing can be applied
        """
        cr, self.final = self.env.cr, final
        self.deck._stage_open()
        if final:
            self._refuse_changed()
        cr.execute(result.CREATE)
        mine = [("deck_id", "=", self.deck.id)]
        self.had_rates = bool(self.env["voip.rate"].search_count(mine, limit=1))
        self.ahead = Ahead(self)
        found = self._fill()
        self._tell(READ)
        self._sort_out()
        self._compare()
        closing.refuse_lost(self)
        self._tell(COMPARED)
        # Those of what is applied are looked for once it is written.
        late = {} if final else self.find_late()
        self.is_new = not (final and self.sheet._stays(self.now))
        lines = result.LINES if self.is_new else result.LINES_KNOWN
        cr.execute(lines, self.params() | self.words())
        self._check_unread(found)
        if final:
            self._refuse_faults()
        self._write_deck(final)
        self._tell(WRITTEN)
        return {
            "row_count": found.rows,
            **late,
            "early_count": len(self.early),
            "early_text": self.deck._early_text(self.early),
            "agreed_count": self.sheet._agreed(self.is_new),
        }

    def words(self):
        """What people call the terms that a line may change, and a blocked code."""
        known = self.env["voip.rate"]._fields
        blocked = self.env._("Calls to it are blocked.")
        names = [known[n]._description_string(self.env) for n in result.FURTHER]
        return {"names": names, "blocked": blocked}

    def _refuse_changed(self):
        if self.sheet._revision() != self.sheet.deck_revision:
            self.sheet._refuse_preview()

    # === READING === #

    def _fill(self):
        """Read the file into the stage; faults go into the result."""
        mark, now = self._mark(), fields.Datetime.to_string(self.now)
        reading = self.sheet._kept_reading(mark)
        if reading:
            for part in reading.parts:
                self.ahead.take(part.at(now))
        else:
            reading = self._read(now)
            large = reading.found.rows >= LEAST_ROWS
            self.to_keep = meanwhile(reading.packing(mark) if large else bytes)
        reading.closes_at(now)
        if self.ahead.has_open:
            self.plain_since = plain.settle(self, reading.found.closes)
        closing.fill(self, reading.found.closes, reading.count())
        self._fill_faults(reading.found)
        return reading.found

    def _read(self, now):
        found, parts = Lines(), []
        # It asks the database, which is at work for others in a moment.
        reader = self._reader()
        try:
            with self.ahead.meanwhile() as take:
                for part in self._parts(reader, found):
                    take(part.at(now))
                    parts.append(part)
        except BadFile as error:
            raise UserError(str(error)) from error
        return Reading(parts, found)

    def _parts(self, reader, found):
        """The lines of the file, some thousands at a time; tells how far it is."""
        stage, sheet, first = [], [], 0
        lines = reader.lines(self._typed(), found)
        for index, (number, code, rest) in enumerate(lines):
            if len(stage) == PART_ROWS:
                yield Part("".join(stage), "".join(sheet), first)
                stage, sheet, first = [], [], index
                # What is left is not known: ever slower, never back.
                self._tell(READ * index / (index + HALF_ROWS))
            stage.append(f"{index}\t{code}\t{rest}\n")
            sheet.append(f"{index}\t{number}\tf\n")
        yield Part("".join(stage), "".join(sheet), first)

    def _mark(self):
        """All that a reading depends on, as a text."""
        sheet, reader = self.sheet, self._reader()
        rates = reader.reader
        return repr(
            (
                STAGE_COLUMNS,
                tuple(Close.__slots__),
                sheet.sha256,
                sheet.sheet,
                sheet.header_row,
                sorted(sheet.column_ids._by_target().items()),
                sheet.mark,
                sheet.shape,
                reader.date,
                sorted(reader.utc),
                reader.money.name,
                sorted(reader.zones.items()) if reader.zones else None,
                (rates.tz, rates.initial, rates.following, rates.starts),
                sorted(rates.services.items()),
            )
        )

    def _typed(self):
        """Typed rows of the sheet."""
        rows = grid.rows(self.sheet._data(), self.sheet.sheet or None)
        titles = [next(rows, []) for _row in range(self.sheet.header_row)]
        self.sheet._refuse_titles(titles)
        # Sheets that were put together of several name their columns again.
        return typed.read(
            ([] if titles and row == titles[-1] else row for row in rows),
            self.sheet.column_ids._by_target(),
            KINDS,
            typed.Form(self.sheet.mark or ".", self.sheet.shape or "ymd"),
            self.sheet.header_row + 1,
        )

    def _reader(self):
        deck = self.deck
        services = self.env["voip.service"].search_read(
            self.env["voip.service"]._check_company_domain(deck.company_id), ["code"]
        )
        reader = RateReader(
            deck.tz,
            deck.default_initial_increment,
            deck.default_next_increment,
            NOW if self.had_rates else ALWAYS,
            {service["code"]: service["id"] for service in services},
        )
        date = str(self.sheet.date) if self.sheet.date_mode == "one" else None
        targets = self.sheet.column_ids._by_target()
        zones = self._zones() if targets.keys().isdisjoint(CODES) else None
        return SheetReader(
            reader,
            self.sheet.mark or ".",
            date,
            zones,
            self.sheet._money(),
            self.sheet.column_ids._in_utc(),
        )

    def _zones(self):
        """{lower name of a destination: its codes}."""
        destinations = self.env["voip.destination"]
        domain = destinations._check_company_domain(self.sheet.company_id)
        return {
            zone.name.lower(): zone.prefix_ids.mapped("prefix")
            for zone in destinations.search(domain, order="company_id DESC")
        }

    def past_reason(self):
        """Why a row that would change the past is faulty."""
        return self.env._(
            "It would change the past: give a later date, or choose that dates in "
            "the past begin now or are back-dated."
        )

    def _fill_faults(self, found):
        faults, kept = io.StringIO(), io.StringIO()
        for fault in found.faults:
            first = fault.codes[0] if fault.codes else "\\N"
            cells = (str(fault.number), first, _text(fault.label), _text(fault.reason))
            faults.write("\t".join(cells) + "\tfaulty\n")
        codes = {code for fault in found.faults for code in fault.codes}
        kept.write("".join(f"{code}\n" for code in codes))
        columns = ("number", "prefix", "label", "reason", "status")
        self.fill_table("voip_result", columns, faults)
        self.fill_table("voip_kept", ("prefix",), kept)

    def fill_table(self, table, columns, buffer):
        """Fill a temporary table from COPY texts, from their beginning."""
        buffer.seek(0)
        self.env.cr._obj.copy_expert(
            f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer
        )

    def params(self, reason=None):
        """What the statements of an import are about."""
        return {
            "id": self.sheet.id,
            "deck": self.deck.id,
            "company": self.sheet.company_id.id,
            "now": self.now,
            "reason": reason,
        }

    # === FAULTS AND DUPLICATES === #

    def _sort_out(self):
        """Lines that contradict others, say the same or lie in the past."""
        cr = self.env.cr
        cr.execute(ANALYZE)
        cr.execute("ANALYZE voip_sheet; SET LOCAL jit = off")
        self._set_aside(
            result.BACKWARDS, "faulty", self.env._("It ends before it begins.")
        )
        if self.sheet.past == "now" and self.had_rates:
            self._begin_now()
        cr.execute(ANY_TWICE)
        if not cr.fetchone()[0]:
            return
        if self.sheet.duplicates == "refuse":
            reason = self.env._("Row {row} has other values of this code and date.")
            self._set_aside(result.CONTRADICT, "faulty", reason)
        reason = self.env._("Row {row} is taken for this code and date.")
        self._set_aside(result.repeated(self.sheet.duplicates), "duplicate", reason)

    def _begin_now(self):
        over = self.env._("It ended in the past.")
        self._set_aside(result.OVER, "faulty", over)
        reason = self.env._("Row {row} begins later and is valid now.")
        self._set_aside(result.SUPERSEDED, "duplicate", reason)
        for statement in result.FROM_NOW:
            self.env.cr.execute(statement, self.params())

    def _set_aside(self, found, status, reason, **params):
        """Take lines out of the stage; returns how many."""
        self.env.cr.execute(
            result.SET_ASIDE.format(found=found),
            {**self.params(reason), "status": status, **params},
        )
        return self.env.cr.rowcount

    def _compare(self):
        """Compare with the deck until no line is faulty for what the deck says."""
        errors = self.deck._stage_compare(go_on=True)[1]
        while self.sheet._agree(self):
            self.env.cr.execute(AGAIN)
            errors = self.deck._stage_compare(go_on=True)[1]
        while self._refuse_lines() + self._refuse_errors(errors):
            self.env.cr.execute(AGAIN)
            errors = self.deck._stage_compare(go_on=True)[1]

    def _refuse_errors(self, errors):
        """Set lines aside that the comparison refused, such as ends that are cut."""
        if not errors:
            return 0
        indexes = [error["index"] for error in errors]
        reasons = [error["message"] for error in errors]
        return self._set_aside(
            result.REFUSED, "faulty", None, indexes=indexes, reasons=reasons
        )

    def _refuse_lines(self):
        used = self.env._(
            "The version with this start has rated calls: give a later date."
        )
        count = self._set_aside(result.USED, "faulty", used)
        if self.sheet.past == "refuse" and self.had_rates:
            count += self._set_aside(result.PAST, "faulty", self.past_reason())
        return count

    def find_late(self):
        """Calls that back-dated rows would have rated otherwise, as values to keep."""
        if self.sheet.past != "back":
            return {"late_count": 0, "late_calls": [], "late_batches": []}
        self.env.cr.execute(result.LATE, {**self.params(), "most": MOST_LISTED})
        count, calls, batches = self.env.cr.fetchone()
        return {
            "late_count": count,
            "late_calls": calls or [],
            "late_batches": batches or [],
            "late_batch_count": len(batches or []),
        }

    def _check_unread(self, found):
        """A full replacement must know which codes it may not close."""
        unread = [fault.number for fault in found.faults if not fault.codes]
        if self.sheet.mode == "full" and self.sheet.leave_faulty and unread:
            raise UserError(
                self.env._(
                    "The code in row %(row)s cannot be read, so a full replacement "
                    "could close it by mistake. Mend the row, or choose a partial "
                    "import.",
                    row=unread[0],
                )
            )

    def _refuse_faults(self):
        self.env.cr.execute(result.FIRST_FAULTS)
        faults = self.env.cr.fetchall()
        if faults and not self.sheet.leave_faulty:
            raise UserError(
                self.env._(
                    "Nothing was applied. Mend the faulty rows and send the file "
                    "again, or leave them out:\n%(faults)s",
                    faults="\n".join(
                        self.env._("Row %(row)s: %(reason)s", row=row, reason=reason)
                        for row, reason in faults
                    ),
                )
            )

    # === THE DECK === #

    def _write_deck(self, final):
        cr, deck = self.env.cr, self.deck
        cr.execute("SELECT FROM voip_stage UNION ALL SELECT FROM voip_ending LIMIT 1")
        if not (cr.rowcount or self.plain_since):
            if final:
                raise UserError(self.env._("The sheet has no row that can be applied."))
            return
        watch = deck._early_watch_stage(full=self.sheet.mode == "full")
        if final:
            cr.execute(result.BEFORE, self.params())
            writing.write(self, watch)
            deck._early_settle(self.early, self.sheet.notice_reason)
        elif watch or self._closes():
            self.ahead.make_twin()
            with writing.on_twin(cr):
                writing.write(self, watch, named=bool(watch))

    def _closes(self):
        """Whether codes may end: only then the deck tells a preview something more."""
        if self.sheet.mode == "full":
            return self.had_rates
        self.env.cr.execute(result.ANY_CLOSED)
        return self.env.cr.fetchone()[0]

    def close_at(self):
        """When codes that the sheet does not have end: not before now."""
        if self.sheet.date_mode == "one":
            begin = self._reader().reader.moment(str(self.sheet.date))
            return max(self.now, datetime.fromisoformat(begin))
        return self.deck._stage_close_at(self.plain_since)


def _text(value):
    """A text as COPY reads it."""
    printable = "".join(char if char.isprintable() else " " for char in value)
    return printable.replace("\\", "\\\\")
