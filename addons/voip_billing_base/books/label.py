"""What the books wrote down for wallets becomes movements that say what they are."""

from decimal import Decimal
from operator import itemgetter

AMOUNTS = ("ledger", "unbilled", "tax")
DOCUMENTS = {
    "out_invoice": "invoice",
    "out_receipt": "invoice",
    "out_refund": "credit_note",
}
NAMES = 4


def labelled(cr, rows):
    """Movements of kept rows, in their order.

    Rows that carry a kind are movements. Changes of receivable lines are added up, so
    that what a transaction did and undid in one wallet leaves no trace there:

    - what an entry moved by being posted or reset, one movement a wallet and entry;
      what a payment forgave (write-off, discount) apart
    - what reconciliations and choices moved between wallets, one movement a wallet and
      transaction, named after the entries that met

    :param rows: dicts of ``voip_wallet_pending``, amounts as Decimal
    :return: list of movements for ``voip.wallet``
    """
    raw = [(place, row) for place, row in enumerate(rows) if not row["kind"]]
    if not raw:
        return rows
    groups = _grouped(raw)
    facts = _facts(cr, raw, groups)
    movements = [(place, [row]) for place, row in enumerate(rows) if row["kind"]]
    movements += [(group["place"], _movements(group, facts)) for group in groups]
    movements.sort(key=itemgetter(0))
    return [movement for _place, found in movements for movement in found]


def _grouped(rows):
    """Rows of one cause, wallet, transaction and entry added up; without zeros."""
    posted = {(r["xid"], r["move_id"]) for _p, r in rows if r["cause"] == "post"}
    groups = {}
    for place, row in rows:
        cause = row["cause"]
        if cause == "attribute" and (row["xid"], row["move_id"]) in posted:
            cause = "post"
        # A line that follows what it pays goes with the reconciliation.
        moved = cause == "attribute"
        cause = "settle" if moved else cause
        move_id = None if cause == "settle" else row["move_id"]
        key = (row["account_id"], row["xid"], cause, move_id)
        group = groups.setdefault(
            key,
            {
                **dict.fromkeys(AMOUNTS, Decimal(0)),
                "place": place,
                "cause": cause,
                "xid": row["xid"],
                "account_id": row["account_id"],
                "uid": row["uid"],
                "moved": False,
                "move_ids": [],
                "line_ids": [],
            },
        )
        for name in AMOUNTS:
            group[name] += row[name]
        group["moved"] |= moved
        group["move_ids"].append(row["move_id"])
        group["line_ids"].append(row["line_id"])
    return [g for g in groups.values() if any(g[name] for name in AMOUNTS)]


def _facts(cr, rows, groups):
    """What is told of: ``moves`` and ``currencies`` of accounts by id; ``met``, for a
    line of a reconciliation [(other line, account, mixed currencies, name)]; and
    ``undone``, the entries that were changed in each transaction."""
    moves = {move for group in groups for move in group["move_ids"]}
    accounts = {group["account_id"] for group in groups}
    settled = [g for g in groups if g["cause"] == "settle"]
    lines = {line for group in settled for line in group["line_ids"]}
    cr.execute(FACTS_SQL, [list(moves)])
    facts = {"moves": {row["id"]: row for row in cr.dictfetchall()}}
    cr.execute(CURRENCY_SQL, [list(accounts)])
    facts["currencies"] = dict(cr.fetchall())
    facts["met"], facts["undone"] = {}, {}
    if lines:
        cr.execute(MET_SQL, {"lines": list(lines)})
        for line, *met in cr.fetchall():
            facts["met"].setdefault(line, []).append(met)
    for _place, row in rows:
        if row["cause"] == "settle":
            facts["undone"].setdefault(row["xid"], []).append(row["move_id"])
    return facts


def _movements(group, facts):
    if group["cause"] == "settle":
        return [_settled(group, facts)]
    fact = facts["moves"][group["move_ids"][0]]
    movement = _movement(group, _kind(group, fact), fact["name"])
    movement["move_id"] = fact["id"]
    if group["cause"] == "post" and fact["payment_id"] and fact["forgiven"]:
        currency = facts["currencies"].get(group["account_id"])
        return [movement, *_forgiven(movement, fact, currency)]
    return [movement]


def _movement(group, kind, origin):
    return {
        **{name: group[name] for name in (*AMOUNTS, "account_id", "uid")},
        "kind": kind,
        "origin": origin,
    }


def _kind(group, fact):
    if group["cause"] == "unpost":
        return "reversal"
    if group["cause"] == "opening":
        return "opening"
    if fact["move_type"] in DOCUMENTS:
        return DOCUMENTS[fact["move_type"]]
    if fact["exchange"]:
        return "exchange"
    if fact["payment_id"] or fact["statement_line_id"]:
        if group["ledger"] < 0:
            return "refund"
        return "topup" if fact["topup"] else "payment"
    if fact["reversed_entry_id"]:
        return "reversal"
    return kind_of_entry(fact["counterparts"] or [])


def kind_of_entry(counterparts):
    """What a hand-made entry is, by the types of the accounts on its other side."""
    types = set(counterparts)
    if not types:
        return "transfer"
    if all(name.startswith("expense") for name in types):
        return "write_off"
    if types <= {"asset_cash", "liability_credit_card"}:
        return "payment"
    if types <= {"equity", "equity_unaffected"}:
        return "opening"
    if types <= {"liability_payable"}:
        return "netting"
    return "adjustment"


def _forgiven(movement, fact, currency):
    """Take out of a payment's ``movement`` what its entry wrote off.

    :param currency: id of the wallet's currency
    """
    parts = []
    none = {"unbilled": Decimal(0), "tax": Decimal(0)}
    for kind, amounts in fact["forgiven"].items():
        if amounts["currency"] == currency:
            amount = Decimal(amounts["amount_currency"])
        elif fact["company_currency"] == currency:
            amount = Decimal(amounts["balance"])
        else:
            amount = movement["ledger"] * Decimal(amounts["share"])
        amount = amount.quantize(Decimal("0.00000001"))
        if amount:
            parts.append({**movement, **none, "kind": kind, "ledger": amount})
    for part in parts:
        movement["ledger"] -= part["ledger"]
    return parts


def _settled(group, facts):
    """What a reconciliation, or its undoing, moved: to or from another wallet, or by an
    exchange rate."""
    moves = facts["moves"]
    names, others, mixed = [], set(), False
    for line, move in zip(group["line_ids"], group["move_ids"], strict=True):
        names.append(moves[move]["name"])
        for _line, account, currencies, name in facts["met"].get(line, ()):
            names.append(name)
            others.add(account)
            mixed |= currencies
    if not others:
        # Undone: what it was reconciled with was changed in the same transaction.
        undone = facts["undone"].get(group["xid"], ())
        names += [moves[move]["name"] for move in undone if move in moves]
    names = list(dict.fromkeys(name for name in names if name))
    more = "…" if len(names) > NAMES else ""
    same = mixed and others <= {group["account_id"]} and not group["moved"]
    kind = "exchange" if same else "transfer"
    return _movement(group, kind, ", ".join(names[:NAMES]) + more)


# The parts of a payment's entry that are neither money nor receivable are what it wrote
# off, as shares of the receivable: early payment discounts by their accounts.
FACTS_SQL = """
SELECT m.id, m.name, m.move_type, m.statement_line_id, m.reversed_entry_id,
       p.id AS payment_id, p.voip_topup AS topup,
       m.journal_id = c.currency_exchange_journal_id AS exchange,
       (SELECT array_agg(DISTINCT aa.account_type)
          FROM account_move_line l JOIN account_account aa ON aa.id = l.account_id
         WHERE l.move_id = m.id AND aa.account_type <> 'asset_receivable'
           AND l.balance <> 0) AS counterparts,
       c.currency_id AS company_currency,
       (SELECT json_object_agg(kind, amounts) FROM (
            SELECT CASE WHEN l.account_id IN (
                            c.account_journal_early_pay_discount_loss_account_id,
                            c.account_journal_early_pay_discount_gain_account_id)
                        THEN 'discount' ELSE 'write_off' END AS kind,
                   json_build_object(
                       'currency', min(l.currency_id),
                       'amount_currency', sum(l.amount_currency)::text,
                       'balance', sum(l.balance)::text,
                       'share', COALESCE(sum(l.balance) / NULLIF((
                            SELECT -sum(r.balance) FROM account_move_line r
                             WHERE r.move_id = m.id
                               AND r.voip_account_id IS NOT NULL), 0), 0)::text
                   ) AS amounts
              FROM account_move_line l
              JOIN account_account aa ON aa.id = l.account_id
             WHERE l.move_id = m.id AND p.id IS NOT NULL
               AND l.account_id IS DISTINCT FROM p.outstanding_account_id
               AND l.account_id IS DISTINCT FROM j.default_account_id
               AND aa.account_type NOT IN (
                   'asset_receivable', 'liability_payable', 'asset_cash')
             GROUP BY 1) x) AS forgiven
  FROM account_move m
  JOIN res_company c ON c.id = m.company_id
  LEFT JOIN account_payment p ON p.id = m.origin_payment_id
  LEFT JOIN account_journal j ON j.id = m.journal_id
 WHERE m.id = ANY(%s)
"""
MET_SQL = """
SELECT x.line_id, o.id, o.voip_account_id,
       a.currency_id <> l.currency_id OR a.currency_id <> o.currency_id, m.name
  FROM (SELECT debit_move_id AS line_id, credit_move_id AS other_id
          FROM account_partial_reconcile WHERE debit_move_id = ANY(%(lines)s)
        UNION
        SELECT credit_move_id, debit_move_id
          FROM account_partial_reconcile WHERE credit_move_id = ANY(%(lines)s)) x
  JOIN account_move_line l ON l.id = x.line_id
  JOIN account_move_line o ON o.id = x.other_id
  JOIN account_move m ON m.id = o.move_id
  LEFT JOIN voip_account a ON a.id = l.voip_account_id
 ORDER BY o.id
"""
CURRENCY_SQL = "SELECT id, currency_id FROM voip_account WHERE id = ANY(%s)"

