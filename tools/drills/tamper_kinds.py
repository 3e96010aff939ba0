"""Kinds of tampering: what, and the statement that does it.

Names in braces are records of the world that ``tamper`` builds, see ``FINDERS``.
"""

_USAGE = """
SELECT u.id FROM voip_usage_row u JOIN voip_usage_summary s ON s.id = u.summary_id
 WHERE u.amount > 0 AND u.reversal_of IS NULL AND {} ORDER BY u.id LIMIT 1
"""
_CALL = "SELECT source_id FROM voip_usage_row WHERE id = ({})"
_SUMMARY = """
SELECT s.id FROM voip_usage_summary s WHERE amount > 0 AND {} ORDER BY s.id LIMIT 1
"""
_INVOICE = """
SELECT m.id FROM account_move m
 WHERE m.voip_period_end IS NOT NULL AND m.state = 'posted'
   AND m.move_type = 'out_invoice' AND {} ORDER BY m.id LIMIT 1
"""
_OPEN, _SEALED = "s.move_id IS NULL", "s.seal_id > 0"
_BILLED = "s.move_id IS NOT NULL AND COALESCE(s.seal_id, 0) = 0"
_NEW_INVOICE = _INVOICE.format(
    "EXISTS (SELECT FROM voip_usage_summary s WHERE s.move_id = m.id AND"
    " COALESCE(s.seal_id, 0) = 0)"
)
_LINE = (
    "SELECT min(id) FROM account_move_line WHERE display_type = {} AND move_id = ({})"
)
FINDERS = {
    "usage": _USAGE.format(_OPEN),
    "billed_usage": _USAGE.format(_BILLED),
    "sealed_usage": _USAGE.format(_SEALED),
    "call": _CALL.format(_USAGE.format(_OPEN)),
    "sealed_call": _CALL.format(_USAGE.format(_SEALED)),
    "summary": _SUMMARY.format(_OPEN),
    "billed_summary": _SUMMARY.format(_BILLED),
    "sealed_summary": _SUMMARY.format(_SEALED),
    "invoice": _NEW_INVOICE,
    "other_partner": "SELECT max(id) FROM res_partner",
    "line": _LINE.format("'product'", _NEW_INVOICE),
    "term": _LINE.format("'payment_term'", _NEW_INVOICE),
    "account": "SELECT min(account_id) FROM voip_usage_row",
    "other_account": "SELECT max(account_id) FROM voip_usage_row",
    "child": "SELECT max(id) FROM voip_account WHERE payer_id <> id",
    "wallet": "SELECT min(wallet_id) FROM voip_wallet_entry",
    "entry": "SELECT max(id) FROM voip_wallet_entry",
    "middle_entry": """
        SELECT id FROM voip_wallet_entry WHERE amount <> 0 ORDER BY id DESC
        OFFSET 2 LIMIT 1""",
    "sealed_entry": "SELECT min(id) FROM voip_wallet_entry",
    "payment_move": """
        SELECT max(move_id) FROM account_payment WHERE voip_account_id IS NOT NULL""",
    "rate": "SELECT min(rate_id) FROM voip_usage_row",
    "credit": "SELECT max(id) FROM voip_credit",
    "note": "SELECT max(note_id) FROM voip_credit",
    "batch": _CALL.replace("source_id", "batch_id").format(_USAGE.format(_OPEN)),
    "error": "SELECT max(id) FROM voip_cdr_error",
    "audit": "SELECT max(seq) - 3 FROM voip_audit_head",
    "audited": "SELECT company_id FROM voip_audit_head ORDER BY seq DESC LIMIT 1",
    "month": """
        SELECT max(inhrelid::regclass::text) FROM pg_inherits i
          JOIN pg_class c ON c.oid = i.inhrelid
         WHERE inhparent = 'voip_usage_row'::regclass AND relname ~ '_[0-9]+$'""",
    "call_month": """
        SELECT max(inhrelid::regclass::text) FROM pg_inherits i
          JOIN pg_class c ON c.oid = i.inhrelid
         WHERE inhparent = 'voip_cdr_row'::regclass AND relname ~ '_[0-9]+$'""",
}


def names(ask, finders=FINDERS):
    """{name: record} of the world.

    :param ask: callable of SQL that returns rows
    :param finders: {name: SQL of the record}
    """
    found = {name: ask(sql)[0][0] for name, sql in finders.items()}
    lost = [name for name, value in found.items() if value is None]
    if lost:
        raise LookupError(f"the world has no {', '.join(lost)}")
    return found


def changes(title, table, which, *changes):
    return [
        (f"{title}: {change.split(' = ')[0]}", f"UPDATE {table} SET {change} {which}")
        for change in changes
    ]


def copy_of(table, which, **changes):
    changed = ", ".join(f"'{name}', {value}" for name, value in changes.items())
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(r,"
        f" jsonb_build_object({changed}))).* FROM {table} r {which}"
    )


_LIMITS = """
WITH changed AS (UPDATE voip_wallet SET limit_amount = 9000 WHERE id = {wallet}
                 RETURNING account_id)
UPDATE voip_account SET credit_limit = 9000
 WHERE id IN (SELECT account_id FROM changed)
"""
CALLS = (
    *changes(
        "call record",
        "voip_cdr_row",
        "WHERE id = {call}",
        "called = '4930999999'",
        "caller = '4930999999'",
        "duration_ms = duration_ms + 60000",
        "answered = NOT answered",
        "start = start + interval '1 minute'",
        "answer = start + interval '1 hour'",
        "\"end\" = start + interval '2 hours'",
        "trunk = 'another'",
        "supplier_trunk = 'another'",
        "sip_code = 503",
        "call_id = 'another'",
        "account = 'another'",
        "company_id = company_id + 1",
    ),
    *changes(
        "sealed call record",
        "voip_cdr_row",
        "WHERE id = {sealed_call}",
        "called = '4930999999'",
        "duration_ms = duration_ms + 60000",
    ),
    ("call record: deleted", "DELETE FROM voip_cdr_row WHERE id = {call}"),
    (
        "sealed call record: deleted",
        "DELETE FROM voip_cdr_row WHERE id = {sealed_call}",
    ),
    (
        "call record: added",
        copy_of("voip_cdr_row", "WHERE id = {call}", id=1, call_id="'new'"),
    ),
    ("call key: deleted", "DELETE FROM voip_cdr_key WHERE cdr_id = {call}"),
    (
        "sealed call key: deleted",
        "DELETE FROM voip_cdr_key WHERE cdr_id = {sealed_call}",
    ),
    *changes(
        "call key", "voip_cdr_key", "WHERE cdr_id = {call}", "key = key + 1",
        "switch_id = switch_id + 1",
    ),
    *changes(
        "batch", "voip_cdr_batch", "WHERE id = {batch}", "received = received + 1",
        "accepted = accepted - 1", "state = 'undone'", "switch_id = switch_id + 1",
    ),
    ("refused record: deleted", "DELETE FROM voip_cdr_error WHERE id = {error}"),
)
_USAGE_CHANGES = (
    "amount = amount + 1",
    "cost = cost + 1",
    "cost_amount = 7",
    "prefix = '4420'",
    "rate_id = 0",
    "called_number = 4930999999",
    "caller = 'another'",
    "label = 'another'",
    "unit_price = 0.5",
    "connect_fee = 0.5",
    "account_id = {account} + {other_account} - account_id",
    "started_at = started_at + interval '1 minute'",
    "billed_seconds = billed_seconds + 60",
    "duration_ms = duration_ms + 1000",
    "trunk_id = 0",
    "supplier_id = 0",
    "exchange_rate = 2",
    "source_ref = 'another'",
)
USAGE = (
    *changes("usage", "voip_usage_row", "WHERE id = {usage}", *_USAGE_CHANGES),
    *changes(
        "billed usage", "voip_usage_row", "WHERE id = {billed_usage}",
        "amount = amount + 1", "label = 'another'",
    ),
    *changes(
        "sealed usage", "voip_usage_row", "WHERE id = {sealed_usage}",
        "amount = amount + 1", "label = 'another'", "unit_price = 0.5",
    ),
    ("usage: deleted", "DELETE FROM voip_usage_row WHERE id = {usage}"),
    (
        "sealed usage: deleted",
        "DELETE FROM voip_usage_row WHERE id = {sealed_usage}",
    ),
    ("usage: added", copy_of("voip_usage_row", "WHERE id = {usage}", id=1)),
    *(
        (f"{title}: {change.split(' = ')[0]}",
         f"UPDATE voip_usage_summary SET {change} WHERE id = {{{name}}}")
        for title, name in (
            ("summary", "summary"),
            ("billed summary", "billed_summary"),
            ("sealed summary", "sealed_summary"),
        )
        for change in (
            "amount = amount + 1",
            "amount_company = amount_company + 1",
            "cost = cost + 1",
            "tax = tax + 1",
            "label = 'another'",
            "unit_price = unit_price + 1",
            "destination_id = NULL",
            "local_day = local_day + 1",
            "facets = '{{\"direction\": \"another\"}}'",
            "payer_id = {account} + {other_account} - payer_id",
            "service_id = service_id + 1",
            "deck_currency_id = COALESCE(deck_currency_id, 0) + 1",
            "late = NOT late",
        )
    ),
    ("summary: deleted", "DELETE FROM voip_usage_summary WHERE id = {summary}"),
    (
        "sealed summary: deleted",
        "DELETE FROM voip_usage_summary WHERE id = {sealed_summary}",
    ),
)
WALLETS = (
    *changes(
        "wallet", "voip_wallet", "WHERE id = {wallet}",
        "limit_amount = limit_amount + 100", "ledger_balance = ledger_balance + 10",
        "unbilled = unbilled - 1", "unbilled_tax = unbilled_tax - 1",
        "reserved = 0", "currency_id = currency_id + 1",
    ),
    ("wallet and account: limit", _LIMITS),
    *changes(
        "wallet entry", "voip_wallet_entry", "WHERE id = {entry}",
        "user_id = user_id + 4", "at = at - interval '1 day'", "kind = 'adjustment'",
        "origin = 'another'", "move_id = {note}", "currency_id = currency_id + 1",
    ),
    *changes(
        "wallet entry in the middle", "voip_wallet_entry", "WHERE id = {middle_entry}",
        "amount = amount + 1, ledger_delta = ledger_delta + 1,"
        " balance_after = balance_after + 1",
    ),
    *changes(
        "sealed wallet entry", "voip_wallet_entry", "WHERE id = {sealed_entry}",
        "user_id = 4", "at = at - interval '1 day'", "origin = 'another'",
    ),
    (
        "wallet entry: last deleted",
        "DELETE FROM voip_wallet_entry WHERE id = {entry}",
    ),
    (
        "wallet entry: middle deleted",
        "DELETE FROM voip_wallet_entry WHERE id = {middle_entry}",
    ),
    (
        "pending movement: added",
        "INSERT INTO voip_wallet_pending (account_id, kind, ledger, unbilled, tax, uid)"
        " VALUES ({account}, 'payment', 5, 0, 0, 1)",
    ),
    (
        "reservation: deleted",
        "DELETE FROM voip_wallet_reservation WHERE reference = 'tamper'",
    ),
    *changes(
        "reservation", "voip_wallet_reservation", "WHERE reference = 'tamper'",
        "amount = 1",
    ),
    *changes(
        "sealed sums of a wallet", "voip_wallet_sealed", "", "ledger = ledger + 1"
    ),
)
ACCOUNTS = (
    *changes(
        "account", "voip_account", "WHERE id = {account}",
        "credit_limit = 9000", "mode = 'hybrid'", "payer_id = {other_account}",
        "partner_id = {other_partner}", "currency_id = currency_id + 1",
        "overdraft_amount = 700", "parent_id = {other_account}", "state = 'closed'",
        "is_main = NOT is_main", "company_id = 1",
    ),
    *changes(
        "account", "voip_account", "WHERE id = {child}",
        "pay_by_parent = false",
        "payer_id = id",
    ),
)
KINDS = CALLS + USAGE + WALLETS + ACCOUNTS
