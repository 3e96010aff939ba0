"""The watch: from figures to alerts, each cause once."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_repr

from odoo.addons.voip_billing_base.charge.exchange import lacking_rate, rate_between

from .figures import Cause, lines_of, low_keys
from .terms import Sums, Terms
from .voip_margin_alert import NOT_ACCEPTED
from .voip_margin_rule import threshold_of

NOTHING = Sums(Decimal(0), Decimal(0), 0)
# As many codes as a line of a list shows.
SHOWN = 5


class VoipMarginAlert(models.Model):
    _inherit = "voip.margin.alert"

    # === CRON METHODS === #

    @api.model
    def _cron_watch(self):
        """Look at each company, and mail what is new to its managers."""
        cron = self.env["ir.cron"]
        accounts = self.env["voip.account"].sudo()
        companies = accounts._read_group([], ["company_id"], order="company_id")
        for position, (company,) in enumerate(companies, 1):
            watch = self.with_company(company)
            watch._mail_digest(company, watch._watch(company))
            cron._commit_progress(1, remaining=len(companies) - position)

    # === BUSINESS METHODS === #

    @api.model
    def _watch(self, company):
        """Bring the alerts of a company up to date.

        :return: the alerts that are open now and were not before
        :raises UserError: another watch is at work
        """
        self._lock_watch(company)
        self.env.flush_all()
        days = self._watched_days(company)
        thresholds = self.env["voip.margin.rule"]._thresholds(company)
        known = self.search([("company_id", "=", company.id)])
        going = known.filtered(lambda alert: alert.state != "closed")
        widest = self._terms(company, max(thresholds.values()))
        keys = low_keys(self.env.cr, company.id, days, widest)
        keys |= {(c.account, c.label, c.destination) for c in map(_cause_of, going)}
        found = _held(lines_of(self.env.cr, company.id, days, keys))
        alerts = {_cause_of(alert): alert for alert in known}
        fresh = self.browse()
        for cause, lines in found.items():
            threshold = threshold_of(thresholds, cause.account, cause.deck)
            terms = self._terms(company, threshold)
            alert = alerts.get(cause, self.browse())
            fresh |= alert._judge(company, cause, lines, terms)
        (going - self._of(alerts, found))._close_silent(days)
        return fresh

    def _of(self, alerts, causes):
        return self.browse(alerts[cause].id for cause in causes if cause in alerts)

    @api.model
    def _lock_watch(self, company):
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('voip_margin'), %s)",
            [company.id],
        )
        if not self.env.cr.fetchone()[0]:
            raise UserError(
                self.env._(
                    "The margins of %s are being looked at right now. Reload the page"
                    " in a minute.",
                    company.name,
                )
            )

    @api.model
    def _watched_days(self, company):
        """(first, last) local days; the last one has begun somewhere on earth."""
        last = fields.Date.today() + timedelta(days=1)
        return last - timedelta(days=company.sudo().voip_margin_days), last

    @api.model
    def _terms(self, company, threshold):
        company = company.sudo()
        return Terms(
            threshold=threshold,
            overhead_minute=Decimal(float_repr(company.voip_overhead_minute, 8)),
            overhead_percent=Decimal(float_repr(company.voip_overhead_percent, 4)),
        )

    def _judge(self, company, cause, days, terms):
        """Open, update or close the alert of a cause by its last day with calls.

        :param days: {day: [:class:`~.figures.Line`]}
        :return: the alert where it is open now and was not before
        """
        last = max(days)
        low = _total(days[last]).is_below(terms)
        if not self and not low:
            return self
        alert, was_open = self, self.state == "open"
        values = self._prepare_figures(last, days[last], terms)
        values |= self._prepare_state(last, low, values)
        if not alert:
            alert = self.create({**self._prepare_cause(company, cause), **values})
        elif _differ(alert, values):
            alert.write(values)
        alert._put_lines(days, terms)
        alert._put_prices()
        opened = alert.state == "open" and not was_open
        return alert if opened else self.browse()

    @api.model
    def _prepare_cause(self, company, cause):
        return {
            "company_id": company.id,
            "account_id": cause.account,
            "deck_id": cause.deck,
            "label": cause.label,
            "destination_id": cause.destination or False,
        }

    @api.model
    def _prepare_figures(self, day, lines, terms):
        return {"day": day, "threshold": float(terms.threshold)} | _figures(
            _total(lines), terms
        )

    def _prepare_state(self, day, low, figures):
        """What becomes of the alert: a low margin opens it, unless it is accepted."""
        if not low:
            if self.state == "closed":
                return {}
            reason = self.env._(
                "The margin is back: %(percent)s %% on %(day)s.",
                percent=f"{figures['margin_percent']:.1f}",
                day=day,
            )
            return {"state": "closed", "closed_reason": reason, **NOT_ACCEPTED}
        if self.state == "open":
            return {}
        today = fields.Date.today()
        if self.state == "accepted" and self.accepted_until >= today:
            return {}
        return {
            "state": "open",
            "first_day": day,
            "closed_reason": False,
            **NOT_ACCEPTED,
        }

    def _close_silent(self, days):
        """Close alerts of which there are no calls any more.

        :param days: (first, last) day looked at; what was undone since has no figures
        """
        for alert in self:
            alert.line_ids.filtered(lambda x: days[0] <= x.day <= days[1]).unlink()
            reason = self.env._("No calls since %s.", alert.day)
            values = {"state": "closed", "closed_reason": reason, **NOT_ACCEPTED}
            alert.write(values)

    def _put_lines(self, days, terms):
        """Write the lines of these days anew; older ones are history."""
        self.line_ids.filtered(lambda line: line.day in days).unlink()
        factor = self._factor()
        self.env["voip.margin.line"].create(
            [
                self._prepare_line(day, line, terms, factor)
                for day, lines in sorted(days.items())
                for line in lines
            ]
        )

    def _factor(self):
        """Units of the deck's currency for one of the company's, today; or None."""
        pair = self.company_id.currency_id, self.deck_currency_id
        today = fields.Date.today()
        if lacking_rate(*pair, self.company_id, today):
            return None
        return Fraction(rate_between(*pair, self.company_id, today))

    def _prepare_line(self, day, line, terms, factor):
        low = line.sums.is_below(terms)
        price = line.restoring(terms, factor) if low else None
        return {
            "alert_id": self.id,
            "day": day,
            "rate_id": line.rate["rate_id"],
            "prefix": line.rate["prefix"],
            "price": float(line.price),
            "restoring_price": float(price or 0),
            "is_below": low,
        } | _figures(line.sums, terms)

    def _put_prices(self):
        """Codes whose price has to rise, in a line."""
        lines = self._day_lines().filtered("restoring_price")
        text = ", ".join(
            f"{line.prefix}: {_plain(line.price)} → {_plain(line.restoring_price)}"
            for line in lines[:SHOWN]
        )
        if len(lines) > SHOWN:
            text = self.env._(
                "%(codes)s and %(more)s more", codes=text, more=len(lines) - SHOWN
            )
        if text:
            text += f" {self.deck_currency_id.name}"
        if (self.price_text or "") != text:
            self.price_text = text


def _cause_of(alert):
    return Cause(
        alert.account_id.id,
        alert.deck_id.id,
        alert.label,
        alert.destination_id.id or 0,
    )


def _held(found):
    """The same without days, and causes, of which all was undone."""
    held = {
        cause: {day: x for day, x in days.items() if _total(x) != NOTHING}
        for cause, days in found.items()
    }
    return {cause: days for cause, days in held.items() if days}


def _total(lines):
    return sum((line.sums for line in lines), NOTHING)


def _figures(sums, terms):
    return {
        "calls": sums.calls,
        "seconds": sums.seconds,
        "minutes": sums.seconds / 60,
        "sale": float(sums.sale),
        "cost": float(sums.cost),
        "overhead": float(sums.overhead(terms)),
        "margin": float(sums.margin(terms)),
        "margin_percent": float(sums.percent(terms) or 0),
    }


def _differ(alert, values):
    return any(alert[name] != value for name, value in values.items())


def _plain(price):
    """A price without trailing zeros, with two decimals at least."""
    whole, _point, digits = f"{price:.8f}".partition(".")
    return f"{whole}.{digits.rstrip('0').ljust(2, '0')}"
