"""Approval: entries in transaction currency, reconciled item by item; and back."""

from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from odoo.addons.voip_billing_base.credits.voip_credit import APPROVERS, in_money

from .figures import shares
from .voip_netting_proposal import SOURCES

ACTIVITY = "voip_documents.mail_activity_netting"
# What an item is now beside what was fixed; amounts as the database has them.
CHANGED_SQL = """
SELECT n.id
  FROM voip_netting_line n
  JOIN voip_netting t ON t.id = n.netting_id
  JOIN account_move_line l ON l.id = n.move_line_id
  JOIN account_move m ON m.id = l.move_id
  JOIN account_account a ON a.id = l.account_id
  LEFT JOIN res_partner p ON p.id = l.partner_id
 WHERE n.netting_id = %(netting)s AND n.withheld IS NULL
   AND NOT (m.state = 'posted' AND l.company_id = t.company_id
            AND a.account_type = ANY(%(types)s)
            AND p.commercial_partner_id IS NOT DISTINCT FROM t.partner_id
            AND l.currency_id = n.currency_id
            AND m.payment_state IS DISTINCT FROM 'blocked'
            AND l.amount_residual_currency
                = CASE WHEN n.side = 'theirs' THEN n.residual ELSE -n.residual END)
 ORDER BY n.id
"""
LOCK_SQL = """
SELECT l.id FROM account_move_line l
 WHERE l.id IN (SELECT move_line_id FROM voip_netting_line WHERE netting_id = %s)
 ORDER BY l.id FOR NO KEY UPDATE
"""


class VoipNetting(models.Model):
    _inherit = "voip.netting"

    move_ids = fields.Many2many(
        "account.move",
        "voip_netting_move_rel",
        "netting_id",
        "move_id",
        string="Journal Entries",
        readonly=True,
        copy=False,
        check_company=True,
    )
    move_count = fields.Integer(compute="_compute_move_count")
    posted_by_id = fields.Many2one(
        "res.users", string="Approved by", readonly=True, copy=False
    )
    posted_at = fields.Datetime(string="Approved on", readonly=True, copy=False)
    can_approve = fields.Boolean(compute="_compute_can_approve")

    # === COMPUTE METHODS === #

    @api.depends("move_ids")
    def _compute_move_count(self):
        for netting in self:
            netting.move_count = len(netting.sudo().move_ids)

    @api.depends("state", "agreed_by_id")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        approver = self._is_approver()
        for netting in self:
            other = netting.agreed_by_id != self.env.user
            netting.can_approve = approver and other and netting.state == "agreed"

    # === ACTION METHODS === #

    def action_approve(self):
        """Post and reconcile what was agreed on, whole or not at all."""
        self.check_access("write")
        self.ensure_one()
        self._refuse_stranger()
        if self.agreed_by_id == self.env.user:
            raise UserError(
                self.env._("You recorded the agreement: another user approves it.")
            )
        in_money(self, lambda netting: netting._approve())
        self.env.invalidate_all()
        return True

    def action_cancel(self):
        """Close it; what was posted is reversed, and its items are open again."""
        self.check_access("write")
        self.ensure_one()
        in_money(self, lambda netting: netting._cancel())
        self.env.invalidate_all()
        return True

    def action_view_moves(self):
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Journal Entries"),
            "res_model": "account.move",
            "views": [
                # The default list is of invoices: it adds up currencies.
                (self.env.ref("account.view_move_tree").id, "list"),
                (False, "kanban"),
                (False, "form"),
            ],
            "domain": [("id", "in", self.move_ids.ids)],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _is_approver(self):
        return any(self.env.user.has_group(group) for group in APPROVERS)

    def _refuse_stranger(self):
        if not self._is_approver():
            raise AccessError(
                self.env._("Nettings are approved by a billing manager or an approver.")
            )

    def _tell_approvers(self, waiting):
        """An activity for each who may approve it; none where nothing waits.

        Whoever answers by the link has no rights here: it is the program's.
        """
        netting = self.with_user(self.env.ref("base.user_root"))
        netting.activity_unlink([ACTIVITY])
        if not waiting:
            return
        group = self.env["res.groups"].sudo()
        groups = group.union(*(self.env.ref(name).sudo() for name in APPROVERS))
        users = groups.all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        quick = netting.with_context(mail_activity_quick_update=True)
        for user in users - self.sudo().agreed_by_id:
            quick.activity_schedule(ACTIVITY, user_id=user.id)

    def _changed_items(self):
        """Lines whose items are not what was fixed, after they were locked."""
        self.env.flush_all()
        self.env.cr.execute(LOCK_SQL, [self.id])
        self.env.cr.execute(
            CHANGED_SQL, {"netting": self.id, "types": list(SOURCES)}
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        self.env["account.move.line"].invalidate_model(flush=False)
        return self.env["voip.netting.line"].browse(ids)

    def _approve(self):
        self._lock("agreed")
        if lines := self._changed_items():
            raise UserError(
                self.env._(
                    "%s changed since it was agreed on, so nothing is posted. Press"
                    " Change, then Find Open Items, and ask the partner again.",
                    ", ".join(line._title() for line in lines[:3]),
                )
            )
        self._refuse_obstacle()
        result, day = self._net(), self._day()
        self._refuse_day(result, day)
        entries = self.env["account.move"]
        with entries._voip_books():
            pairs = []
            for match in result.matches:
                entry, items = self._post_match(match, day)
                entries |= entry
                pairs += zip(items, entry.line_ids.sorted("id"), strict=True)
            self._reconcile_pairs(pairs)
        self._refuse_unmatched(pairs)
        self._set_state(
            "posted",
            date=day,
            move_ids=[Command.set(entries.ids)],
            posted_by_id=self.env.uid,
            posted_at=fields.Datetime.now(),
        )
        self._log(
            "posted",
            entry=", ".join(entries.mapped("name")),
            theirs={name: t.theirs_netted for name, t in result.totals.items()},
            ours={name: t.ours_netted for name, t in result.totals.items()},
        )

    def _refuse_day(self, result, day):
        """:raises UserError: on ``day`` an item was not there yet, or nobody knows its
        exchange rate: statements would tell a netting that did not happen then
        """
        if day > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "The posting date %s lies in the future: choose today, or approve"
                    " on that day.",
                    format_date(self.env, day),
                )
            )
        netted = self.line_ids.browse(result.netted()).move_line_id
        later = netted.filtered(lambda item: item.date > day).sorted("date")[-1:]
        if later:
            raise UserError(
                self.env._(
                    "The posting date %(day)s lies before %(item)s of %(date)s. Choose"
                    " a later posting date.",
                    day=format_date(self.env, day),
                    item=later.move_id.name,
                    date=format_date(self.env, later.date),
                )
            )

    def _post_match(self, match, day):
        """Post the entry of a match: (entry, the item of each of its lines)."""
        total = self._entry_total(match)
        items_by_key = {line.id: line.move_line_id for line in self.line_ids}
        commands, items = [], []
        for part, sign in ((match.theirs, -1), (match.ours, 1)):
            decimals = self.company_id.currency_id.decimal_places
            balances = shares(part.amounts, total, decimals)
            for key, amount in part.amounts.items():
                item = items_by_key[key]
                commands.append(
                    self._counter_line(item, sign * amount, sign * balances[key])
                )
                items.append(item)
        entry = self._new_entry(commands, day)
        entry.action_post()
        if entry.date != day or entry.state != "posted":
            # Odoo moves it out of a locked period, past the rate it was converted at.
            raise UserError(
                self.env._(
                    "%s lies in a locked period. Choose a later posting date.",
                    format_date(self.env, day),
                )
            )
        return entry, items

    def _entry_total(self, match):
        """What either side of a match comes to in the company's currency."""
        own = self.company_id.currency_id.name
        part = match.ours if match.ours.currency == own else match.theirs
        return self._company_amount(part)

    def _counter_line(self, item, amount, balance):
        """Values of the line that settles ``item``, in the same wallet."""
        values = {
            "name": self.env._(
                "%(netting)s: %(item)s", netting=self.name, item=item.move_id.name
            ),
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": float(amount),
            "balance": float(balance),
        }
        if item.voip_account_id:
            values["voip_account_id"] = item.voip_account_id.id
        return Command.create(values)

    def _new_entry(self, commands, day):
        company = self.company_id
        return (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "entry",
                    "company_id": company.id,
                    "journal_id": company._voip_netting_journal().id,
                    "date": day,
                    "ref": self.env._(
                        "Netting %(name)s, %(partner)s",
                        name=self.name,
                        partner=self.partner_id.display_name,
                    ),
                    "line_ids": commands,
                }
            )
        )

    def _reconcile_pairs(self, pairs):
        plan = [item | line for item, line in pairs]
        self.env["account.move.line"]._reconcile_plan(plan)

    def _refuse_unmatched(self, pairs):
        """:raises UserError: a line of the entries did not settle its item exactly"""
        for item, line in pairs:
            if not line.reconciled:
                raise UserError(
                    self.env._(
                        "%s could not be reconciled exactly; nothing is posted.",
                        item.move_id.name,
                    )
                )

    def _cancel(self):
        states = ("draft", "requested", "countered", "agreed", "posted")
        self._lock(*states)
        if self.state == "posted":
            self._refuse_stranger()
            with self.env["account.move"]._voip_books():
                for entry in self.move_ids:
                    self._reverse(entry)
        self._set_state("cancelled", token_used=True)
        self._log("cancelled")

    def _reverse(self, entry):
        """Open the items of ``entry`` again: each line is settled by its own mirror.

        Odoo's own reversal, also by posting what names a reversed entry, would
        reconcile lines of several wallets with each other.
        """
        lines = entry.line_ids.sorted("id")
        lines.remove_move_reconcile()
        commands = [
            self._counter_line(
                line, _exactly(-line.amount_currency), _exactly(-line.balance)
            )
            for line in lines
        ]
        day = max(fields.Date.context_today(self), entry.date)
        mirror = self._new_entry(commands, day)
        mirror.action_post()
        mirror.reversed_entry_id = entry
        self._reconcile_pairs(zip(lines, mirror.line_ids.sorted("id"), strict=True))
        self.sudo().move_ids = [Command.link(mirror.id)]


def _exactly(value):
    return Decimal(repr(value))
