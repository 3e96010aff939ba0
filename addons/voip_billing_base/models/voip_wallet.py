"""Wallets: the cached balance of an account, moved only by SQL under its row lock."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import MONEY

READ = {**MONEY, "readonly": True}


class VoipWallet(models.Model):
    """Balance of one paying account.

    ``balance = ledger_balance - unbilled - unbilled_tax`` and
    ``available = balance - reserved + limit_amount``. The ledger is Odoo's receivable
    account; this row caches it and ``voip.check`` recomputes it. There is no ORM write
    path, not even for the superuser: amounts move through ``_move`` only, which leaves
    one append-only entry per wallet.
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
    ledger_balance = fields.Float(
        **READ,
        help="What the books say: top-ups and payments minus invoices. "
        "Positive: the customer has credit.",
    )
    unbilled = fields.Float(**READ, help="Rated usage that is not invoiced yet.")
    unbilled_tax = fields.Float(**READ, help="Estimated tax on the unbilled usage.")
    reserved = fields.Float(**READ, help="Held for calls in progress.")
    limit_amount = fields.Float(
        string="Limit",
        **READ,
        help="Credit limit (postpaid, hybrid) or valid overdraft (prepaid).",
    )
    balance = fields.Float(compute="_compute_balance", **READ)
    available = fields.Float(
        compute="_compute_balance",
        **READ,
        help="Ledger balance - unbilled - estimated tax - reserved + limit.",
    )
    entry_ids = fields.One2many("voip.wallet.entry", "wallet_id", readonly=True)

    _account_uniq = models.Constraint(
        "UNIQUE(account_id)", "An account has one wallet."
    )
    _bounds = models.Constraint(
        "CHECK (ledger_balance BETWEEN -1000000000000 AND 1000000000000"
        " AND unbilled BETWEEN -1000000000000 AND 1000000000000"
        " AND unbilled_tax BETWEEN -1000000000000 AND 1000000000000"
        " AND reserved BETWEEN 0 AND 1000000000000"
        " AND limit_amount BETWEEN 0 AND 1000000000000)",
        "A wallet amount is out of bounds.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "ledger_balance", "unbilled", "unbilled_tax", "reserved", "limit_amount"
    )
    def _compute_balance(self):
        for wallet in self:
            balance = wallet._exact("ledger_balance")
            balance -= wallet._exact("unbilled") + wallet._exact("unbilled_tax")
            wallet.balance = float(balance)
            wallet.available = float(
                balance - wallet._exact("reserved") + wallet._exact("limit_amount")
            )

    def _exact(self, name):
        return Decimal(f"{self[name]:.8f}")

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
        for account in accounts.sorted("id"):
            self.env.cr.execute(
                "UPDATE voip_wallet SET limit_amount = %s"
                " WHERE account_id = %s AND limit_amount IS DISTINCT FROM %s",
                [account._wallet_limit(), account.id, account._wallet_limit()],
            )
        self.invalidate_model()

    @api.model
    def _lock(self, account_ids):
        """Lock wallets in id order, the only order used, so none can deadlock."""
        self.env.cr.execute(
            "SELECT id FROM voip_wallet WHERE account_id = ANY(%s)"
            " ORDER BY id FOR UPDATE",
            [list(account_ids)],
        )

    @api.model
    def _move(self, movements):
        """Apply movements and append one entry each.

        :param movements: list of dicts with ``account_id`` (the payer), ``kind``,
            ``ledger``, ``unbilled``, ``tax`` (Decimal, account currency; missing = 0),
            and optionally ``move_id``, ``batch_id``, ``origin``
        :raises UserError: an account has no wallet
        """
        movements = [m for m in movements if _moves(m)]
        if not movements:
            return
        self._lock({m["account_id"] for m in movements})
        uid = self.env.uid
        for movement in sorted(movements, key=lambda m: m["account_id"]):
            self.env.cr.execute(
                MOVE_SQL,
                {
                    "ledger": 0,
                    "unbilled": 0,
                    "tax": 0,
                    "move_id": None,
                    "batch_id": None,
                    "origin": None,
                    "uid": uid,
                    **movement,
                },
            )
            if self.env.cr.rowcount != 1:
                raise UserError(
                    self.env._("Account %s has no wallet.", movement["account_id"])
                )
        self.invalidate_model()
        self.env["voip.wallet.entry"].invalidate_model()

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


def _moves(movement):
    return any(movement.get(key) for key in ("ledger", "unbilled", "tax"))


MOVE_SQL = """
WITH before AS (
    SELECT id, company_id, currency_id,
           ledger_balance - unbilled - unbilled_tax AS balance
      FROM voip_wallet WHERE account_id = %(account_id)s
), moved AS (
    UPDATE voip_wallet w
       SET ledger_balance = ledger_balance + %(ledger)s,
           unbilled = unbilled + %(unbilled)s,
           unbilled_tax = unbilled_tax + %(tax)s
      FROM before WHERE w.id = before.id
    RETURNING w.id
)
INSERT INTO voip_wallet_entry (
    wallet_id, account_id, company_id, currency_id, kind, ledger_delta,
    unbilled_delta, tax_delta, amount, balance_before, balance_after, move_id,
    batch_id, origin, at, user_id)
SELECT before.id, %(account_id)s, company_id, currency_id, %(kind)s, %(ledger)s,
       %(unbilled)s, %(tax)s, %(ledger)s::numeric - %(unbilled)s - %(tax)s, balance,
       balance + %(ledger)s - %(unbilled)s - %(tax)s, %(move_id)s, %(batch_id)s,
       %(origin)s, now() AT TIME ZONE 'UTC', %(uid)s
  FROM before JOIN moved ON moved.id = before.id
"""
RESERVE_SQL = """
WITH held AS (
    UPDATE voip_wallet SET reserved = reserved + %(amount)s
     WHERE account_id = %(account_id)s AND %(amount)s > 0
       AND ledger_balance - unbilled - unbilled_tax - reserved + limit_amount
           >= %(amount)s
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
    amount numeric(24, 8) NOT NULL CHECK (amount BETWEEN 0 AND 1000000000),
    reference text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
)
"""
