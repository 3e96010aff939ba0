"""The doors to have numbers: ``voip.did.reserve``, ``assign`` and ``release``.

A key with the scope of numbers uses them without being staff; it reads nothing else.
"""

import re
from datetime import timedelta

from psycopg2.errors import ExclusionViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .did_reserve import MOST_MINUTES
from .words import BadNumberRow, e164

SCOPE = "voip_did.group_voip_numbers"
STAFF = "voip_billing_base.group_voip_user"
VIEWER = "voip_billing_base.group_voip_viewer"
_DAY = re.compile("(19[7-9]|20[0-9]|21[0-9])[0-9]-[0-9]{2}-[0-9]{2}", re.ASCII)


class VoipDid(models.Model):
    _inherit = "voip.did"

    @api.model
    def reserve(self, number=None, account=None, minutes=15):
        """Keep a free number for an account.

        Reserving it again for the same account moves the end.

        :param str account: code
        :param int minutes: 1 to 43,200
        :return: ``{number, reserved_until}`` (ISO 8601, UTC)
        :raises UserError: it is not free, or the arguments make no sense
        """
        self._check_scope("write")
        if type(minutes) is not int or not 1 <= minutes <= MOST_MINUTES:
            raise UserError(
                self.env._("minutes is a whole number from 1 to %s.", MOST_MINUTES)
            )
        holder = self._account_of_code(account)
        did = self._lock_numbers([self._digits(number)])
        if not did:
            raise UserError(self.env._("number: it is not in the inventory."))
        until = fields.Datetime.now() + timedelta(minutes=minutes)
        did._reserve(holder, until)
        return {"number": did.number, "reserved_until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}

    @api.model
    def assign(self, numbers=None, account=None, plan=None, start=None, end=None):
        """Give numbers to an account.

        What the account has already with the same plan and days counts as assigned, so
        that the call may be sent again.

        :param list numbers: at most 10,000
        :param str account: code
        :param str plan: code; None: the default plan
        :param str start: first day; None: today at the account
        :param str end: last day, or None
        :return: ``{assigned, errors: [{index, number, code, message}]}``
        """
        self._check_scope("write")
        self._check_numbers(numbers)
        holder, terms = self._account_of_code(account), self._plan_of_code(plan)
        first = self._day("start", start) or holder._did_today()
        last = self._day("end", end)
        if last and last < first:
            raise UserError(self.env._("end is before start."))
        found, errors = self._numbers_of(numbers)
        assigned = self._each_block(
            found,
            lambda dids: dids._assign(holder, terms, first, last),
            "not_free",
            errors,
        )
        return {"assigned": len(assigned), "errors": sorted(errors, key=_index)}

    @api.model
    def release(self, numbers=None, end=None):
        """Take numbers back from their accounts.

        :param list numbers: at most 10,000
        :param str end: the last day; None: today at the account
        :return: ``{released, credit: {currency: "…"}, errors}``: what is given back of
            rental that was charged in advance, before tax
        """
        self._check_scope("write")
        self._check_numbers(numbers)
        last = self._day("end", end)
        found, errors = self._numbers_of(numbers)
        ended = self._each_block(
            found, lambda dids: dids._release(last), "not_assigned", errors
        )
        credit = ended._charge_now()
        return {
            "released": len(ended),
            "credit": {name: f"{amount:f}" for name, amount in credit.items()},
            "errors": sorted(errors, key=_index),
        }

    # === WHAT A CALL NAMES === #

    @api.model
    def _check_scope(self, operation):
        """:raises AccessError: for who is neither staff nor has the scope of numbers"""
        group = VIEWER if operation == "read" else STAFF
        user = self.env.user
        if not (self.env.su or user.has_group(SCOPE) or user.has_group(group)):
            raise AccessError(
                self.env._("This needs a key with the scope of numbers, or staff.")
            )

    @api.model
    def _check_numbers(self, numbers):
        self._check_records(numbers)
        if not numbers:
            raise UserError(self.env._("numbers is empty."))

    @api.model
    def _digits(self, number):
        try:
            return e164(number)
        except BadNumberRow as error:
            raise UserError(str(error)) from error

    @api.model
    def _day(self, name, value):
        """The date that a text is, whole: a time behind it might be of another day."""
        if value is None:
            return None
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise UserError(
                self.env._("%s: a day is YYYY-MM-DD, of the years 1970 to 2199.", name)
            )
        try:
            return fields.Date.to_date(value)
        except ValueError as error:
            raise UserError(self.env._("%s: it is no day.", name)) from error

    @api.model
    def _account_of_code(self, code):
        return self._named_by_code("voip.account", "account", code)

    @api.model
    def _plan_of_code(self, code):
        if code is not None:
            return self._named_by_code("voip.did.plan", "plan", code)
        found = self.env["voip.did.plan"].sudo()._default_plan()
        if not found:
            raise UserError(self.env._("plan: name one, there is no default plan."))
        return found

    @api.model
    def _named_by_code(self, model, name, code):
        if code is None:
            raise UserError(self.env._("%s is missing: give its code.", name))
        found = self.env["voip.rate.deck"]._of_code(self.env[model].sudo(), code)
        if not found:
            raise UserError(self.env._("%s: there is none with this code.", name))
        return found

    @api.model
    def _numbers_of(self, numbers):
        """([(index, record)], errors) of numbers as they were given."""
        digits, errors = {}, []
        for index, number in enumerate(numbers):
            try:
                digits.setdefault(e164(number), index)
            except BadNumberRow as error:
                errors.append(self._refusal(index, number, error.code, error))
        dids = self._lock_numbers(list(digits))
        missing = digits.keys() - set(dids.mapped("number"))
        for number in missing:
            why = self.env._("It is not in the inventory.")
            errors.append(self._refusal(digits[number], number, "unknown_number", why))
        found = [(digits[did.number], did) for did in dids]
        return sorted(found, key=lambda pair: pair[0]), errors

    @api.model
    def _lock_numbers(self, digits):
        """Hold the records of these numbers until the end of the transaction."""
        self.env["voip.did"].flush_model()
        self.env.cr.execute(
            "SELECT id FROM voip_did WHERE number = ANY(%s) AND company_id = %s"
            "   AND active ORDER BY id FOR UPDATE",
            [digits, self.env.company.id],
        )
        dids = self.sudo().browse(row[0] for row in self.env.cr.fetchall())
        dids.invalidate_recordset()
        return dids

    @api.model
    def _refusal(self, index, number, code, error):
        shown = number if isinstance(number, str) else None
        return {"index": index, "number": shown, "code": code, "message": str(error)}

    @api.model
    def _each_block(self, found, work, code, errors):
        """Do ``work`` to each number, those of a block at once; what it returned.

        :param found: [(index, record)]
        :param code: of a refusal that is for the number's sake
        :param errors: list that gets the refusals
        """
        done = self.env["voip.did.assignment"].sudo()
        parts = {}
        for index, did in found:
            parts.setdefault(did.block_id or did, {})[index] = did
        for part in parts.values():
            try:
                with self.env.cr.savepoint():
                    done |= work(self.sudo().union(*part.values()))
            except (UserError, ValidationError, ExclusionViolation) as error:
                # What is asked for makes no sense: another number would fare no better.
                why = "bad_value" if isinstance(error, ValidationError) else code
                if isinstance(error, ExclusionViolation):
                    # Somebody was quicker who did not wait for the number's lock.
                    error = self.env._("It is not free on these days.")
                errors += [
                    self._refusal(index, did.number, why, error)
                    for index, did in part.items()
                ]
        return done

    # === NUMBERS === #

    def _assign(self, account, plan, first, last):
        """Give numbers to an account, unless it has them so already."""
        assignments = self.env["voip.did.assignment"].sudo()
        own = self.assignment_ids.filtered(
            lambda one: (
                one.account_id == account
                and one.plan_id == plan
                and one.date_start == first
                and (one.date_end or None) == last
            )
        )
        missing = self - own.did_id
        for did in missing:
            did._refuse_taken(account, first, last)
        values = {
            "account_id": account.id,
            "plan_id": plan.id,
            "date_start": first,
            "date_end": last,
        }
        return own | assignments.create([{**values, "did_id": d.id} for d in missing])

    def _refuse_taken(self, account, first, last):
        """:raises UserError: why the account cannot have the number on these days"""
        name = self.display_name
        if self.state == "returned":
            raise UserError(self.env._("%s is given back or ported away.", name))
        if self.state == "porting_out":
            raise UserError(
                self.env._(
                    "%s is in an open order of porting out: cancel that first.", name
                )
            )
        if self.state == "reserved" and self.reserved_for_id != account:
            raise UserError(self.env._("%s is reserved for somebody else.", name))
        others = self.assignment_ids.filtered(
            lambda one: (
                (not last or one.date_start <= last)
                and (not one.date_end or one.date_end >= first)
            )
        )
        if others:
            raise UserError(self.env._("%s is not free on these days.", name))
        if self._is_quarantined(account, first):
            raise UserError(
                self.env._("%s is in quarantine: somebody else had it.", name)
            )

    def _is_quarantined(self, account, first):
        """Whether somebody else had the number too short a time ago."""
        return any(
            one.account_id != account
            and one.date_end
            and one.date_end < first
            and first <= one.date_end + timedelta(days=one.plan_id.quarantine_days)
            for one in self.assignment_ids
        )

    def _release(self, last):
        """End the assignments of today, or what begins later; returns them."""
        by_end = {}
        for did in self:
            one, end = did._to_release(last)
            by_end[end] = by_end.get(end, one.browse()) | one
        for end, ones in by_end.items():
            ones.date_end = end
        return self.env["voip.did.assignment"].sudo().union(*by_end.values())

    def _to_release(self, last):
        """(assignment, its last day)."""
        open_ones = self.assignment_ids.filtered(
            lambda one: not one.date_end or one.date_end >= (last or one._today())
        )
        if not open_ones:
            raise UserError(self.env._("%s is at no account.", self.display_name))
        one = open_ones.sorted("date_start")[0]
        end = last or one._today()
        if end < one.date_start:
            raise UserError(
                self.env._("%s begins after that day only.", self.display_name)
            )
        return one, end


def _index(error):
    return error["index"]
