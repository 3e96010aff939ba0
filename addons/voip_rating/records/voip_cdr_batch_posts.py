"""Batches of posted records: stored, rated and no longer posts in one transaction."""

import json
from datetime import timedelta

import psycopg2

from odoo import fields, models

from odoo.addons.voip_billing_base.charge.transaction import lock_company, run_money
from odoo.addons.voip_billing_base.counts import counts_by

from ..calls.work import store_records
from .voip_cdr_post import LATE_SECONDS

DOOR = "post"


class VoipCdrBatch(models.Model):
    _inherit = "voip.cdr.batch"

    post_count = fields.Integer(
        string="Posts",
        compute="_compute_post_count",
        help="Posted records that are kept as they came, because they are not stored.",
    )

    # === COMPUTE METHODS === #

    def _compute_post_count(self):
        counts = counts_by(self.env["voip.cdr.post"], "batch_id", self)
        for batch in self:
            batch.post_count = counts.get(batch, 0)

    # === ACTION METHODS === #

    def action_view_posts(self):
        return self._action(
            "voip_rating.voip_cdr_post_action", [("batch_id", "in", self.ids)]
        )

    # === BUSINESS METHODS === #

    def _is_on_its_way(self):
        """Whether these are posts that are about to be rated."""
        late = self.env.cr.now() - timedelta(seconds=LATE_SECONDS)
        return (
            self.door == DOOR
            and self.state == "waiting"
            and not self.retry_at
            and self.create_date > late
        )

    def _rate_posts(self):
        """Store and rate the posts of this batch, which are deleted."""
        cr = self.env.cr
        # First of all, as a file does: both claim keys of calls after it.
        lock_company(cr, self.company_id.id)
        cr.execute(
            "DELETE FROM voip_cdr_post WHERE batch_id = %s RETURNING id, record",
            [self.id],
        )
        records = [json.loads(record) for _post, record in sorted(cr.fetchall())]
        store = store_records(self, records)
        self._keep_counts(store)
        self._rate_stored()

    def _halve(self, error):
        """Move half of the posts to another batch where a value cannot be stored.

        So one record is given up alone in the end, and its neighbours are charged.

        :return: whether there is less in this batch now
        """
        # The error first: with the connection lost nothing can be read.
        if not isinstance(error, psycopg2.DataError) or self.door != DOOR:
            return False
        return run_money(self.env, lambda env: self.with_env(env)._move_half())

    def _move_half(self):
        cr = self.env.cr
        cr.execute(
            "SELECT p.id FROM voip_cdr_post p"
            "  JOIN voip_cdr_batch b ON b.id = p.batch_id"
            " WHERE b.id = %s AND b.state IN ('waiting', 'failed')"
            " ORDER BY p.id FOR UPDATE",
            [self.id],
        )
        ids = [row[0] for row in cr.fetchall()]
        if len(ids) < 2:
            return False
        posts = self.env["voip.cdr.post"]
        posts._into_batch(self.switch_id.id, self.format_id.id, ids[len(ids) // 2 :])
        self._wake_worker()
        return True
