"""The door for new rates: ``voip.rate.deck.load``.

A rate is an object with prefix, destination, price_per_minute, connect_fee,
initial_increment, next_increment, min_charge, effective_from, effective_to, blocked;
optional origin_prefix, price_intra, price_local, price_indeterminate, first_price,
max_charge, attempt_fee, grace_seconds, payback, service (code). Prices are decimal
strings.

A rate without effective_from begins now, in a deck without rates at the beginning of
time; a date alone is its first moment in the deck's zone. Mode ``full`` ends every rate
of a prefix that is not mentioned: now, or at the earliest start of the rates given if
that is later. A rate with other terms and an end (a promotion) returns to the version
before it; one with the same terms and an end ends that version, sooner or later than
before; the end that it has because another version takes over says nothing, where the
rows do not mention that one. An end that another version would cut is refused.
"""

import io
from datetime import datetime, timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.voip_billing_base.charge.transaction import in_money, lock_company

from ..sheets.compare import BEGINS
from ..sheets.row import ALWAYS, BadRow, RateReader
from ..sheets.stage import STAGE_COLUMNS
from .meanwhile import refuse_unseen

RECORD_LIMIT = 10_000
MODES = ("partial", "full")


def _is_matrix(names, rows):
    """Whether Odoo's import of records is meant: names of fields, rows of values."""
    lists = (list, tuple)
    return (
        isinstance(names, lists)
        and isinstance(rows, lists)
        and all(isinstance(row, lists) for row in rows)
    )


# Clocks differ by so much.
AHEAD = timedelta(minutes=5)


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    @api.model
    def load(
        self,
        deck=None,
        rates=None,
        mode="partial",
        dry_run=False,
        fields=None,
        data=None,
        notice_reason=None,
        received=None,
    ):
        """Compare rates with the deck of a code and apply them, all or none.

        With two lists this is Odoo's own import of records (fields, data).

        :param list rates: see the module
        :param mode, dry_run: ``partial`` or ``full``; true only compares
        :param str notice_reason: why changes may be valid before customers had to be
            told; without one they are errors with code notice and the index of their
            row, or null where no row mentions the prefix
        :param str received: moment at which the supplier announced them; else now
        :return: counts new, increased, decreased, changed (same cost, other terms),
            unchanged, closed, duplicates, agreed (later than stated, as a supplier
            announced them too late); errors ``[{index, code, message}]``;
            fallbacks ``[{prefix, falls_to}]``: prefixes that end, and the shorter one
            that takes over (or null); returns: ends after which the version before
            goes on, as a new version; applied
        :raise UserError, AccessError: arguments without sense; no billing manager
        """
        if fields is not None or _is_matrix(deck, rates):
            names, rows = fields or deck, data if fields else rates
            refused = self.env["voip.rate"]._refused_import(names, rows)
            return refused or super().load(names, rows)
        self._check_load_access()
        self._check_load_arguments(rates, dry_run, notice_reason)
        found = self._deck_by_code(deck)
        reason = (notice_reason or "").strip()
        more = {"notice_reason": reason, "received": found._received(received)}
        load = partial(found._load, dry_run=True) if dry_run else found._load_now
        return load(rates, mode, **more)

    def _received(self, text):
        """The moment of an announcement, naive UTC; without a text now.

        :raise UserError: it is none, or has not come yet
        """
        if text is None:
            return fields.Datetime.now()
        if not isinstance(text, str) or not text:
            raise UserError(self.env._("received must be a moment, or left out."))
        try:
            moment = RateReader(self.tz, 1, 1, "", {}).moment(text)
        except BadRow as error:
            why = str(error).partition(": ")[2]
            raise UserError(self.env._("received: %(reason)s.", reason=why)) from error
        moment = datetime.fromisoformat(moment)
        if moment > fields.Datetime.now() + AHEAD:
            raise UserError(
                self.env._(
                    "received: %(moment)s (UTC) lies in the future, so nobody has "
                    "received it yet.",
                    moment=moment,
                )
            )
        return moment

    def _load_now(self, rates, mode, **more):
        """Apply; see :meth:`load`."""
        # A request sees the calls of its beginning; these are all up to the end.
        result = in_money(
            self, lambda own: own._load(rates, mode, False, alone=True, **more)
        )
        self.env.invalidate_all()
        return result

    def _check_load_arguments(self, rates, dry_run, notice_reason):
        if not isinstance(rates, list):
            raise UserError(self.env._("rates must be a list."))
        if len(rates) > RECORD_LIMIT:
            raise UserError(
                self.env._(
                    "At most %(limit)s rates a call, not %(count)s.",
                    limit=RECORD_LIMIT,
                    count=len(rates),
                )
            )
        if not isinstance(dry_run, bool):
            raise UserError(self.env._("dry_run must be true or false."))
        if notice_reason is not None and not isinstance(notice_reason, str):
            raise UserError(self.env._("notice_reason must be a text."))

    def _check_load_access(self):
        group = "voip_billing_base.group_voip_manager"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(self.env._("Only billing managers may load rates."))

    @api.model
    def _deck_by_code(self, code):
        """Return the deck of the current company, or raise UserError."""
        deck = self._of_code(self, code)
        if not deck:
            raise UserError(self.env._("deck: there is no deck with this code."))
        return deck

    @api.model
    def _of_code(self, records, code, *domain):
        """Return the record of a model that has this code in the current company."""
        if not isinstance(code, str) or not code.isprintable():
            return records.browse()
        own = ("company_id", "=", self.env.company.id)
        return records.search([("code", "=", code), own, *domain], limit=1)

    def _load(
        self,
        rows,
        mode="partial",
        dry_run=False,
        notice_reason=None,
        alone=False,
        received=None,
    ):
        """Load any number of rows; see :meth:`load`.

        :param alone: no call of the company is rated from the comparison on
        :param received: naive UTC, None = now
        """
        self.ensure_one()
        self._check_mode(mode, rows)
        self.env.flush_all()
        savepoint = self.env.cr.savepoint(flush=False)
        found, errors = self._load_compare(rows, received, alone)
        applied = self._load_nothing()
        if not errors:
            applied, errors = self._load_apply(mode, notice_reason)
        errors.sort(key=lambda error: (error["index"] is None, error["index"] or 0))
        is_applied = not errors and not dry_run
        savepoint.close(rollback=not is_applied)
        self.env.invalidate_all(flush=False)
        result = {
            **found,
            **applied,
            "errors": errors,
            "applied": is_applied,
        }
        if is_applied and alone:
            refuse_unseen(self)
        if is_applied:
            self._log_load("deck_load", result, mode=mode, rows=len(rows))
        return result

    def _load_compare(self, rows, received, alone):
        """Stage the rows and compare them with the deck; see :meth:`_load`.

        :return: ``(counts, errors)``
        """
        mine = [("deck_id", "=", self.id)]
        had_rates = self.env["voip.rate"].search_count(mine, limit=1)
        self._stage_open()
        errors = self._stage_fill(rows)
        duplicates, contradictions = self._stage_check()
        self._stage_destinations()
        if alone:
            lock_company(self.env.cr, self.company_id.id)
        compared, agreed = self._stage_compare(go_on=True), 0
        if had_rates:
            received = received or fields.Datetime.now()
            compared, agreed = self._load_agreed(received, compared)
        counts, conflicts = compared
        counts |= {"duplicates": duplicates, "agreed": agreed}
        return counts, errors + contradictions + conflicts

    @staticmethod
    def _load_nothing():
        return {"closed": 0, "fallbacks": [], "returns": 0}

    def _load_apply(self, mode, notice_reason):
        """Write the stage into the deck.

        :return: ``(what it did, errors)``; with errors nothing is told as done
        """
        watch = self._early_watch_stage(full=mode == "full")
        closed, fallbacks, returns = self._stage_apply(
            close_at=self._stage_close_at() if mode == "full" else None,
            manual=bool(self.generator_ids),
            go_on=True,
        )
        self._keep_stated()
        early = self._early_found(watch)
        if early and not notice_reason:
            return self._load_nothing(), self._early_errors(early)
        self._early_settle(early, notice_reason)
        return {
            "closed": closed,
            "fallbacks": [
                {"prefix": prefix, "falls_to": shorter} for prefix, shorter in fallbacks
            ],
            "returns": returns,
        }, []

    def _check_mode(self, mode, rows):
        if mode not in MODES:
            raise UserError(self.env._("mode must be partial or full."))
        if mode == "full" and not rows:
            raise UserError(
                self.env._(
                    "rates: a full load without rates would end every rate of %(deck)s."
                    " Close them in the list of rates.",
                    deck=self.display_name,
                )
            )

    def _log_load(self, event, result, **more):
        counts = {key: value for key, value in result.items() if isinstance(value, int)}
        self.env["voip.audit"]._log(event, self, {"code": self.code, **more, **counts})

    def _stage_fill(self, rows):
        """Read the rows into the stage; returns the errors of those refused."""
        now = fields.Datetime.to_string(fields.Datetime.now())
        has_rates = self.env["voip.rate"].search_count(
            [("deck_id", "=", self.id)], limit=1
        )
        services = self.env["voip.service"].search_read(
            self.env["voip.service"]._check_company_domain(self.company_id), ["code"]
        )
        reader = RateReader(
            self.tz,
            self.default_initial_increment,
            self.default_next_increment,
            now if has_rates else ALWAYS,
            {service["code"]: service["id"] for service in services},
        )
        buffer, errors = io.StringIO(), []
        for index, row in enumerate(rows):
            try:
                values = reader.values(row)
            except BadRow as error:
                errors.append(self._load_error(index, error.code, str(error)))
            else:
                buffer.write(f"{index}\t" + "\t".join(values) + "\n")
        buffer.seek(0)
        self.env.cr._obj.copy_expert(
            f"COPY voip_stage ({', '.join(STAGE_COLUMNS)}) FROM STDIN", buffer
        )
        return errors

    def _stage_close_at(self, since=None):
        """The moment from which the rows replace the deck: not before now.

        :param since: when the first of those begins that are not in the stage
        """
        self.env.cr.execute(BEGINS)
        begins = [at for at in (*self.env.cr.fetchone(), since) if at]
        return max(fields.Datetime.now(), min(begins, default=datetime.min))
