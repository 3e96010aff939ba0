"""What became of the records of a batch, so that the figures add up at any time."""

from odoo import api, fields, models


class VoipCdrBatch(models.Model):
    """Received = rated + zero-rated + in error + dismissed + duplicates + to be rated.

    ``refused`` and ``conflicts`` tell of the intake alone: their records are in the
    error queue, and once corrected among the rated ones.
    """

    _inherit = "voip.cdr.batch"

    in_error = fields.Integer(
        compute="_compute_in_error",
        help="Open records in the error queue: refused ones, conflicts, and accepted"
        " ones without a price.",
    )
    dismissed = fields.Integer(
        compute="_compute_in_error",
        help="Records of the error queue that need no price; their note says why.",
    )
    unrated = fields.Integer(
        string="To Be Rated",
        compute="_compute_unrated",
        help="Accepted records that are not rated yet. All others: received = rated +"
        " zero-rated + in error + dismissed + duplicates.",
    )
    # === COMPUTE METHODS === #

    @api.depends("error_ids.state")
    def _compute_in_error(self):
        counts = {
            (batch, state): count
            for batch, state, count in self.env["voip.cdr.error"]._read_group(
                [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"]
            )
        }
        for batch in self:
            batch.in_error = counts.get((batch, "open"), 0)
            batch.dismissed = counts.get((batch, "dismissed"), 0)

    @api.depends("received", "rated", "zero_rated", "duplicates", "error_ids.state")
    def _compute_unrated(self):
        for batch in self:
            queued = batch.in_error + batch.dismissed
            known = batch.rated + batch.zero_rated + batch.duplicates + queued
            batch.unrated = batch.received - known
