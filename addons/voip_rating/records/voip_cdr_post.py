"""Posted records: kept as they came until the worker makes a batch of them."""

import json

from odoo import api, fields, models

from odoo.addons.voip_billing_base.charge.transaction import run_money

# So long a record rests for others to come, so that few batches are made of many.
REST_SECONDS = 1.0
# Of a batch. One post alone may be larger.
MOST, MOST_BYTES = 10_000, 64 << 20
# What waits for longer is not on its way: the worker does not run.
LATE_SECONDS = 60


class VoipCdrPost(models.Model):
    """A call record that a switch posted, in its switch's own words.

    The request writes it and answers; the worker moves it into a batch, then deletes it
    in the transaction that stores and charges its call. Until then, and when that never
    works, it stays here.
    """

    _name = "voip.cdr.post"
    _description = "Posted Call Record"
    _inherit = ["voip.guard"]
    _order = "id"
    _rec_name = "received_at"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    switch_id = fields.Many2one(
        "voip.switch", required=True, readonly=True, ondelete="restrict"
    )
    format_id = fields.Many2one(
        "voip.cdr.format", required=True, readonly=True, ondelete="restrict"
    )
    batch_id = fields.Many2one(
        "voip.cdr.batch",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: the worker has not taken it yet.",
    )
    received_at = fields.Datetime(
        string="Received",
        required=True,
        readonly=True,
        help="By the database's clock.",
    )
    record = fields.Text(required=True, readonly=True, help="As JSON.")

    _waiting = models.Index("(switch_id, format_id, id) WHERE batch_id IS NULL")

    # === BUSINESS METHODS === #

    @api.model
    def _put(self, switch, layout, records):
        """Keep records in the caller's transaction, in their order.

        :param layout: ``voip.cdr.format`` of the records
        :param records: list of dicts, as JSON says them
        """
        if records:
            # Of ASCII, so that whatever JSON can say can be stored.
            texts = [json.dumps(record, separators=(",", ":")) for record in records]
            ids = [switch.company_id.id, switch.id, layout.id]
            self.env.cr.execute(PUT_SQL, [*ids, texts])
            self.env.cr.postcommit.add(self._wake_once)

    @api.model
    def _wake_once(self):
        """Have the worker run unless that is planned; called after the commit."""
        batches = self.env["voip.cdr.batch"]
        batches._wake_once(batches._job_cron)

    @api.model
    def _gather(self):
        """Make batches of the records that have rested, each of a switch and format.

        :return: (whether there are new batches, whether records are left)
        """
        return run_money(self.env, lambda env: env[self._name].sudo()._gather_rested())

    @api.model
    def _gather_rested(self):
        self.env.cr.execute(RESTED_SQL, [REST_SECONDS])
        found = self.env.cr.fetchall()
        taken = [
            self._take(switch, layout) for switch, layout, rested in found if rested
        ]
        return any(taken), len(taken) < len(found)

    @api.model
    def _take(self, switch, layout):
        """Move the oldest records of a switch and format into a new batch.

        One after another, so that the batches keep the order of the records.
        """
        cr = self.env.cr
        cr.execute("SELECT pg_advisory_xact_lock(hashtext('voip_cdr_post'), 0)")
        cr.execute(OLDEST_SQL, [switch, layout, MOST, MOST_BYTES])
        ids = [row[0] for row in cr.fetchall()]
        return ids and self._into_batch(switch, layout, ids)

    @api.model
    def _into_batch(self, switch, layout, ids):
        switch = self.env["voip.switch"].browse(switch)
        batch = self.env["voip.cdr.batch"].create(
            {
                "company_id": switch.company_id.id,
                "switch_id": switch.id,
                "door": "post",
                "format_id": layout,
            }
        )
        self.env.cr.execute(
            "UPDATE voip_cdr_post SET batch_id = %s WHERE id = ANY(%s)", [batch.id, ids]
        )
        return batch

    @api.model
    def _late_switches(self, company):
        """Switches whose posted records no worker takes."""
        self.env.cr.execute(LATE_SQL, [company.id, LATE_SECONDS])
        return self.env["voip.switch"].browse(row[0] for row in self.env.cr.fetchall())


PUT_SQL = """
INSERT INTO voip_cdr_post (company_id, switch_id, format_id, received_at, record)
SELECT %s, %s, %s, clock_timestamp() AT TIME ZONE 'UTC', record
  FROM unnest(%s::text[]) WITH ORDINALITY r (record, place) ORDER BY place
"""
RESTED_SQL = """
SELECT switch_id, format_id,
       min(received_at) <= clock_timestamp() AT TIME ZONE 'UTC'
                           - %s * interval '1 second'
  FROM voip_cdr_post WHERE batch_id IS NULL GROUP BY 1, 2 ORDER BY min(id)
"""
OLDEST_SQL = """
SELECT id FROM (
    SELECT id, row_number() OVER ids, sum(octet_length(record)) OVER ids AS bytes
      FROM (SELECT id, record FROM voip_cdr_post
             WHERE switch_id = %s AND format_id = %s AND batch_id IS NULL
             ORDER BY id LIMIT %s) oldest
    WINDOW ids AS (ORDER BY id)) counted
 WHERE row_number = 1 OR bytes <= %s
"""
LATE_SQL = """
SELECT DISTINCT switch_id FROM voip_cdr_post
 WHERE company_id = %s AND batch_id IS NULL
   AND received_at < clock_timestamp() AT TIME ZONE 'UTC' - %s * interval '1 second'
 ORDER BY 1
"""
