"""Journal entries move wallets: the ledger is Odoo's, the wallet follows it."""

from contextlib import contextmanager
from weakref import WeakSet

from odoo import api, fields, models

from ..books import attribute
from ..models.voip_named import chosen_account, forget_found, with_account

# Cursors whose wallets are booked when the outermost work ends.
_booking_later = WeakSet()


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_account_auto = fields.Boolean(
        string="VoIP Account Found",
        copy=False,
        readonly=True,
        help="Found by rules; an account that somebody chooses stays.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create([chosen_account(vals) for vals in vals_list])
        with_account(moves, vals_list)._voip_refuse_strange_accounts()
        moves.filtered(lambda move: move.state == "posted")._voip_sync_wallets()
        return moves

    def write(self, vals):
        vals = self._voip_named(vals)
        result = super().write(vals)
        if vals.get("voip_account_id"):
            self._voip_refuse_strange_accounts()
        if "state" in vals or "voip_account_id" in vals:
            self._voip_sync_wallets(fresh="voip_account_id" in vals)
        return result

    def copy_data(self, default=None):
        """A copy finds its account anew, unless somebody chose it who may do so."""
        result = super().copy_data(default)
        forget_found(self, result, default)
        for move, vals in zip(self, result, strict=True):
            if not move.voip_period_end or "voip_account_id" not in vals:
                vals.pop("voip_payer_id", None)
        return result

    def _voip_named(self, vals):
        """An account that is chosen stays; who pays follows it."""
        vals = chosen_account(vals)
        if "voip_account_id" in vals and not any(self.mapped("voip_period_end")):
            vals.setdefault("voip_payer_id", False)
        return vals

    # === ACTION METHODS === #

    def button_draft(self):
        """What an entry in draft paid, or was paid with, is open again: Odoo would keep
        it reconciled with what is not in the books."""
        with self._voip_books():
            self._voip_release()
            return super().button_draft()

    def _voip_release(self):
        lines = self.line_ids.filtered(lambda x: x.account_type == "asset_receivable")
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        met = (partials.debit_move_id | partials.credit_move_id).sudo()
        if met.voip_account_id:
            lines.remove_move_reconcile()

    # === BUSINESS METHODS === #

    def _post(self, soft=True):
        with self._voip_books():
            return super()._post(soft)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        with self._voip_books():
            return super()._reverse_moves(default_values_list, cancel)

    @api.model
    @contextmanager
    def _voip_books(self):
        """Book what wallets are moved by once, when the outermost of such works ends.

        So an entry that is posted and reconciled in one go leaves the entries of what
        it comes to, and none of the steps in between.
        """
        cr = self.env.cr
        if cr in _booking_later:
            yield
            return
        _booking_later.add(cr)
        try:
            yield
        finally:
            _booking_later.discard(cr)
        self.env["account.move.line"].flush_model()
        self._voip_book()

    def _voip_sync_wallets(self, fresh=False):
        """Bring the wallets in line with what these entries say now.

        Running this twice changes nothing.
        """
        self.env["account.move"]._voip_sync(moves=self.ids, fresh=fresh)

    @api.model
    def _voip_sync(self, lines=(), moves=(), fresh=False):
        """Bring wallets in line with journal items and entries (ids).

        :param fresh: look for the wallet anew where none is named
        """
        if not lines and not moves:
            return
        ids = {
            "lines": list(lines),
            "moves": list(moves),
            "fresh": fresh,
            "uid": self.env.uid,
        }
        self.env.flush_all()
        cr = self.env.cr
        if moves:
            cr.execute(attribute.LOCK_SQL, ids)
        cr.execute(attribute.RELEASE_SQL, ids)
        released = cr.rowcount
        # Named but nobody's: no line of it changes, only what it shows.
        for sql in (attribute.STRANGE_MOVE_SQL, attribute.STRANGE_PAYMENT_SQL):
            cr.execute(sql, ids)
            released += cr.rowcount
        if self.env["account.move.line"]._voip_attribute(ids) or released:
            self._voip_show_accounts(ids)
        if moves:
            cr.execute(attribute.UNBILLED_SQL, ids)
        self._voip_book()

    @api.model
    def _voip_show_accounts(self, ids):
        """Documents and payments show the account that was found for them."""
        self.env.cr.execute(attribute.MOVE_SQL, ids)
        self.env.cr.execute(attribute.PAYMENT_SQL, ids)
        for model in ("account.move", "account.payment"):
            self.env[model].invalidate_model(
                ["voip_account_id", "voip_account_auto"], flush=False
            )
        self.env["account.move.line"].invalidate_model(
            ["voip_account_id", "voip_account_named"], flush=False
        )

    @api.model
    def _voip_book(self):
        """Book what this transaction changed on receivable lines, unless work goes on
        that ends with that."""
        if self.env.cr in _booking_later:
            return
        self.env.cr.execute(attribute.OWN_CHANGES_SQL)
        if accounts := {row[0] for row in self.env.cr.fetchall()}:
            self.env["account.move.line"].invalidate_model(
                ["voip_ledger_amount"], flush=False
            )
            self.env["voip.wallet"]._book_kept(accounts)
