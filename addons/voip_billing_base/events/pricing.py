"""Waiting events to what they cost: prices found, units multiplied, currencies."""

from dataclasses import dataclass

import numpy as np

from ..charge.exchange import has_rate, rate_between
from ..charge.values import day_number
from ..engine.event_price import FOREVER, PriceBook, Told, UnitPrice, slices, volumes
from ..engine.exact import largest, narrow, put
from ..engine.rounding import converted

PLAIN_NUMBER = str.maketrans("", "", " ()-./")
MOST = 10**15 * 10**8


@dataclass(slots=True)
class Event:
    """A waiting event with what its names mean."""

    id: int
    event_ref: str
    source: str
    units: int
    occurred_at: object
    account_id: int
    type_id: int
    local_day: object
    error: str
    priced: bool
    service_id: int
    list_id: int
    to: str
    campaign: str
    carrier: str
    model: str
    kind: str
    supplier: str

    @property
    def number(self):
        """Digits of its destination, "" where it has none."""
        text = (self.to or "").translate(PLAIN_NUMBER).removeprefix("+")
        return text if text.isascii() and text.isdigit() else ""

    def told(self, list_id):
        asked = (self.campaign, self.carrier, self.model, self.kind)
        asked = ((text or "").strip().lower() for text in asked)
        day = day_number(self.local_day)
        account, kind = self.account_id, self.type_id
        return Told(list_id, account, kind, day, self.number, *asked)


@dataclass(slots=True)
class Lines:
    """What events are charged, a row for each part and slice, by event.

    ``event`` and ``price`` are places in :class:`Priced`; money is scaled by 10**8.
    """

    event: np.ndarray
    price: np.ndarray
    word: np.ndarray
    start: np.ndarray
    units: np.ndarray
    base: np.ndarray
    unit_price: np.ndarray
    amount: np.ndarray

    def __len__(self):
        return len(self.event)

    @property
    def first(self):
        """Whether a row is the first of its event."""
        return np.diff(self.event, prepend=-1) != 0


WORDS = ("", "included", "volume")


@dataclass(slots=True)
class Priced:
    """Events that have a price, and what they cost.

    ``cost`` is scaled in the currency of ``cost_list``, a place in ``cost_lists`` or
    -1 where nobody asks for anything.
    """

    events: list
    prices: list
    lines: Lines
    volumes: dict
    cost: np.ndarray
    cost_company: np.ndarray
    cost_prices: list


def priced_events(env, company, events, errors):
    """:class:`Priced` of those events that have a price.

    :param list events: of :class:`Event`, in the order in which they count
    :param dict errors: {event id: code} of the others, which is filled
    """
    env.flush_all()
    costs = cost_lists(env.cr, company.id)
    lists = {event.list_id for event in events if event.list_id}
    book = read_book(env.cr, lists | {one[0] for one in costs.values()})
    found, cost_prices, kept = [], [], []
    for event in events:
        parts, cost_parts = _find(book, costs, event, errors)
        if event.id not in errors:
            kept.append(event)
            found.append(parts)
            cost_prices.append(cost_parts)
    kept, found, cost_prices = _convertible(
        env, company, kept, found, cost_prices, errors
    )
    return _multiplied(env, company, kept, found, cost_prices)


def _find(book, costs, event, errors):
    """(parts by name, cost parts by name) of an event."""
    if not event.list_id:
        errors[event.id] = "no_pricelist"
        return None, None
    parts = book.find(event.told(event.list_id))
    if "usage" not in parts:
        errors[event.id] = "no_price"
        return None, None
    supplier = (event.supplier or "").strip()
    asked = costs.get(supplier)
    cost_parts = book.find(event.told(asked[0])) if asked else {}
    if supplier and "usage" not in cost_parts:
        errors[event.id] = "no_cost_price"
    return parts, cost_parts if "usage" in cost_parts else {}


def cost_lists(cr, company_id):
    """{code: (id, supplier id, currency id)} of suppliers' lists; "": the default."""
    cr.execute(COST_LISTS_SQL, [company_id])
    found = {}
    for code, is_default, *values in cr.fetchall():
        found[code] = tuple(values)
        if is_default:
            found[""] = tuple(values)
    return found


def read_book(cr, lists):
    """:class:`PriceBook` of some lists, of all their days."""
    cr.execute(PRICES_SQL, [list(lists)])
    return PriceBook(
        UnitPrice(
            id=number,
            list_id=list_id,
            type_id=type_id,
            part=part,
            account_id=account,
            tiers=((1, price), *map(tuple, tiers or ())),
            whole=tiering == "whole",
            free=free,
            per=per,
            first=first,
            last=FOREVER if last is None else last,
            **dict(zip(TEXTS, texts, strict=True)),
        )
        for number, list_id, type_id, part, account, price, tiers, tiering, free, per,
        first, last, *texts in cr.fetchall()
    )  # fmt: skip


def _convertible(env, company, kept, found, cost_prices, errors):
    """The same without events whose currencies have no rate of their day."""
    accounts = env["voip.account"].browse({event.account_id for event in kept})
    currency = {account.id: account.currency_id.id for account in accounts}
    asked = {}
    cost_currency = _cost_currencies(env, cost_prices)
    lacking = []
    for place, event in enumerate(kept):
        wanted = {currency[event.account_id]}
        if cost_prices[place]:
            wanted.add(cost_currency[cost_prices[place]["usage"].list_id])
        for one in wanted:
            key = one, event.local_day
            if key not in asked:
                asked[key] = has_rate(company, *key)
            if not asked[key]:
                errors[event.id] = "no_exchange_rate"
                lacking.append(place)
    if not lacking:
        return kept, found, cost_prices
    left = [place for place in range(len(kept)) if place not in set(lacking)]
    return tuple([some[n] for n in left] for some in (kept, found, cost_prices))


def _cost_currencies(env, cost_prices):
    lists = {parts["usage"].list_id for parts in cost_prices if parts}
    return {
        one.id: one.currency_id.id for one in env["voip.event.pricelist"].browse(lists)
    }


def _multiplied(env, company, kept, found, cost_prices):
    units = np.array([event.units for event in kept], np.int64)
    volume = {}
    prices, lines = _lines(env.cr, kept, found, units, volume)
    cost = np.zeros(len(kept), np.int64)
    nothing = np.zeros(len(kept), np.int64)
    for price, places in _by_price(cost_prices):
        for one in slices(price, nothing[places], units[places]):
            rows = places[one.rows]
            cost = put(cost, rows, cost[rows] + one.amount)
    cost_company = cost
    currencies = _cost_currencies(env, cost_prices)
    for (currency, day), places in _cost_days(kept, cost_prices, currencies):
        source = env["res.currency"].browse(currency)
        if source != company.currency_id:
            rate = rate_between(source, company.currency_id, company, day)
            changed = converted(cost[places], rate)
            cost_company = put(cost_company.copy(), places, changed)
    return Priced(kept, prices, lines, volume, cost, cost_company, cost_prices)


def _by_price(found):
    """(price, places of the events it counts for), in the order of the events."""
    places = {}
    for place, parts in enumerate(found):
        for price in parts.values():
            places.setdefault(price, []).append(place)
    for price, some in places.items():
        yield price, np.array(some, np.int64)


def _cost_days(kept, cost_prices, currencies):
    places = {}
    for place, (event, parts) in enumerate(zip(kept, cost_prices, strict=True)):
        if parts:
            key = currencies[parts["usage"].list_id], event.local_day
            places.setdefault(key, []).append(place)
    return places.items()


def _lines(cr, kept, found, units, volume):
    """(prices, :class:`Lines`); ``volume`` is filled with {(account, price id, month):
    units after}."""
    by_price = list(_by_price(found))
    keys = {
        price: [(kept[n].account_id, price.id, kept[n].local_day.replace(day=1))
                for n in places.tolist()]
        for price, places in by_price if price.metered
    }  # fmt: skip
    volume.update(_volumes_before(cr, {key for some in keys.values() for key in some}))
    columns = []
    for number, (price, places) in enumerate(by_price):
        start = np.zeros(len(places), np.int64)
        if price in keys:
            start = volumes(keys[price], units[places], volume)
        for one in slices(price, start, units[places]):
            count = len(one.rows)
            columns.append(
                (
                    places[one.rows],
                    np.full(count, number),
                    np.full(count, WORDS.index(one.word)),
                    start[one.rows],
                    one.units,
                    one.base,
                    np.full(count, one.price),
                    one.amount,
                )
            )
    joined = [np.concatenate(column) for column in zip(*columns, strict=True)]
    joined = joined or [np.zeros(0, np.int64)] * 8
    order = np.lexsort((joined[2], joined[1], joined[0]))
    lines = Lines(*(narrow(column[order]) for column in joined))
    return [price for price, _places in by_price], lines


def _volumes_before(cr, keys):
    if not keys:
        return {}
    columns = [list(column) for column in zip(*keys, strict=True)]
    cr.execute(VOLUMES_SQL, columns)
    return {tuple(key): units for *key, units in cr.fetchall()}


def beyond(priced):
    """Places of events whose amount or cost no row can hold."""
    if max(largest(priced.lines.amount), largest(priced.cost_company)) <= MOST:
        return set()
    wide = priced.lines.event[np.abs(priced.lines.amount) > MOST].tolist()
    return {*wide, *np.flatnonzero(np.abs(priced.cost_company) > MOST).tolist()}


TEXTS = ("prefix", "campaign", "carrier", "model", "kind")
COST_LISTS_SQL = """
SELECT code, COALESCE(is_default, false), id, supplier_id, currency_id
  FROM voip_event_pricelist WHERE company_id = %s AND side = 'cost' AND active
"""
PRICES_SQL = f"""
SELECT p.id, p.pricelist_id, p.type_id, p.part, COALESCE(p.account_id, 0),
       (p.price * 100000000)::bigint,
       (SELECT array_agg(ARRAY[t.from_unit, (t.price * 100000000)::bigint]
                         ORDER BY t.from_unit)
          FROM voip_event_price_tier t WHERE t.price_id = p.id AND p.tiering <> 'flat'),
       p.tiering, p.free_units, p.per, p.effective_from - DATE '1970-01-01',
       p.effective_to - DATE '1970-01-01',
       {", ".join(f"lower(COALESCE(p.{name}, ''))" for name in TEXTS)}
  FROM voip_event_price p WHERE p.pricelist_id = ANY(%s)
"""
VOLUMES_SQL = """
SELECT v.account_id, v.price_id, v.month, v.units
  FROM unnest(%s::int[], %s::int[], %s::date[]) k (account_id, price_id, month)
  JOIN voip_usage_event_volume v USING (account_id, price_id, month)
"""
