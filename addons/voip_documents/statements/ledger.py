"""Statements read from the database, without asking who may."""

from dataclasses import replace
from decimal import Decimal

from odoo.addons.voip_billing_base.books.label import DOCUMENTS, kind_of_entry

from ..engine.exact import rounded
from . import sql
from .statement import AGES, ZERO, Line, Statement


def documents(env, params, unbilled):
    """Statements of items, one for each currency.

    :param params: ``company``, ``partner`` or ``account``, ``from``, ``to``
    :param unbilled: {currency id: amount}; None where it is not told
    """
    rows = _rows(env.cr, sql.LINES, params)
    counterparts = _grouped(env.cr, sql.COUNTERPARTS, _by_hand(rows))
    forgiven = _forgiven(env.cr, rows)
    met = {
        key: names
        for key, *names in _fetch(
            env.cr, sql.MET, [[row["partial_id"] for row in rows if row["partial_id"]]]
        )
    }
    found = _Found(env)
    for row in rows:
        statement = found[row["currency_id"]]
        if row["date"] is None:
            statement.opening += row["amount"]
        else:
            statement.lines += _lines(row, counterparts, met, forgiven, statement.unit)
    for row in _rows(env.cr, sql.AGEING, params):
        found[row["currency_id"]].ageing[AGES[row["age"]]] = row["amount"]
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


def _lines(row, counterparts, met, forgiven, unit):
    """A movement; of a payment what it brought, and what it wrote off."""
    line = _line(row, counterparts, met)
    lines = [line]
    for kind, part, whole in forgiven.get((row["move_id"], row["currency_id"]), ()):
        amount = rounded(part * line.amount / whole, unit)
        if amount:
            lines.append(replace(line, kind=kind, amount=amount))
    line.amount -= sum((each.amount for each in lines[1:]), ZERO)
    return [each for each in lines if each.amount]


def _forgiven(cr, rows):
    """{(entry, currency): [(kind, amount written off, whole receivable)]}"""
    paid = [row["move_id"] for row in rows if row["move_id"] and row["paid"]]
    found = {}
    for row in _rows(cr, sql.FORGIVEN, [paid]) if paid else ():
        key = row["move_id"], row["currency_id"]
        part = row["kind"], row["amount"], Decimal(row["whole"])
        found.setdefault(key, []).append(part)
    return found


def _line(row, counterparts, met):
    if row["partial_id"]:
        names = ", ".join(name for name in met[row["partial_id"]] if name)
        return Line(row["date"], "transfer", "", names, row["amount"])
    return Line(
        row["date"],
        _kind(row, counterparts),
        row["name"] or "",
        row["ref"] or "",
        row["amount"],
    )


def _kind(row, counterparts):
    """What moved the balance, in the words of wallet entries."""
    if row["move_type"] in DOCUMENTS:
        return DOCUMENTS[row["move_type"]]
    if row["exchange"]:
        return "exchange"
    if row["paid"] or row["banked"]:
        if row["amount"] > 0:
            return "refund"
        return "topup" if row["topup"] else "payment"
    if row["reversing"]:
        return "reversal"
    return kind_of_entry(counterparts.get(row["move_id"], ()))


def _beside_usage(row, unit):
    """Why an invoice moves a wallet that paid its usage day by day."""
    if not row["charged"] or row["kind"] not in ("invoice", "credit_note"):
        return ""
    smallest = Decimal(1).scaleb(-unit)
    return "rounded" if abs(row["amount"]) < smallest else "beside_usage"


def _by_hand(rows):
    return [
        row["move_id"]
        for row in rows
        if row["move_id"]
        and row["move_type"] not in DOCUMENTS
        and not (row["paid"] or row["banked"])
    ]


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
