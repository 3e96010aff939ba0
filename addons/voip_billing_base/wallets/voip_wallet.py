"""Wallets: the cached balance of an account, moved only by SQL under its row lock."""

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..charge.room import leave_room
from ..const import MONEY
from ..fields import Amount, Generated

READ = {**MONEY, "readonly": True}
# The kind of a movement that mirrors the account's limit and moves no money.
LIMIT = "limit"
BALANCE = "ledger_balance - unbilled - unbilled_tax"
AVAILABLE = f"{BALANCE} - reserved + limit_amount"


class VoipWallet(models.Model):
    """Balance of one paying account.

    PostgreSQL keeps ``balance`` and ``available``, for SQL and ORM alike. The ledger is
    Odoo's receivable account; this row caches it and ``voip.check`` recomputes it.
    There is no ORM write path, not even for the superuser: amounts move through
    ``_move`` only, which leaves one append-only entry per wallet.
    """

    _name = "voip.wallet"
    _description = "Wallet"
    _inherit = ["voip.append.only"]
    _log_access = False
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "voip.account", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    ledger_balance = Amount(
        **READ,
        help="What the books say: top-ups and payments minus invoices. "
        "Positive: the customer has credit.",
    )
    unbilled = Amount(**READ, help="Rated usage that is not invoiced yet.")
    unbilled_tax = Amount(**READ, help="Estimated tax on the unbilled usage.")
    reserved = Amount(**READ, help="Held for calls in progress.")
    limit_amount = Amount(
        string="Limit",
        **READ,
        help="Credit limit (postpaid, hybrid) or valid overdraft (prepaid).",
    )
    balance = Generated(expression=BALANCE, **READ)
    available = Generated(
        expression=AVAILABLE,
        **READ,
        help="Ledger balance - unbilled - estimated tax - reserved + limit.",
    )
    entry_ids = fields.One2many("voip.wallet.entry", "wallet_id", readonly=True)

    _account_uniq = models.Constraint(
        "UNIQUE(account_id)", "An account has one wallet."
    )
    _bounds = models.Constraint(
        "CHECK (ledger_balance BETWEEN -1000000000000000 AND 1000000000000000"
        " AND unbilled BETWEEN -1000000000000000 AND 1000000000000000"
        " AND unbilled_tax BETWEEN -1000000000000000 AND 1000000000000000"
        " AND reserved BETWEEN 0 AND 1000000000000000"
        " AND limit_amount BETWEEN 0 AND 1000000000000000"
        " AND balance BETWEEN -1000000000000000 AND 1000000000000000)",
        "A wallet amount is out of bounds.",
    )

    def _refusal(self):
        return self.env._(
            "A wallet is never edited: top up, invoice or credit the account instead."
        )

    # === BUSINESS METHODS === #

    @api.model
    def _open(self, accounts):
        """Make the wallet rows of new accounts."""
        accounts.flush_recordset()
        for account in accounts:
            self.env.cr.execute(
                "INSERT INTO voip_wallet (account_id, company_id, currency_id,"
                " ledger_balance, unbilled, unbilled_tax, reserved, limit_amount)"
                " VALUES (%s, %s, %s, 0, 0, 0, 0, %s) ON CONFLICT DO NOTHING",
                [
                    account.id,
                    account.company_id.id,
                    account.currency_id.id,
                    account._wallet_limit(),
                ],
            )
        self.invalidate_model()

    @api.model
    def _sync_limit(self, accounts):
        """Mirror the accounts' limits, so that authorisation reads one row."""
        accounts.flush_recordset()
        self._move([{"account_id": account.id, "kind": LIMIT} for account in accounts])

    @api.model
    def _move(self, movements):
        """Apply movements and append one entry each.

        At READ COMMITTED this waits for the wallets. At REPEATABLE READ, as in Odoo's
        requests, one that is or was busy since the transaction began cannot be changed:
        then the movements are kept beside the wallet and booked after the commit.

        :param movements: list of dicts with ``account_id`` (the payer), ``kind``,
            ``ledger``, ``unbilled``, ``tax`` (Decimal, account currency; missing = 0),
            and optionally ``move_id``, ``batch_id``, ``origin``; of kind ``LIMIT`` the
            account alone
        :raises UserError: an account has no wallet
        """
        movements = [m for m in movements if _moves(m)]
        if not movements:
            return
        if not self._at_once(lambda wait: self._book(movements, wait=wait)):
            self._keep(movements)

    @api.model
    def _at_once(self, book):
        """Run ``book(wait)`` unless a wallet is busy; False when nothing was booked."""
        self.env.cr.execute("SHOW transaction_isolation")
        if self.env.cr.fetchone()[0] == "read committed":
            book(True)
            return True
        # The way back to the savepoint would undo what is flushed behind it.
        self.env["voip.account"].flush_model()
        try:
            with self.env.cr.savepoint(flush=False):
                book(False)
        except (errors.SerializationFailure, errors.LockNotAvailable):
            return False
        return True

    @api.model
    def _book(self, movements, account_ids=(), wait=True):
        """Lock wallets, fold what is kept for them, then apply the movements.

        :param account_ids: accounts to fold, beside those of the movements
        :raises OutOfBounds: wallets would pass a limit; no movement is applied
        :raises psycopg2.Error: without ``wait``, when a wallet is busy; not logged
        """
        account_ids = {*account_ids, *(m["account_id"] for m in movements)}
        self._refuse_missing(account_ids - self._lock(account_ids, wait))
        movements = self._take_kept(account_ids) + movements
        self._refuse_beyond(movements)
        limits = {m["account_id"] for m in movements if m["kind"] == LIMIT}
        self._mirror_limits(limits, fresh=wait)
        movements = [m for m in movements if m["kind"] != LIMIT]
        if movements:
            movements.sort(key=lambda m: m["account_id"])
            columns = movement_columns(movements, self.env.uid)
            self.env.cr.execute(MOVE_SQL, columns, log_exceptions=wait)
        self.invalidate_model()
        self.env["voip.wallet.entry"].invalidate_model()

    @api.model
    def _lock(self, account_ids, wait=True):
        """Lock wallets in id order, the only order used, so none can deadlock."""
        self.env.cr.execute(
            LOCK_SQL if wait else f"{LOCK_SQL} NOWAIT",
            [list(account_ids)],
            log_exceptions=wait,
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _refuse_missing(self, account_ids):
        if account_ids:
            raise UserError(self.env._("Account %s has no wallet.", min(account_ids)))

    @api.model
    def _mirror_limits(self, account_ids, fresh):
        """Write the limits that the accounts have now; their wallets are locked.

        :param fresh: read the accounts again, which others may have changed meanwhile
        """
        accounts = self.env["voip.account"].sudo().browse(sorted(account_ids))
        if fresh:
            accounts.invalidate_recordset()
        for account in accounts:
            self.env.cr.execute(
                "UPDATE voip_wallet SET limit_amount = %s WHERE account_id = %s",
                [account._wallet_limit(), account.id],
            )

    @api.model
    def _reserve(self, account_id, amount, reference):
        """Hold ``amount`` (Decimal > 0) for a call, if the wallet has it.

        Atomic by a conditional UPDATE: any number of calls at once never hold more than
        what is available. The same reference holds once.

        :return: True when held
        """
        self.env.cr.execute(
            RESERVE_SQL,
            {"account_id": account_id, "amount": amount, "reference": reference},
        )
        self.invalidate_model()
        return self.env.cr.rowcount == 1

    @api.model
    def _release(self, reference):
        """Give back a reservation; True when there was one."""
        self.env.cr.execute(RELEASE_SQL, {"reference": reference})
        self.invalidate_model()
        return self.env.cr.rowcount == 1

    def init(self):
        self.env.cr.execute(RESERVATION_TABLE)
        leave_room(self.env.cr, self._table)


def _moves(movement):
    amounts = (movement.get(key) for key in ("ledger", "unbilled", "tax"))
    return movement["kind"] == LIMIT or any(amounts)


def movement_columns(movements, uid):
    """Movements as one list a column; ``uid`` unless a movement has its own."""
    return {
        name: [movement.get(name, default) for movement in movements]
        for name, default in {**MOVEMENT, "uid": uid}.items()
    }


MOVEMENT = {
    "account_id": None,
    "kind": None,
    "ledger": 0,
    "unbilled": 0,
    "tax": 0,
    "move_id": None,
    "batch_id": None,
    "origin": None,
}
LOCK_SQL = """
SELECT account_id FROM voip_wallet WHERE account_id = ANY(%s) ORDER BY id FOR UPDATE
"""
# Several movements of one wallet follow each other: each begins where the last ended.
MOVE_SQL = """
WITH movement AS (
    SELECT m.*, ledger - unbilled - tax AS amount
      FROM unnest(%(account_id)s::int[], %(kind)s::text[], %(ledger)s::numeric[],
                  %(unbilled)s::numeric[], %(tax)s::numeric[], %(move_id)s::int[],
                  %(batch_id)s::int[], %(origin)s::text[], %(uid)s::int[])
           WITH ORDINALITY
           AS m(account_id, kind, ledger, unbilled, tax, move_id, batch_id, origin,
                uid, position)
), step AS (
    SELECT m.*, w.id AS wallet_id, w.company_id, w.currency_id,
           w.balance + sum(m.amount) OVER (PARTITION BY w.id ORDER BY position)
               AS balance_after
      FROM movement m JOIN voip_wallet w ON w.account_id = m.account_id
), moved AS (
    UPDATE voip_wallet w
       SET ledger_balance = ledger_balance + s.ledger,
           unbilled = w.unbilled + s.unbilled,
           unbilled_tax = unbilled_tax + s.tax
      FROM (SELECT wallet_id, sum(ledger) AS ledger, sum(unbilled) AS unbilled,
                   sum(tax) AS tax
              FROM step GROUP BY 1) s
     WHERE w.id = s.wallet_id
)
INSERT INTO voip_wallet_entry (
    wallet_id, account_id, company_id, currency_id, kind, ledger_delta,
    unbilled_delta, tax_delta, amount, balance_before, balance_after, move_id,
    batch_id, origin, at, user_id)
SELECT wallet_id, account_id, company_id, currency_id, kind, ledger, unbilled, tax,
       amount, balance_after - amount, balance_after, move_id, batch_id, origin,
       now() AT TIME ZONE 'UTC', uid
  FROM step ORDER BY position
"""
RESERVE_SQL = """
WITH held AS (
    UPDATE voip_wallet SET reserved = reserved + %(amount)s
     WHERE account_id = %(account_id)s AND %(amount)s > 0
       AND available >= %(amount)s
       AND NOT EXISTS (SELECT FROM voip_wallet_reservation
                        WHERE reference = %(reference)s)
    RETURNING id
)
INSERT INTO voip_wallet_reservation (wallet_id, amount, reference)
SELECT id, %(amount)s, %(reference)s FROM held
"""
RELEASE_SQL = """
WITH gone AS (
    DELETE FROM voip_wallet_reservation WHERE reference = %(reference)s
    RETURNING wallet_id, amount
)
UPDATE voip_wallet w SET reserved = reserved - gone.amount
  FROM gone WHERE w.id = gone.wallet_id
"""
RESERVATION_TABLE = """
CREATE TABLE IF NOT EXISTS voip_wallet_reservation (
    id bigserial PRIMARY KEY,
    wallet_id integer NOT NULL REFERENCES voip_wallet (id) ON DELETE RESTRICT,
    amount numeric(24, 8) NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000000),
    reference text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
)
"""
