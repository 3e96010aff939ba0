"""Movements kept beside a busy wallet, and how they get into it.

A transaction at REPEATABLE READ cannot change a wallet that another one has changed
since it began, and a busy wallet changes every few milliseconds. What such a
transaction posts is kept in ``voip_wallet_pending``, whose rows are only added and
never in anybody's way. Folding takes them out again under the wallet's lock and books
them, once and in the order they were kept in: right after the commit, before any other
movement or reservation of the wallet, and by a scheduled action.

What is open on receivable lines is kept here too, by the database itself
(``books.line_trigger``), and booked at the end of the work that changed it.

Between the commit and the fold the books are ahead of the wallet by exactly what is
kept; ``voip.check`` counts both.
"""

import logging
from decimal import Decimal

from odoo import api, models

from ..books.label import labelled
from ..charge.bounds import OutOfBounds
from ..charge.transaction import run_money
from .voip_wallet import movement_columns

_logger = logging.getLogger(__name__)
HOOK = "voip_billing_base.fold"


class VoipWallet(models.Model):
    _inherit = "voip.wallet"

    # === CRON METHODS === #

    @api.model
    def _cron_fold(self):
        """Book what a process left behind that died between its commit and the fold."""
        self.env.cr.execute(KEPT_SQL)
        self._fold_apart({row[0] for row in self.env.cr.fetchall()})

    # === BUSINESS METHODS === #

    @api.model
    def _reserve(self, account_id, amount, reference):
        """Decide with what is kept for the wallet as well."""
        self._fold_found(KEPT_OF_ACCOUNT_SQL, [account_id])
        return super()._reserve(account_id, amount, reference)

    @api.model
    def _release(self, reference):
        """Book what is kept for the wallet, as every movement does."""
        self._fold_found(KEPT_OF_REFERENCE_SQL, [reference])
        return super()._release(reference)

    @api.model
    def _keep(self, movements):
        """Write movements down for their wallets; booked after the commit.

        :raises UserError: an account has no wallet
        :raises OutOfBounds: wallets would pass a limit, as far as is known here
        """
        account_ids = {m["account_id"] for m in movements}
        self.env.cr.execute(
            "SELECT account_id FROM voip_wallet WHERE account_id = ANY(%s)",
            [list(account_ids)],
        )
        found = {row[0] for row in self.env.cr.fetchall()}
        self._refuse_missing(account_ids - found)
        self._refuse_beyond(movements)
        self.env.cr.execute(KEEP_SQL, movement_columns(movements, self.env.uid))
        self._fold_after_commit(account_ids)

    @api.model
    def _book_kept(self, account_ids):
        """Book what this transaction has kept for these accounts, or after its commit.

        :raises UserError: an account has no wallet
        :raises OutOfBounds: wallets would pass a limit, as far as is known here
        """
        if self._at_once(lambda wait: self._book([], account_ids, wait)):
            return
        self.env.cr.execute(LOOK_SQL, [list(account_ids)])
        self._refuse_beyond(_exact(self.env.cr.dictfetchall()))
        self._fold_after_commit(account_ids)

    @api.model
    def _fold_after_commit(self, account_ids):
        """Fold these accounts once this transaction is committed.

        What fails then is logged and left to the next movement or the scheduled action:
        the movements are committed, and the caller has done its work.
        """
        hooks, env = self.env.cr.postcommit, self.env
        if HOOK in hooks.data:
            hooks.data[HOOK] |= account_ids
            return
        waiting = hooks.data[HOOK] = set(account_ids)

        @hooks.add
        def fold():
            try:
                env["voip.wallet"]._fold_apart(waiting)
            except Exception:  # noqa: BLE001 the commit stands
                _logger.warning("Wallets of %s not folded", waiting, exc_info=True)

    @api.model
    def _fold_apart(self, account_ids):
        """Fold accounts as money; who would pass a limit holds up nobody else."""
        if not account_ids:
            return
        try:
            run_money(self.env, lambda env: env["voip.wallet"]._fold(account_ids))
        except OutOfBounds as error:
            _logger.warning("Kept movements cannot be booked: %s", error)
            self._fold_apart(account_ids - error.reasons.keys())

    @api.model
    def _fold(self, account_ids):
        """Book all that is kept for these accounts.

        :raises psycopg2.Error: a wallet changed since this REPEATABLE READ transaction
            began; at READ COMMITTED this waits
        """
        self._book([], account_ids)

    @api.model
    def _fold_found(self, query, parameters=()):
        """Fold the accounts that ``query`` finds; nothing is locked when it is none."""
        self.env.cr.execute(query, parameters)
        if account_ids := {row[0] for row in self.env.cr.fetchall()}:
            self._fold(account_ids)

    @api.model
    def _take_kept(self, account_ids):
        """Remove and return what is kept for accounts whose wallets are locked."""
        self.env.cr.execute(TAKE_SQL, [list(account_ids)])
        return labelled(self.env.cr, _exact(self.env.cr.dictfetchall()))

    def init(self):
        result = super().init()
        self.env.cr.execute(PENDING_TABLE)
        return result


def _exact(rows):
    """Odoo reads numeric columns as float; money comes as text."""
    for row in rows:
        for name in ("ledger", "unbilled", "tax"):
            row[name] = Decimal(row[name])
    return rows


# A row without a kind says by its cause what moved; rows of one transaction are added
# up when they are booked.
PENDING_TABLE = """
CREATE TABLE IF NOT EXISTS voip_wallet_pending (
    id bigserial PRIMARY KEY,
    account_id integer NOT NULL REFERENCES voip_account (id) ON DELETE RESTRICT,
    kind text,
    ledger numeric(24, 8) NOT NULL
        CHECK (ledger BETWEEN -1000000000000000 AND 1000000000000000),
    unbilled numeric(24, 8) NOT NULL
        CHECK (unbilled BETWEEN -1000000000000000 AND 1000000000000000),
    tax numeric(24, 8) NOT NULL
        CHECK (tax BETWEEN -1000000000000000 AND 1000000000000000),
    move_id integer REFERENCES account_move (id) ON DELETE RESTRICT,
    batch_id integer,
    origin text,
    uid integer NOT NULL REFERENCES res_users (id) ON DELETE RESTRICT,
    created_at timestamptz NOT NULL DEFAULT now(),
    line_id integer,
    cause text,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CHECK ((kind IS NULL) <> (cause IS NULL))
);
CREATE INDEX IF NOT EXISTS voip_wallet_pending_xid_idx ON voip_wallet_pending (xid);
CREATE INDEX IF NOT EXISTS voip_wallet_pending_account_idx
    ON voip_wallet_pending (account_id)
"""
KEEP_SQL = """
INSERT INTO voip_wallet_pending (
    account_id, kind, ledger, unbilled, tax, move_id, batch_id, origin, uid)
SELECT account_id, kind, ledger, unbilled, tax, move_id, batch_id, origin, uid
  FROM unnest(%(account_id)s::int[], %(kind)s::text[], %(ledger)s::numeric[],
              %(unbilled)s::numeric[], %(tax)s::numeric[], %(move_id)s::int[],
              %(batch_id)s::int[], %(origin)s::text[], %(uid)s::int[])
       WITH ORDINALITY
       AS m(account_id, kind, ledger, unbilled, tax, move_id, batch_id, origin, uid,
            position)
 ORDER BY position
"""
TAKE_SQL = """
WITH taken AS (
    DELETE FROM voip_wallet_pending WHERE account_id = ANY(%s) RETURNING *
)
SELECT account_id, kind, ledger::text, unbilled::text, tax::text, move_id, batch_id,
       origin, uid, line_id, cause, xid::text
  FROM taken ORDER BY id
"""
LOOK_SQL = """
SELECT account_id, ledger::text, unbilled::text, tax::text
  FROM voip_wallet_pending WHERE account_id = ANY(%s) ORDER BY id
"""
KEPT_SQL = "SELECT DISTINCT account_id FROM voip_wallet_pending"
KEPT_OF_ACCOUNT_SQL = f"{KEPT_SQL} WHERE account_id = %s"
KEPT_OF_REFERENCE_SQL = f"""{KEPT_SQL} WHERE account_id = (
    SELECT w.account_id FROM voip_wallet_reservation r
      JOIN voip_wallet w ON w.id = r.wallet_id WHERE r.reference = %s)"""
