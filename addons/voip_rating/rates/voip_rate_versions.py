"""How the versions of a rate follow each other, and which of them rated calls."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..sheets.apply import CHAIN, ENDING, KEYS_OF_IDS, UNTIL_OF_LISTS
from ..sheets.compare import LAST_USED
from ..sheets.layers import (
    ADD_RETURNS,
    CREATE_LAYERS,
    CUT,
    CUT_ENDS,
    DELETE_RETURNS,
    GONE,
    KEEP_USED,
    LAYERS_OF_KEYS,
    MOVE_RETURNS,
    RETURNS,
    SET_ENDS,
)
from .meanwhile import RINGING

# A form that proposed now may be open for a while.
TYPING = timedelta(minutes=15)


class VoipRate(models.Model):
    _inherit = "voip.rate"

    past_note = fields.Char(compute="_compute_past_note")

    # === COMPUTE METHODS === #

    @api.depends("deck_id", "effective_from")
    def _compute_past_note(self):
        """What a new version leaves as it is that begins in the past of its deck."""
        typed = fields.Datetime.now() - TYPING
        past = self.filtered(
            lambda rate: not rate._origin.id
            and rate.effective_from
            and rate.effective_from < typed
        )
        self.past_note = False
        decks = past.deck_id._origin
        counts = dict(
            self._read_group([("deck_id", "in", decks.ids)], ["deck_id"], ["__count"])
        )
        for rate in past:
            if counts.get(rate.deck_id._origin):
                rate.past_note = self.env._(
                    "This rate begins in the past. Calls that were rated meanwhile "
                    "keep their price until their batch is undone and its records are "
                    "sent again, or until they are credited and rated again."
                )

    # === BUSINESS METHODS === #

    def _last_used(self, since=None):
        """{rate id: start of the last call it rated}, for sale or cost.

        :param since: of calls that started then or later; None = of all
        """
        if not self.ids:
            return {}
        return dict(self.env.execute_query(self._last_used_query(since)))

    def _last_used_query(self, since=None):
        first, last = self._span()
        return SQL(LAST_USED, ids=self.ids, since=since or first, until=last)

    def _span(self):
        """When calls may have started that these versions rated: from, to before.

        A version is chosen by the call's answer, which comes some time after its start.
        """
        ends = self.mapped("effective_to")
        first = min(self.mapped("effective_from")) - RINGING
        return first, max(ends) + RINGING if all(ends) else "infinity"

    def _is_used(self):
        """Whether any of these rates has rated a call."""
        return bool(self._last_used())

    def _check_end(self, end):
        if not end:
            return
        for rate_id, last in self._last_used(since=end).items():
            raise UserError(
                self.env._(
                    "Rate %(rate)s has rated a call at %(last)s: it cannot end before.",
                    rate=self.browse(rate_id).display_name,
                    last=fields.Datetime.to_string(last),
                )
            )

    def _go_on(self):
        """Let what these versions interrupt go on where they end.

        :raise UserError: another version would cut the end of one of these
        """
        self.flush_model()
        cr = self.env.cr
        cr.execute(CREATE_LAYERS)
        cr.execute(LAYERS_OF_KEYS.format(keys=KEYS_OF_IDS), {"ids": self.ids})
        cr.execute("ANALYZE voip_layer")
        cr.execute(CUT_ENDS, {"ids": self.ids})
        for _idx, _id, prefix, ends, cut in cr.fetchall():
            raise UserError(self._cut_message(prefix, ends, cut))
        cr.execute(CUT)
        cr.execute(RETURNS)
        self._keep_used_returns()
        self._apply_returns()
        self.invalidate_model(flush=False)
        self.env["voip.rate.deck"].invalidate_model(["rate_ids"])

    def _keep_used_returns(self):
        """Returns that are none any more, but rated calls, last until the last one."""
        cr = self.env.cr
        cr.execute(GONE)
        used = self.browse(row[0] for row in cr.fetchall())._last_used()
        if not used:
            return
        cr.execute(
            "INSERT INTO voip_used SELECT u.id, date_trunc('second', u.last)"
            " + interval '1 second' FROM unnest(%s::int[], %s::timestamp[])"
            " AS u(id, last)",
            [list(used), list(used.values())],
        )
        cr.execute(KEEP_USED)
        cr.execute(RETURNS)
        cr.execute(SET_ENDS)

    @api.model
    def _apply_returns(self):
        """Write what was found to go on into the decks; returns how many are new."""
        cr = self.env.cr
        cr.execute(DELETE_RETURNS)
        cr.execute(MOVE_RETURNS)
        cr.execute(ADD_RETURNS, {"uid": self.env.uid})
        return cr.rowcount

    @api.model
    def _cut_message(self, prefix, ends, cut):
        return self.env._(
            "%(prefix)s: another version begins at %(cut)s, before the end given "
            "(%(ends)s), and lasts as long or longer. End this one at %(cut)s; where "
            "it shall go on, give a second one that begins there.",
            prefix=prefix,
            cut=fields.Datetime.to_string(cut),
            ends=fields.Datetime.to_string(ends),
        )

    def _chain_versions(self):
        """End each version of these rates' prefixes where the next one begins."""
        self.flush_model()
        cr, ids = self.env.cr, {"ids": self.ids}
        cr.execute(ENDING.format(keys=KEYS_OF_IDS), ids)
        if not (ending := dict(cr.fetchall())):
            return
        used = self.browse(ending)._last_used(since=min(ending.values()))
        cr.execute(
            CHAIN.format(keys=KEYS_OF_IDS, used=UNTIL_OF_LISTS),
            {**ids, "used": list(used), "last": list(used.values())},
        )
        self.invalidate_model(["effective_to"])
