"""How often programs of a customer asked for an account: a row a key and day."""

from odoo import api, fields, models

from odoo.addons.voip_billing_base.fields import BigInteger

# Requests of a minute, of a key and account.
MOST_A_MINUTE = 120
KEPT = "400 days"


class VoipApiUse(models.Model):
    """Written by SQL with each request.

    Requests at once write different rows: each takes one by its connection.
    """

    _name = "voip.api.use"
    _inherit = ["voip.account.rows"]
    _description = "API Usage by Day"
    _log_access = False
    _order = "day desc, id desc"
    _rec_name = "prefix"

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade", index=True
    )
    prefix = fields.Char(
        string="Key", required=True, readonly=True, help="Its first characters."
    )
    day = fields.Date(
        required=True, readonly=True, help="Day in the account's time zone."
    )
    shard = fields.Integer(required=True, readonly=True, aggregator=None)
    requests = BigInteger(required=True, readonly=True)
    minute = fields.Datetime(
        string="Last Used", required=True, readonly=True, help="To the minute."
    )
    in_minute = fields.Integer(
        string="Requests of That Minute", required=True, readonly=True, aggregator=None
    )

    _once = models.UniqueIndex("(account_id, day, user_id, prefix, shard)")
    _bounds = models.Constraint(
        "CHECK (requests BETWEEN 0 AND 1000000000000 AND shard BETWEEN 0 AND 15"
        " AND in_minute BETWEEN 0 AND 1000000000)",
        "A number of requests is out of bounds.",
    )

    # === BUSINESS METHODS === #

    @api.model
    def _take(self, account, user, prefix, day):
        """Count a request; whether it is one of those that a minute has.

        :param account: the account that it is about, which the user may read
        """
        self.env.cr.execute(
            TAKE_SQL, [account.company_id.id, account.id, user.id, prefix, day]
        )
        self.env.cr.execute(MINUTE_SQL, [account.id, day, user.id, prefix])
        return self.env.cr.fetchone()[0] <= MOST_A_MINUTE

    @api.model
    def _of_days(self, account, first):
        """[(day, requests)] of an account since a day, the last day first."""
        return self.sudo()._read_group(
            [("account_id", "=", account.id), ("day", ">=", first)],
            ["day:day"],
            ["requests:sum"],
            order="day:day DESC",
        )

    @api.autovacuum
    def _gc_api_use(self):
        self.env.cr.execute(
            "DELETE FROM voip_api_use WHERE day < current_date - %s::interval", [KEPT]
        )


TAKE_SQL = """
INSERT INTO voip_api_use AS u (company_id, account_id, user_id, prefix, day, shard,
       requests, minute, in_minute)
VALUES (%s, %s, %s, %s, %s, pg_backend_pid() %% 16,
       1, date_trunc('minute', now() AT TIME ZONE 'UTC'), 1)
    ON CONFLICT (account_id, day, user_id, prefix, shard) DO UPDATE
   SET requests = u.requests + 1, minute = EXCLUDED.minute,
       in_minute = CASE u.minute WHEN EXCLUDED.minute THEN u.in_minute ELSE 0 END + 1
"""
MINUTE_SQL = """
SELECT COALESCE(sum(in_minute), 0) FROM voip_api_use
 WHERE account_id = %s AND day = %s AND user_id = %s AND prefix = %s
   AND minute = date_trunc('minute', now() AT TIME ZONE 'UTC')
"""
