"""A wallet that would pass a limit is found before anything is written."""

from decimal import Decimal

from odoo import api, models

from ..charge.bounds import AMOUNT_LIMIT, out_of_bounds

AMOUNTS = ("ledger", "unbilled", "tax")
COLUMNS = ("ledger_balance", "unbilled", "unbilled_tax", "balance")


class VoipWallet(models.Model):
    _inherit = "voip.wallet"

    @api.model
    def _refuse_beyond(self, movements):
        """Check wallets, which are locked, against movements in their order.

        :raises OutOfBounds: naming each account whose wallet would pass a limit
        """
        accounts = {m["account_id"] for m in movements}
        moved = sum(abs(m.get(name) or 0) for m in movements for name in AMOUNTS)
        self.env.cr.execute(SIZE_SQL, [list(accounts)])
        # A float, so with a wide margin; nobody is near in a usual batch.
        if (self.env.cr.fetchone()[0] or 0) + float(moved) < AMOUNT_LIMIT // 2:
            return
        self.env.cr.execute(WALLET_SQL, [list(accounts)])
        wallets = {
            account: [Decimal(value) for value in values]
            for account, *values in self.env.cr.fetchall()
        }
        found = {}
        for movement in movements:
            account = movement["account_id"]
            passed = _passed(wallets[account], movement)
            if passed:
                found.setdefault(account, passed)
        if found:
            raise out_of_bounds(self.env, found)


def _passed(wallet, movement):
    """Apply a movement to ``wallet`` (a list); what passes a limit, or None."""
    ledger, unbilled, tax = (Decimal(movement.get(name) or 0) for name in AMOUNTS)
    amount = ledger - unbilled - tax
    deltas = ledger, unbilled, tax, amount
    wallet[:] = [value + delta for value, delta in zip(wallet, deltas, strict=True)]
    values = [*zip(COLUMNS, wallet, strict=True), ("movement", amount)]
    for what, value in values:
        if abs(value) > AMOUNT_LIMIT:
            return what, value
    return None


SIZE_SQL = """
SELECT max(abs(ledger_balance) + abs(unbilled) + abs(unbilled_tax)) FROM voip_wallet
 WHERE account_id = ANY(%s)
"""
WALLET_SQL = f"""
SELECT account_id, {", ".join(f"{name}::text" for name in COLUMNS)}
  FROM voip_wallet WHERE account_id = ANY(%s)
"""
