"""Suspending numbers, and ending that."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

DAY = timedelta(days=1)


class VoipDidAssignment(models.Model):
    _inherit = "voip.did.assignment"

    suspension_ids = fields.One2many("voip.did.suspension", "assignment_id")
    is_suspended = fields.Boolean(
        compute="_compute_is_suspended", search="_search_is_suspended"
    )

    @api.depends("suspension_ids.date_end")
    def _compute_is_suspended(self):
        for one in self:
            one.is_suspended = bool(one._open_suspension())

    @api.model
    def _search_is_suspended(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("suspension_ids", "any", [("date_end", "=", False)])]

    # === BUSINESS METHODS === #

    def _move_refusal(self, day):
        """Why the number does not go to others on ``day``, and when it does."""
        number = self.did_id.display_name
        if self.date_start >= day:
            return self.env._(
                "%(number)s came to its account on %(day)s: move it on a later day.",
                number=number,
                day=format_date(self.env, self.date_start),
            )
        return self.env._(
            "%(number)s leaves its account after %(day)s: move it on that day at the"
            " latest.",
            number=number,
            day=format_date(self.env, self.date_end),
        )

    def _open_suspension(self):
        return self.sudo().suspension_ids.filtered(lambda one: not one.date_end)

    def _suspend(self, cause, reason):
        """Suspend from today on what is not suspended yet."""
        rows = []
        for one in self.sudo().filtered(lambda one: not one.is_suspended):
            if not one._is_current():
                raise UserError(
                    self.env._("%s is at no account.", one.did_id.display_name)
                )
            said = {"assignment_id": one.id, "cause": cause, "reason": reason}
            rows.append({**said, "date_start": one._today()})
            self.env["voip.audit"]._log("did_suspended", one.did_id, {"reason": reason})
        self.env["voip.did.suspension"].sudo().create(rows)
        self.did_id._settle()

    def _resume(self):
        """End the suspension; today is paid for again, yesterday was the last day."""
        for one in self.sudo():
            last = one._today() - DAY
            for row in one._open_suspension():
                if row.date_start > last:
                    row.unlink()
                else:
                    row.date_end = last
                self.env["voip.audit"]._log("did_resumed", one.did_id, {})
        self.did_id._settle()

    def write(self, vals):
        """What ends is not suspended beyond its last day."""
        result = super().write(vals)
        if vals.get("date_end"):
            for one in self.sudo():
                for row in one._open_suspension():
                    row.date_end = max(one.date_end, row.date_start)
        return result


class VoipDid(models.Model):
    _inherit = "voip.did"

    def _use_of_today(self):
        """The assignments of today; whole blocks only.

        :raises UserError: a number is at nobody's, or a block is here in part
        """
        self._refuse_parts()
        ones = self.env["voip.did.assignment"].sudo()
        for did in self.sudo():
            if not (one := did._current()):
                raise UserError(self.env._("%s is at no account.", did.display_name))
            ones |= one
        return ones

    def _suspend(self, reason):
        """Suspend numbers by hand.

        :raises UserError: no reason, or a number that is at no account
        """
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("State the reason."))
        ones = self._use_of_today()
        ones._suspend("staff", reason)
        ones._charge_now()

    def _resume(self):
        self.check_access("write")
        ones = self._use_of_today()
        ones._resume()
        ones._charge_now()

    def _move(self, account, plan, day):
        """Give numbers to another account, or plan, from a day on.

        Nothing lies between: no quarantine, no day without an account. Who keeps his
        number pays no second setup.

        :param day: the first day of the new terms
        :return: the new assignments
        :raises UserError: a number is at no account, or begins that day only
        """
        self.check_access("write")
        before = self._use_of_today()
        for one in before:
            if one.date_start >= day or (one.date_end and one.date_end < day):
                raise UserError(one._move_refusal(day))
        rows = [
            {
                "did_id": one.did_id.id,
                "account_id": account.id,
                "plan_id": plan.id,
                "date_start": day,
                "date_end": one.date_end,
                "is_continued": one.account_id == account,
            }
            for one in before
        ]
        before.date_end = day - DAY
        after = before.create(rows)
        (before | after)._charge_now()
        return after
