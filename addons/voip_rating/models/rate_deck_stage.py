"""New rates against a deck: compare and apply in SQL, any number of rows at once.

The rows wait in the temporary table ``voip_stage``. Together with the versions the deck
has of the same prefixes they make one timeline per prefix and origin, in which each row
is compared with the version before it.
"""

from datetime import datetime

from odoo import fields, models
from odoo.tools import SQL

from ..sheets.apply import (
    CHAIN,
    CLOSE_OTHERS,
    CONFIRM,
    COUNT_CLOSED,
    FALLBACKS,
    GO_ON,
    INSERT,
    KEYS_OF_STAGE,
    NEW_WITH_END,
    REPLACE,
)
from ..sheets.compare import (
    CHANGED_SINCE,
    COUNT_KINDS,
    KINDS,
    REOPEN,
    TIMELINE,
    UNTIL,
    USED,
    USED_SAME_START,
)
from ..sheets.stage import BACKWARDS, CREATE, DESTINATION_BY_NAME, DROP_ROWS, TWICE
from .voip_rate import RINGING


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    def _stage_open(self):
        """Create the empty stage; lock the deck against other loads."""
        self.ensure_one()
        self.env.flush_all()
        cr = self.env.cr
        cr.execute("SELECT FROM voip_rate_deck WHERE id = %s FOR UPDATE", [self.id])
        cr.execute(CREATE)

    def _stage_check(self):
        """Sort out rows that contradict each other.

        :return: ``(count of duplicates, list of errors)``; the rows concerned have
            left the stage
        """
        cr = self.env.cr
        cr.execute(BACKWARDS)
        errors = [
            self._load_error(idx, "bad_time", self.env._("it ends before it begins"))
            for (idx,) in cr.fetchall()
        ]
        cr.execute(TWICE)
        twice = cr.fetchall()
        errors += [
            self._load_error(
                idx,
                "conflict",
                self.env._(
                    "prefix %(prefix)s has other values in row %(first)s",
                    prefix=prefix,
                    first=first,
                ),
            )
            for idx, prefix, first, same in twice
            if not same
        ]
        rows = [error["index"] for error in errors] + [row[0] for row in twice]
        cr.execute(DROP_ROWS, {"rows": rows})
        return sum(same for _idx, _prefix, _first, same in twice), errors

    def _stage_compare(self):
        """Build the timeline.

        :return: ``(counts by kind, list of errors)``
        """
        cr, deck = self.env.cr, {"deck": self.id}
        cr.execute("ANALYZE voip_stage")
        # Nothing is known yet about rates loaded just now: never loop over them.
        cr.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
        cr.execute(REOPEN, deck)
        cr.execute(TIMELINE, deck)
        cr.execute("ANALYZE voip_timeline")
        cr.execute(COUNT_KINDS)
        counts = dict.fromkeys(KINDS, 0) | dict(cr.fetchall())
        cr.execute(CHANGED_SINCE)
        since = min(fields.Datetime.now(), cr.fetchone()[0] or datetime.max)
        cr.execute(USED, {**deck, "since": since - RINGING})
        cr.execute(USED_SAME_START)
        errors = [
            self._load_error(
                idx,
                "conflict",
                self.env._(
                    "the version of %(prefix)s with this start has rated calls; "
                    "give a later start",
                    prefix=prefix,
                ),
            )
            for idx, prefix in cr.fetchall()
        ]
        return counts, errors

    def _stage_destinations(self):
        """Find the zone of each row: by its name, else by its prefix."""
        cr = self.env.cr
        # Users of a branch alone do not read the companies above it.
        companies = self.company_id.sudo().parent_ids.ids
        cr.execute(DESTINATION_BY_NAME, {"companies": companies})
        unnamed = SQL(
            "SELECT DISTINCT prefix FROM voip_stage WHERE destination_id IS NULL"
        )
        found = self.env["voip.destination"]._prefix_query(unnamed, self.company_id)
        cr.execute(
            SQL(
                """
                UPDATE voip_stage s SET destination_id = f.destination_id
                  FROM (%s) f
                 WHERE f.prefix = s.prefix AND s.destination_id IS NULL
                """,
                found,
            )
        )

    def _stage_apply(
        self, close_at=None, keep_manual=False, manual=False, go_on=False
    ):
        """Write the stage into the deck.

        :param close_at: rates of prefixes without a row end here; None = they stay
        :param keep_manual: exceptions are not closed
        :param manual: the new versions are exceptions
        :param go_on: after a new version with an end the one before it goes on
        :return: ``(count of closed prefixes, [(prefix, shorter prefix or None)], count
            of versions that go on)``
        """
        cr = self.env.cr
        params = {
            "deck": self.id,
            "company": self.company_id.id,
            "uid": self.env.uid,
            "manual": manual,
            "keep_manual": keep_manual,
            "close_at": close_at or fields.Datetime.now(),
        }
        cr.execute(REPLACE)
        cr.execute(INSERT, params)
        cr.execute(CONFIRM, params)
        closed, returns = cr.fetchone()[0], 0
        if go_on:
            cr.execute(GO_ON.format(ids=NEW_WITH_END), params)
            returns = cr.rowcount
        cr.execute(CHAIN.format(keys=KEYS_OF_STAGE, used=UNTIL), params)
        collect, *close = CLOSE_OTHERS
        cr.execute(collect + ("" if close_at else " AND FALSE"), params)
        cr.execute("ANALYZE voip_closed")
        for statement in close:
            cr.execute(statement, params)
        cr.execute(COUNT_CLOSED)
        closed += cr.fetchone()[0]
        cr.execute(FALLBACKS, params)
        fallbacks = cr.fetchall()
        cr.execute("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL jit TO DEFAULT")
        return closed, fallbacks, returns

    @staticmethod
    def _load_error(index, code, message):
        return {"index": index, "code": code, "message": message}
