"""Statements read from the database, without asking who may."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo.addons.voip_billing_base.books.label import DOCUMENTS, kind_of_entry
from odoo.addons.voip_billing_base.charge.planner import in_memory

from ..engine.exact import rounded
from . import sql
from .garbage import no_collection
from .statement import AGES, ZERO, Line, Statement


@no_collection()
def documents(env, params, unbilled):
    """Statements of items, one for each currency.

    :param params: ``company``, ``partner`` or ``account``, ``from``, ``to``
    :param unbilled: {currency id: amount}; None where it is not told
    """
    whom = _of_whom(env.cr, params)
    with in_memory(env.cr):
        rows = [_Row(*row) for row in _fetch(env.cr, sql.LINES, whom)]
    by_hand = [row.move_id for row in rows if row.kind == "by_hand"]
    counterparts = _grouped(env.cr, sql.COUNTERPARTS, by_hand)
    forgiven = _forgiven(env.cr, rows)
    partials = [row.partial_id for row in rows if row.partial_id]
    met = {key: names for key, *names in _fetch(env.cr, sql.MET, [partials])}
    found = _Found(env)
    for row in rows:
        statement, amount = found[row.currency_id], Decimal(row.amount)
        if row.age is not None:
            statement.ageing[AGES[row.age]] = amount
        elif row.date is None:
            statement.opening += amount
        elif row.partial_id:
            names = ", ".join(name for name in met[row.partial_id] if name)
            statement.lines.append(Line(row.date, "transfer", "", names, amount))
        else:
            line = _line(row, amount, counterparts)
            parts = forgiven.get((row.move_id, row.currency_id))
            statement.lines += _parts(line, parts, statement.unit) if parts else [line]
    if unbilled is not None:
        for currency_id in (key for key, amount in unbilled.items() if amount):
            found[currency_id].unbilled = ZERO
        for currency_id, statement in found.items():
            statement.unbilled = unbilled.get(currency_id, ZERO)
    return found.sorted()


def wallet(env, account, params, unbilled):
    """The statement of a wallet: usage a day, every other movement.

    What it has is what the customer is owed: amounts change their sign, and balances
    change it back.
    """
    statement = _Found(env)[account.currency_id.id]
    statement.is_wallet = True
    if unbilled is not None:
        statement.unbilled = unbilled.get(account.currency_id.id, ZERO)
    for row in _rows(env.cr, sql.WALLET, params):
        if row["date"] is None:
            statement.opening -= row["amount"] or ZERO
        else:
            origin, amount = row["origin"] or "", -row["amount"]
            reason = _beside_usage(row, statement.unit)
            line = Line(row["date"], row["kind"], origin, "", amount, reason)
            statement.lines.append(line)
    return [statement]


class _Row(NamedTuple):
    """A row of ``sql.LINES``; its amount is exact as a text."""

    currency_id: int
    age: int | None
    date: date | None
    move_id: int | None
    partial_id: int | None
    amount: str
    name: str | None
    ref: str | None
    kind: str | None
    is_paid: bool


class _Found(dict):
    """{currency id: Statement}, made when asked for."""

    def __init__(self, env):
        self._currencies = env["res.currency"].sudo()

    def __missing__(self, currency_id):
        currency = self._currencies.browse(currency_id)
        self[currency_id] = Statement(currency.name, currency.decimal_places)
        return self[currency_id]

    def sorted(self):
        return sorted(self.values(), key=lambda statement: statement.currency)


def _of_whom(cr, params):
    """``params`` with the customer's partners and the accounts of receivables."""
    partners = _fetch(cr, sql.PARTNERS, [params["partner"]])
    receivables = _fetch(cr, sql.RECEIVABLES, None)
    return {
        **params,
        "partners": [key for (key,) in partners],
        "receivables": [key for (key,) in receivables],
    }


def _parts(line, parts, unit):
    """What a payment brought, and what it wrote off."""
    lines = [line]
    for kind, part, whole in parts:
        amount = rounded(part * line.amount / whole, unit)
        if amount:
            lines.append(replace(line, kind=kind, amount=amount))
    line.amount -= sum((each.amount for each in lines[1:]), ZERO)
    return [each for each in lines if each.amount]


def _forgiven(cr, rows):
    """{(entry, currency): [(kind, amount written off, whole receivable)]}"""
    paid = [row.move_id for row in rows if row.is_paid]
    found = {}
    for row in _rows(cr, sql.FORGIVEN, [paid]) if paid else ():
        key = row["move_id"], row["currency_id"]
        part = row["kind"], row["amount"], Decimal(row["whole"])
        found.setdefault(key, []).append(part)
    return found


def _line(row, amount, counterparts):
    """A document or an entry; its kind in the words of wallet entries."""
    kind = DOCUMENTS.get(row.kind, row.kind)
    if kind == "by_hand":
        kind = kind_of_entry(counterparts.get(row.move_id, ()))
    elif amount > 0 and kind in ("payment", "topup"):
        kind = "refund"
    return Line(row.date, kind, row.name or "", row.ref or "", amount)


def _beside_usage(row, unit):
    """Why an invoice moves a wallet that paid its usage day by day."""
    if not row["charged"] or row["kind"] not in ("invoice", "credit_note"):
        return ""
    smallest = Decimal(1).scaleb(-unit)
    return "rounded" if abs(row["amount"]) < smallest else "beside_usage"


def _grouped(cr, query, ids):
    return dict(_fetch(cr, query, [ids])) if ids else {}


def _fetch(cr, query, params):
    cr.execute(query, params)
    return cr.fetchall()


def _rows(cr, query, params):
    """Rows as dicts, amounts exact: they come as texts."""
    cr.execute(query, params)
    rows = cr.dictfetchall()
    for row in rows:
        row["amount"] = Decimal(row["amount"]) if row["amount"] else ZERO
    return rows
