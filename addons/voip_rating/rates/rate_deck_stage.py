"""New rates against a deck: compare and apply in SQL, any number of rows at once.

The rows wait in the temporary table ``voip_stage``. Together with the versions the deck
has of the same prefixes they make one timeline per prefix and origin, in which each row
is compared with the version before it.
"""

from datetime import datetime

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.voip_billing_base.charge.planner import (
    MEMORY,
    NO_LOOPS,
    USUAL_LOOPS,
    USUAL_MEMORY,
)

from ..sheets.apply import (
    CHAIN,
    CLOSE_OTHERS,
    COUNT_CLOSED,
    END,
    FALLBACKS,
    INHERIT,
    INSERT,
    KEYS_OF_STAGE,
    NAME,
    REPLACE,
)
from ..sheets.compare import (
    CHANGED_SINCE,
    COUNT_KINDS,
    ENDS_SINCE,
    KINDS,
    REOPEN,
    STATE_AGAIN,
    TIMELINE,
    UNTIL,
    USED,
    USED_SAME_START,
)
from ..sheets.layers import (
    COUNT_ENDED,
    COUNT_MOVED,
    CREATE_LAYERS,
    CUT,
    CUT_ENDS,
    GONE,
    KEEP_USED,
    LAYERS_OF_STAGE,
    RETURNS,
    SET_ENDS,
)
from ..sheets.stage import (
    ANALYZE,
    BACKWARDS,
    CREATE,
    DESTINATION_BY_NAME,
    DROP_ROWS,
    TWICE,
)
from .meanwhile import RINGING

RESET = f"{USUAL_LOOPS}; {USUAL_MEMORY}"


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    def _stage_open(self):
        """Create the empty stage; lock the deck against other loads."""
        self.ensure_one()
        self.env.flush_all()
        cr = self.env.cr
        cr.execute("SELECT FROM voip_rate_deck WHERE id = %s FOR UPDATE", [self.id])
        cr.execute(CREATE)
        cr.execute(CREATE_LAYERS)
        cr.execute(MEMORY)

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

    def _stage_compare(self, go_on=False):
        """Build the timeline.

        :param go_on: after a version with an end the one before it goes on
        :return: ``(counts by kind, list of errors)``
        """
        cr, deck = self.env.cr, {"deck": self.id}
        cr.execute(ANALYZE)
        # Nothing is known yet about rates loaded just now: never loop over them.
        cr.execute(NO_LOOPS)
        cr.execute(REOPEN, deck)
        cr.execute(TIMELINE, deck)
        cr.execute("ANALYZE voip_timeline")
        errors, gone = self._stage_layers() if go_on else ([], [])
        cr.execute(COUNT_KINDS)
        counts = dict.fromkeys(KINDS, 0) | dict(cr.fetchall())
        if self._stage_has_layers():
            cr.execute(COUNT_MOVED)
            moved = cr.fetchone()[0]
            counts["unchanged"] -= moved
            counts["changed"] += moved
        cr.execute(CHANGED_SINCE)
        changed = cr.fetchone()[0] or datetime.max
        cr.execute(ENDS_SINCE)
        ending = cr.fetchone()[0] or datetime.max
        since = min([fields.Datetime.now(), changed, ending, *gone])
        cr.execute(USED, {**deck, "since": since - RINGING})
        if gone:
            cr.execute(KEEP_USED)
            cr.execute(RETURNS)
        cr.execute(USED_SAME_START)
        return counts, errors + self._stage_used()

    def _stage_layers(self):
        """Lay the rows of prefixes with ends over the versions there are.

        :return: ``(errors of rows whose end another version would cut, starts of
            returns that the rows do away with)``
        """
        cr = self.env.cr
        cr.execute(STATE_AGAIN)
        cr.execute(LAYERS_OF_STAGE, {"deck": self.id})
        if not self._stage_has_layers():
            return [], []
        cr.execute("ANALYZE voip_layer")
        cr.execute(CUT_ENDS, {"ids": []})
        errors = [
            self._load_error(
                idx, "conflict", self.env["voip.rate"]._cut_message(prefix, ends, cut)
            )
            for idx, _id, prefix, ends, cut in cr.fetchall()
        ]
        cr.execute(CUT)
        cr.execute(RETURNS)
        cr.execute(GONE)
        return errors, [start for _id, start in cr.fetchall()]

    def _stage_has_layers(self):
        """Whether a row concerns a version with an end; most sheets have none."""
        self.env.cr.execute("SELECT EXISTS (SELECT FROM voip_layer)")
        return self.env.cr.fetchone()[0]

    def _stage_used(self):
        """The errors of rows that would replace a version that has rated calls."""
        return [
            self._load_error(
                idx,
                "conflict",
                self.env._(
                    "the version of %(prefix)s with this start has rated calls; "
                    "give a later start",
                    prefix=prefix,
                ),
            )
            for idx, prefix in self.env.cr.fetchall()
        ]

    def _stage_destinations(self):
        """Find the zone of each row: by its name, else by its code in ``voip_zone``."""
        cr = self.env.cr
        # Users of a branch alone do not read the companies above it.
        companies = self.company_id.sudo().parent_ids.ids
        cr.execute(DESTINATION_BY_NAME, {"companies": companies})
        unnamed = SQL(
            "SELECT DISTINCT prefix FROM voip_stage WHERE destination_id IS NULL"
        )
        found = self.env["voip.destination"]._prefix_query(unnamed, self.company_id)
        cr.execute(SQL("INSERT INTO voip_zone %s", found))

    def _stage_apply(
        self, close_at=None, keep_manual=False, manual=False, go_on=False, named=True
    ):
        """Write the stage into the deck.

        :param close_at: rates of prefixes without a row end here; None = they stay
        :param keep_manual: exceptions are not closed
        :param manual: the new versions are exceptions
        :param go_on: as it was compared
        :param named: names and destinations, too
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
            "close_at": close_at,
            "full": bool(close_at),
        }
        if named:
            cr.execute(INHERIT, params)
        cr.execute(REPLACE)
        cr.execute(INSERT, params)
        if named:
            cr.execute(NAME, params)
        closed, returns = self._stage_chain(params, go_on)
        closed += self._stage_close(params)
        cr.execute(FALLBACKS, params)
        fallbacks = cr.fetchall()
        cr.execute(RESET)
        return closed, fallbacks, returns

    def _stage_close(self, params):
        """End the codes that the stage does not have; returns how many."""
        cr = self.env.cr
        collect, *close = CLOSE_OTHERS
        cr.execute(collect, params)
        cr.execute("ANALYZE voip_closed")
        for statement in close:
            cr.execute(statement, params)
        cr.execute(COUNT_CLOSED)
        return cr.fetchone()[0]

    def _stage_chain(self, params, go_on):
        """Move the ends of versions; returns how many ended, and how many go on."""
        cr, closed, returns = self.env.cr, 0, 0
        if layered := go_on and self._stage_has_layers():
            returns = self.env["voip.rate"]._apply_returns()
            cr.execute(SET_ENDS)
        elif not go_on:
            cr.execute(END, params)
            closed = cr.fetchone()[0]
        cr.execute(CHAIN.format(keys=KEYS_OF_STAGE, used=UNTIL), params)
        if layered:
            cr.execute(COUNT_ENDED)
            closed = cr.fetchone()[0]
        return closed, returns

    @staticmethod
    def _load_error(index, code, message):
        return {"index": index, "code": code, "message": message}
