"""Many prices at once: from a machine, a sheet or a catalogue."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import run_money

from .price_row import ALL, BadPriceRow, read_row

LIMIT = 10_000
MANAGER = "voip_billing_base.group_voip_manager"


class VoipAiPrice(models.Model):
    _inherit = "voip.ai.price"

    # === MACHINE DOOR === #

    @api.model
    def load(self, prices=None, dry_run=False, fields=None, data=None):
        """Let prices begin; those before them end the day before.

        All or nothing: with an error nothing is applied. A model that the provider does
        not have yet is made. Loaded again, a price is unchanged. With two lists this is
        Odoo's own import of records (fields, data).

        :param list prices: at most 10,000 of ``{provider, model*, kind*,
            price_per_1000, cost_per_1000, price_per_minute, cost_per_minute,
            markup_percent, currency*, account, effective_from, effective_to}``; prices
            are decimal texts; ``model`` "*" is all of the provider
        :param bool dry_run: only say what would happen
        :return: ``{new, changed, unchanged, errors: [{index, code, message}],
            applied}``
        :raises UserError: the call itself is malformed
        """
        if fields is not None or isinstance(dry_run, list):
            names = fields or prices
            if not isinstance(names, list) or not all(type(n) is str for n in names):
                raise UserError(self.env._("fields: must be a list of names."))
            return super().load(names, data if fields else dry_run)
        self.check_access("create")
        if not isinstance(prices, list) or len(prices) > LIMIT:
            raise UserError(
                self.env._("prices must be a list of at most %s prices.", LIMIT)
            )
        if not isinstance(dry_run, bool):
            raise UserError(self.env._("dry_run: must be true or false"))
        return run_money(self.env, lambda env: env[self._name]._load(prices, dry_run))

    # === BUSINESS METHODS === #

    @api.model
    def _load(self, prices, dry_run=False, origin=False):
        """:meth:`load` in this transaction.

        :param origin: catalogue and version that the prices keep
        """
        work = PriceLoad(self, origin)
        for index, given in enumerate(prices):
            try:
                work.take(read_row(given))
            except BadPriceRow as error:
                work.errors.append(
                    {"index": index, "code": error.code, "message": str(error)}
                )
        applied = not (work.errors or dry_run)
        if applied:
            work.apply()
        return {**work.counts, "errors": work.errors, "applied": applied}


class PriceLoad:
    """What prices would change; nothing is written before :meth:`apply`."""

    def __init__(self, prices, origin):
        self.env, self.prices, self.origin = prices.env, prices, origin
        self.company = prices.env.company
        self.counts = {"new": 0, "changed": 0, "unchanged": 0}
        self.errors = []
        self.today = fields.Date.context_today(prices)
        own = [("company_id", "=", self.company.id)]
        self.providers = {
            one.code.lower(): one for one in self.env["voip.ai.provider"].search(own)
        }
        models_ = self.env["voip.ai.model"].search(own)
        self.models = {(m.provider_id.id, m.code.lower()): m.id for m in models_}
        self.currencies = {
            one.name: one.id for one in self.env["res.currency"].search([])
        }
        # Ids of accounts by code, and their currencies by id.
        self.accounts, self.own = {}, {}
        self.known = {}
        for price in prices.search(own):
            key = self._key_of(price)
            last = price.effective_to or fields.Date.to_date("9999-12-31")
            span = [price.effective_from, last, self._value_of(price), price]
            self.known.setdefault(key, []).append(span)
        self.fresh_models, self.fresh, self.ends = {}, [], []

    def _key_of(self, price):
        kind = price.kind or ALL
        return (
            price.side,
            price.account_id.id or 0,
            price.provider_id.id or 0,
            price.model_id.id or 0,
            kind,
            price.currency_id.id or 0,
        )

    def _value_of(self, price):
        if price.pricing == "markup":
            return "markup", f"{price.markup_percent:.4f}"
        return "fixed", f"{price.price:.8f}"

    # === Look === #

    def take(self, row):
        """Look what a row changes.

        :return: "new", "changed" or "unchanged"
        :raises BadPriceRow: it names what is not there
        """
        before = dict(self.counts)
        provider, model = self._whose(row)
        account = self._account(row.account)
        if row.currency and row.currency not in self.currencies:
            raise BadPriceRow("bad_value", f"currency: {row.currency!r} is unknown.")
        for side, value in row.prices:
            pricing = "markup" if side == "markup" else "fixed"
            places = 4 if pricing == "markup" else 8
            currency = 0 if pricing == "markup" else self.currencies[row.currency]
            side = "sale" if pricing == "markup" else side
            if currency and account and currency != self.own[account].id:
                raise BadPriceRow(
                    "bad_value",
                    f"currency: account {row.account} is in {self.own[account].name}.",
                )
            if side == "cost" and (account or not provider):
                raise BadPriceRow(
                    "bad_value", "A cost names a provider, and no account."
                )
            key = (side, account if side == "sale" else 0, provider, model, row.kind,
                   currency)  # fmt: skip
            self._take(key, row, (pricing, f"{value:.{places}f}"))
        added = [name for name in self.counts if self.counts[name] > before[name]]
        return next(name for name in ("changed", "new", "unchanged") if name in added)

    def _whose(self, row):
        provider = self.providers.get(row.provider.lower())
        if row.provider and not provider:
            raise BadPriceRow("bad_value", f"provider: {row.provider!r} is unknown.")
        if row.model == ALL:
            return (provider.id if provider else 0), 0
        if not provider:
            found = {key for key in self.models if key[1] == row.model.lower()}
            if len(found) != 1:
                raise BadPriceRow(
                    "missing_field", f"provider is missing: whose model {row.model!r}?"
                )
            (key,) = found
            return key[0], self.models[key]
        key = provider.id, row.model.lower()
        if key not in self.models:
            if any(sign in row.model for sign in "*?, "):
                raise BadPriceRow(
                    "bad_value", f"model: {row.model!r} is no code of a model."
                )
            self.models[key] = -1 - len(self.fresh_models)
            self.fresh_models[key] = self.models[key], row.model
        return provider.id, self.models[key]

    def _account(self, code):
        if code and code not in self.accounts:
            own = [("company_id", "=", self.company.id), ("code", "=", code)]
            account = self.env["voip.account"].search(own, limit=1)
            self.accounts[code] = account.id
            self.own[account.id] = account.currency_id
        if code and not self.accounts[code]:
            raise BadPriceRow("no_account", f"account: {code!r} is unknown.")
        return self.accounts.get(code, 0) or 0

    def _take(self, key, row, value):
        first = row.first or self.today
        last = row.last or fields.Date.to_date("9999-12-31")
        spans = self.known.setdefault(key, [])
        now = [s for s in spans if s[0] <= first <= s[1]]
        later = min((s[0] for s in spans if s[0] > first), default=None)
        if later and later <= last:
            if row.last:
                raise BadPriceRow(
                    "bad_value", f"effective_to: another price begins on {later}."
                )
            last = later - timedelta(days=1)
        if now and now[0][2] == value and (not row.last or now[0][1] == row.last):
            self.counts["unchanged"] += 1
            return
        if now and now[0][0] == first:
            raise BadPriceRow(
                "conflict",
                f"effective_from: another price begins on {first} already: let this one"
                " begin later, or change that one.",
            )
        if now:
            # What the old one's end was the new one takes over.
            if not row.last:
                last = min(last, now[0][1])
            now[0][1] = first - timedelta(days=1)
            self.ends.append(now[0])
        self.counts["changed" if now else "new"] += 1
        fresh = [first, last, value, None]
        spans.append(fresh)
        self.fresh.append((key, fresh))

    # === Apply === #

    def apply(self):
        made = {}
        for (provider, _code), (number, name) in self.fresh_models.items():
            values = {"name": name, "code": name, "provider_id": provider}
            made[number] = self.env["voip.ai.model"].create(values).id
        for _first, last, _value, price in self.ends:
            if price:
                price.effective_to = last
        self.prices.sudo().create([self._vals(made, *one) for one in self.fresh])

    def _vals(self, made, key, span):
        side, account, provider, model, kind, currency = key
        first, last, (pricing, value), _price = span
        return {
            "company_id": self.company.id,
            "side": side,
            "account_id": account or False,
            "provider_id": provider or False,
            "model_id": made.get(model, model) or False,
            "kind": False if kind == ALL else kind,
            "pricing": pricing,
            "price": value if pricing == "fixed" else 0,
            "markup_percent": value if pricing == "markup" else 0,
            "currency_id": currency or False,
            "effective_from": first,
            "effective_to": last if last.year < 9999 else False,
            **({"origin": self.origin} if self.origin else {}),
        }
