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
    facts = _facts(cr, groups)
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


def _facts(cr, groups):
    moves = {move for group in groups for move in group["move_ids"]}
    cr.execute(FACTS_SQL, [list(moves)])
    facts = {row["id"]: row for row in cr.dictfetchall()}
    settled = [g for g in groups if g["cause"] == "settle"]
    lines = {line for group in settled for line in group["line_ids"]}
    met = {}
    if lines:
        cr.execute(MET_SQL, {"lines": list(lines)})
        for line, other, account, name in cr.fetchall():
            met.setdefault(line, []).append((other, account, name))
    return {"moves": facts, "met": met}


def _movements(group, facts):
    if group["cause"] == "settle":
        return [_settled(group, facts)]
    fact = facts["moves"][group["move_ids"][0]]
    movement = _movement(group, _kind(group, fact), fact["name"])
    movement["move_id"] = fact["id"]
    if group["cause"] == "post" and fact["payment_id"] and fact["forgiven"]:
        return [movement, *_forgiven(movement, fact)]
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
    return _kind_of_entry(fact["counterparts"] or [])


def _kind_of_entry(counterparts):
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
    return "adjustment"


def _forgiven(movement, fact):
    """Take out of a payment's ``movement`` what its entry wrote off."""
    whole, parts = movement["ledger"], []
    for kind, share in fact["forgiven"].items():
        amount = (whole * Decimal(str(share))).quantize(Decimal("0.00000001"))
        if amount:
            none = {"unbilled": Decimal(0), "tax": Decimal(0)}
            parts.append({**movement, **none, "kind": kind, "ledger": amount})
            movement["ledger"] -= amount
    return parts


def _settled(group, facts):
    """What a reconciliation, or its undoing, moved: to or from another wallet, or by an
    exchange rate."""
    names, others = [], set()
    for line, move in zip(group["line_ids"], group["move_ids"], strict=True):
        names.append(facts["moves"][move]["name"])
        for _other, account, name in facts["met"].get(line, ()):
            names.append(name)
            others.add(account)
    names = list(dict.fromkeys(name for name in names if name))
    more = "…" if len(names) > NAMES else ""
    same = others and others <= {group["account_id"]} and not group["moved"]
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
       (SELECT json_object_agg(kind, share) FROM (
            SELECT CASE WHEN l.account_id IN (
                            c.account_journal_early_pay_discount_loss_account_id,
                            c.account_journal_early_pay_discount_gain_account_id)
                        THEN 'discount' ELSE 'write_off' END AS kind,
                   (sum(l.balance) / NULLIF((
                        SELECT -sum(r.balance) FROM account_move_line r
                         WHERE r.move_id = m.id
                           AND r.voip_account_id IS NOT NULL), 0))::text AS share
              FROM account_move_line l
              JOIN account_account aa ON aa.id = l.account_id
             WHERE l.move_id = m.id AND p.id IS NOT NULL
               AND l.account_id IS DISTINCT FROM p.outstanding_account_id
               AND l.account_id IS DISTINCT FROM j.default_account_id
               AND aa.account_type NOT IN (
                   'asset_receivable', 'liability_payable', 'asset_cash')
             GROUP BY 1) x WHERE share IS NOT NULL) AS forgiven
  FROM account_move m
  JOIN res_company c ON c.id = m.company_id
  LEFT JOIN account_payment p ON p.id = m.origin_payment_id
  LEFT JOIN account_journal j ON j.id = m.journal_id
 WHERE m.id = ANY(%s)
"""
MET_SQL = """
SELECT x.line_id, o.id, o.voip_account_id, m.name
  FROM (SELECT debit_move_id AS line_id, credit_move_id AS other_id
          FROM account_partial_reconcile WHERE debit_move_id = ANY(%(lines)s)
        UNION
        SELECT credit_move_id, debit_move_id
          FROM account_partial_reconcile WHERE credit_move_id = ANY(%(lines)s)) x
  JOIN account_move_line o ON o.id = x.other_id
  JOIN account_move m ON m.id = o.move_id
 ORDER BY o.id
"""
