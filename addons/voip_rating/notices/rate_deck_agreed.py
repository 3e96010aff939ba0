"""Rates that a supplier announced too late cost more from the agreed date on."""

from odoo import models

from odoo.addons.voip_billing_base.charge.planner import no_nested_loops

from ..sheets.stage import AGAIN
from . import agreed

# What costs more, and so may come too late.
_DEARER = ("new", "increased")


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    def _supplier_agreement(self):
        """The agreement of notice with the deck's supplier, which may be none."""
        if self.side != "supplier":
            return self.env["voip.rate.agreement"]
        return self.env["voip.rate.agreement"].search(
            [("deck_ids", "in", self.ids), ("direction", "=", "supplier")], limit=1
        )

    def _stage_move(self, received):
        """Let rows of the stage begin when they may that were announced too late.

        :param received: when the supplier announced them, naive UTC
        :return: how many, compared with the deck as the stage is now
        """
        agreement = self._supplier_agreement()
        if not agreement:
            return 0
        earliest = agreement._earliest(received)
        self.env.cr.execute(
            agreed.MOVE,
            {"kinds": list(_DEARER), "earliest": [earliest[kind] for kind in _DEARER]},
        )
        moved = self.env.cr.rowcount
        if moved:
            self.env.cr.execute(agreed.NAME)
        return moved

    def _load_agreed(self, received, compared):
        """Hold the rows of a load to the agreement with the supplier.

        :param received: when he announced them, naive UTC
        :param compared: what the stage was compared to, as ``_stage_compare`` says it
        :return: ``(the same of what is left, how many rows begin later than stated)``
        """
        cr, dropped, params = self.env.cr, 0, {"deck": self.id, "reason": ""}
        while self._stage_move(received):
            for found in (agreed.OVER, agreed.OVERTAKEN):
                cr.execute(agreed.DROP.format(found=found), params)
                dropped += cr.rowcount
            cr.execute(AGAIN)
            compared = self._stage_compare(go_on=True)
        counts, errors = compared
        counts["unchanged"] += dropped
        cr.execute(agreed.STAGED)
        return (counts, errors), cr.fetchone()[0]

    def _keep_stated(self):
        """Versions that begin later than stated know what was stated."""
        cr = self.env.cr
        cr.execute(agreed.ANY)
        if cr.fetchone()[0]:
            with no_nested_loops(cr):
                cr.execute(agreed.KEEP, {"deck": self.id})
