"""Assignments whose rental waits for money."""

from datetime import timedelta

from odoo import api, fields, models

DAY = timedelta(days=1)


class VoipDidAssignment(models.Model):
    _inherit = "voip.did.assignment"

    unpaid_since = fields.Date(
        copy=False,
        index="btree_not_null",
        help="The first day on which the wallet could not pay the rental.",
    )
    unpaid_told = fields.Boolean(copy=False)
    is_continued = fields.Boolean(
        copy=False, help="The account had the number before, by another plan."
    )

    # === BUSINESS METHODS === #

    @api.model
    def _note_unpaid(self, holdings, left):
        """Keep what could not be paid, and what is paid again.

        :param left: places of assignments in ``holdings`` whose rental is left
        """
        fresh, paid = [], []
        for place, one in enumerate(holdings.held):
            if place in left and not one.unpaid_since:
                fresh.append((one.id, holdings.today[one.account_id]))
            elif one.unpaid_since and place not in left:
                paid.append(one.id)
        if fresh:
            self.env.cr.execute(UNPAID_SQL, [list(x) for x in zip(*fresh, strict=True)])
        if paid:
            self._is_paid(paid)
        if fresh or paid:
            self.invalidate_model(["unpaid_since", "unpaid_told"])

    @api.model
    def _is_paid(self, ids):
        self.env.cr.execute(
            "UPDATE voip_did_assignment SET unpaid_since = NULL, unpaid_told = NULL"
            " WHERE id = ANY(%s)",
            [ids],
        )
        ones = self.browse(ids)
        ones.invalidate_recordset()
        ended = ones.filtered(lambda one: one._open_suspension().cause == "unpaid")
        ended._resume()
        ones.account_id._untell_unpaid()

    @api.model
    def _pursue_unpaid(self, company):
        """Tell of unpaid rental, suspend after the grace, release by the plan's rule.

        Each account on its own: blocks are suspended and released whole.
        """
        waiting = self.sudo().search(
            [("company_id", "=", company.id), ("unpaid_since", "!=", False)]
        )
        for account, ones in waiting.grouped("account_id").items():
            using = ones.filtered(lambda one: one._is_current())
            account._tell_unpaid(using.filtered(lambda one: not one.unpaid_told))
            using.filtered(lambda one: one._is_over_grace())._suspend(
                "unpaid", self.env._("The rental is not paid.")
            )
            using.filtered(lambda one: one._is_to_release())._take_back()

    def _is_over_grace(self):
        days = timedelta(days=self.plan_id.grace_days)
        return self.unpaid_since + days <= self._today()

    def _is_to_release(self):
        days, row = self.plan_id.release_days, self._open_suspension()
        return (
            days > 0
            and row.cause == "unpaid"
            and row.date_start + timedelta(days=days) <= self._today()
        )

    def _take_back(self):
        """Release what was not paid: yesterday was the last day."""
        if not self:
            return
        by_end = {}
        for one in self:
            end = max(one.date_start, one._today() - DAY)
            by_end[end] = by_end.get(end, self.browse()) | one
        for end, ones in by_end.items():
            ones.date_end = end
        self.account_id._tell_released(self)


class VoipDidPlan(models.Model):
    _inherit = "voip.did.plan"

    def _unpaid_rule(self):
        """What becomes of a number that is not paid, as a customer reads it."""
        if not self.release_days:
            return ""
        if self.release_days == 1:
            return self.env._("After 1 day of suspension it is taken back.")
        return self.env._(
            "After %s days of suspension it is taken back.", self.release_days
        )


UNPAID_SQL = """
UPDATE voip_did_assignment s SET unpaid_since = DATE '1970-01-01' + x.day
  FROM unnest(%s::int[], %s::int[]) AS x(id, day) WHERE s.id = x.id
"""
