"""A netting as plain data: for the screen, the partner's link and the template.

Version 1, kind ``netting``. Amounts are exact texts; with ``_text`` they are
formatted in the partner's language. Columns after the settlement of accounts between
administrations: what is in favour of either side, the balance of each currency.
"""

from decimal import Decimal

from odoo.tools import format_date, format_datetime

from ..context.figures import amount_of, layout_of
from ..context.parties import company_data, customer_data
from ..engine import exact
from ..engine.shape import VERSION
from .figures import ZERO
from .lines import lines_of, sums_of
from .words import left, reasons, words

KIND = "netting"


def context_of(netting, lang=None, link=""):
    """The data of a request, to be read by who may read ``netting``.

    :param lang: code; without it the partner's
    :param link: address where the partner answers, "" where there is none
    :return: dict of texts, numbers as text, lists and dicts
    """
    netting.ensure_one().check_access("read")
    code = lang or netting.partner_id.lang or netting.env.lang or "en_US"
    netting = netting.sudo().with_context(lang=code).with_company(netting.company_id)
    company, partner = netting.company_id, netting.partner_id
    layout = layout_of(netting.env, code, company.currency_id)
    result = netting._net()
    labels = words(netting.env, company.name, partner.name or "")
    currencies = [
        _currency(netting, name, result, layout)
        for name in sorted(set(netting.line_ids.mapped("currency_id.name")))
    ]
    return {
        "version": VERSION,
        "kind": KIND,
        "number": netting.name or "",
        "state": netting.state,
        **_days(netting),
        "link": link,
        "company": company_data(company),
        "customer": customer_data(partner),
        "currencies": currencies,
        "lines": lines_of(currencies),
        "sums": sums_of(currencies, labels),
        "across": _across(netting, result, layout),
        "rates": _rates(netting, layout),
        "labels": labels,
        "language": netting.env["voip.document.kind"]._language(code),
        "format": layout,
    }


def _days(netting):
    env, asked, until = netting.env, netting.requested_at, netting.token_until
    return {
        "date": asked.date().isoformat() if asked else "",
        "date_text": format_date(env, asked.date()) if asked else "",
        "answer_by": until.isoformat(sep=" ", timespec="minutes") if until else "",
        "answer_by_text": (
            f"{format_datetime(env, until, tz='UTC', dt_format='short')} UTC"
            if until
            else ""
        ),
    }


def _currency(netting, name, result, layout):
    """Items and totals of one currency."""
    currency = netting._currency(name)
    own = {**layout, "currency": layout_of(netting.env, "en_US", currency)["currency"]}
    lines = netting.line_ids.filtered(lambda line: line.currency_id == currency)
    netted = result.netted()
    taken = [_item(line, netted, own) for line in lines if not line.withheld]
    left_out = [_left_out(line, own) for line in lines if _rest(line)]
    return {
        "currency": own["currency"],
        "items": taken,
        "left_out": left_out,
        **_totals(netting, result.totals.get(name), own),
    }


def _item(line, netted, layout):
    """One item; ``theirs`` and ``ours`` are what is taken, either is empty."""
    move, theirs = line.move_line_id.move_id, line.side == "theirs"
    currency = line.currency_id
    open_, taken = (amount_of(line[n], currency) for n in ("residual", "amount"))
    date, due = line.move_line_id.date, line.due
    bill = move.is_purchase_document(include_receipts=True)
    data = {
        "id": line._origin.id or 0,
        "number": (move.ref if bill and move.ref else move.name) or "",
        "reference": (move.name if bill else move.ref) or "",
        "date": date.isoformat() if date else "",
        "date_text": format_date(line.env, date) if date else "",
        "due": due.isoformat() if due else "",
        "due_text": format_date(line.env, due) if due else "",
        "side": line.side,
        "why": line.withheld or "",
        "open": open_,
        "theirs": taken if theirs else "",
        "ours": "" if theirs else taken,
        "netted": exact.text_of(netted.get(line._origin.id, ZERO)),
    }
    texts = {
        f"{name}_text": exact.money_text(data[name], layout) if data[name] else ""
        for name in ("open", "theirs", "ours", "netted")
    }
    why = reasons(line.env)[line.withheld or ""]
    return {**data, **texts, "why_text": why}


def _rest(line):
    """How much of an item is not part of the netting."""
    whole = line._exact("residual")
    return whole if line.withheld else whole - line._exact("amount")


def _left_out(line, layout):
    """An item, or the part of one, that is not part of the netting."""
    item, rest = _item(line, {}, layout), exact.text_of(_rest(line))
    item |= {"open": rest, "open_text": exact.money_text(rest, layout)}
    if not item["why"]:
        item |= {"why": "part", "why_text": words(line.env, "", "")["part"]}
    return item


def _totals(netting, total, layout):
    """Sums of what is taken; nothing is taken where ``total`` is none."""
    values = {
        "theirs": total.theirs if total else ZERO,
        "ours": total.ours if total else ZERO,
        "theirs_netted": total.theirs_netted if total else ZERO,
        "ours_netted": total.ours_netted if total else ZERO,
        "left": abs(total.left) if total else ZERO,
    }
    places = layout["currency"]["decimals"]
    values = {n: exact.text_of(exact.rounded(v, places)) for n, v in values.items()}
    texts = {f"{n}_text": exact.money_text(v, layout) for n, v in values.items()}
    side = _side(total.left if total else ZERO)
    names = netting.company_id.name, netting.partner_id.name or ""
    sentence = left(netting.env, side, texts["left_text"], *names)
    return {**values, **texts, "left_side": side, "left_sentence": sentence}


def _side(left):
    if not left:
        return "none"
    return "theirs" if left > 0 else "ours"


def _across(netting, result, layout):
    """What was netted between two currencies, in order."""
    found = []
    for match in result.matches:
        if match.theirs.currency == match.ours.currency:
            continue
        data = {}
        for name, part in (("theirs", match.theirs), ("ours", match.ours)):
            currency = netting._currency(part.currency)
            own = layout_of(netting.env, "en_US", currency)["currency"]
            data[name] = exact.text_of(part.total)
            data[f"{name}_currency"] = part.currency
            data[f"{name}_text"] = exact.money_text(part.total, layout, own)
        found.append(data)
    return found


def _rates(netting, layout):
    return [
        {
            "one": rate.currency_id.name,
            "other": rate.other_currency_id.name,
            "rate": exact.text_of(rate._exact()),
            "text": f"1 {rate.currency_id.name} = "
            f"{_as_it_is(rate._exact(), layout)} {rate.other_currency_id.name}",
        }
        for rate in netting.rate_ids.sorted(lambda rate: (rate.sequence, rate.id))
    ]


def _as_it_is(value: Decimal, layout):
    """All decimals that were agreed on, as people of the language write them."""
    _whole, _point, places = exact.text_of(value).partition(".")
    return exact.number_text(value, len(places), layout)
