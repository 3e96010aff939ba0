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
    "batch": "SELECT batch_id FROM voip_usage_row WHERE id = ({})".format(
        _USAGE.format(_OPEN)
    ),
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


def names(ask):
    """{name: record} of the world.

    :param ask: callable of SQL that returns rows
    """
    found = {name: ask(sql)[0][0] for name, sql in FINDERS.items()}
    lost = [name for name, value in found.items() if value is None]
    if lost:
        raise LookupError(f"the world has no {', '.join(lost)}")
    return found


def _changes(title, table, which, *changes):
    return [
        (f"{title}: {change.split(' = ')[0]}", f"UPDATE {table} SET {change} {which}")
        for change in changes
    ]


def _copy(table, which, **changes):
    changed = ", ".join(f"'{name}', {value}" for name, value in changes.items())
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(r,"
        f" jsonb_build_object({changed}))).* FROM {table} r {which}"
    )


_RECOMPUTE = """
WITH RECURSIVE link AS (
    SELECT a.id, a.seq, a.company_id, a.prev_hash, h.hash
      FROM voip_audit a, LATERAL (SELECT encode(sha256(convert_to(a.prev_hash ||
           concat_ws('|', a.seq, a.company_id, to_char(a.at, 'YYYY-MM-DD HH24:MI:SS'),
           a.user_id, a.event, COALESCE(a.res_model, ''), COALESCE(a.res_id, 0),
           CASE a.seq WHEN {audit} THEN replace(a.data, '{{', '{{ ') ELSE a.data END),
           'UTF8')), 'hex') AS hash) h
     WHERE a.company_id = {audited} AND a.seq = {audit}
    UNION ALL
    SELECT a.id, a.seq, a.company_id, l.hash, h.hash
      FROM link l
      JOIN voip_audit a ON a.company_id = l.company_id AND a.seq = l.seq + 1,
           LATERAL (SELECT encode(sha256(convert_to(l.hash ||
           concat_ws('|', a.seq, a.company_id, to_char(a.at, 'YYYY-MM-DD HH24:MI:SS'),
           a.user_id, a.event, COALESCE(a.res_model, ''), COALESCE(a.res_id, 0),
           a.data), 'UTF8')), 'hex') AS hash) h
), head AS (
    UPDATE voip_audit_head h SET hash = (SELECT hash FROM link ORDER BY seq DESC LIMIT 1)
     WHERE h.company_id = {audited}
)
UPDATE voip_audit a SET prev_hash = l.prev_hash, hash = l.hash,
       data = CASE a.seq WHEN {audit} THEN replace(data, '{{', '{{ ') ELSE data END
  FROM link l WHERE l.id = a.id
"""
_CUT = """
WITH gone AS (DELETE FROM voip_audit WHERE company_id = {audited} AND seq > {audit})
UPDATE voip_audit_head h SET seq = a.seq, hash = a.hash
  FROM voip_audit a
 WHERE a.company_id = {audited} AND a.seq = {audit} AND h.company_id = a.company_id
"""
_LIMITS = """
WITH changed AS (UPDATE voip_wallet SET limit_amount = 9000 WHERE id = {wallet}
                 RETURNING account_id)
UPDATE voip_account SET credit_limit = 9000
 WHERE id IN (SELECT account_id FROM changed)
"""
CALLS = (
    *_changes(
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
    *_changes(
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
        _copy("voip_cdr_row", "WHERE id = {call}", id=1, call_id="'new'"),
    ),
    ("call key: deleted", "DELETE FROM voip_cdr_key WHERE cdr_id = {call}"),
    (
        "sealed call key: deleted",
        "DELETE FROM voip_cdr_key WHERE cdr_id = {sealed_call}",
    ),
    *_changes(
        "call key", "voip_cdr_key", "WHERE cdr_id = {call}", "key = key + 1",
        "switch_id = switch_id + 1",
    ),
    *_changes(
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
    *_changes("usage", "voip_usage_row", "WHERE id = {usage}", *_USAGE_CHANGES),
    *_changes(
        "billed usage", "voip_usage_row", "WHERE id = {billed_usage}",
        "amount = amount + 1", "label = 'another'",
    ),
    *_changes(
        "sealed usage", "voip_usage_row", "WHERE id = {sealed_usage}",
        "amount = amount + 1", "label = 'another'", "unit_price = 0.5",
    ),
    ("usage: deleted", "DELETE FROM voip_usage_row WHERE id = {usage}"),
    (
        "sealed usage: deleted",
        "DELETE FROM voip_usage_row WHERE id = {sealed_usage}",
    ),
    ("usage: added", _copy("voip_usage_row", "WHERE id = {usage}", id=1)),
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
    *_changes(
        "wallet", "voip_wallet", "WHERE id = {wallet}",
        "limit_amount = limit_amount + 100", "ledger_balance = ledger_balance + 10",
        "unbilled = unbilled - 1", "unbilled_tax = unbilled_tax - 1",
        "reserved = 0", "currency_id = currency_id + 1",
    ),
    ("wallet and account: limit", _LIMITS),
    *_changes(
        "wallet entry", "voip_wallet_entry", "WHERE id = {entry}",
        "user_id = user_id + 4", "at = at - interval '1 day'", "kind = 'adjustment'",
        "origin = 'another'", "move_id = {note}", "currency_id = currency_id + 1",
    ),
    *_changes(
        "wallet entry in the middle", "voip_wallet_entry", "WHERE id = {middle_entry}",
        "amount = amount + 1, ledger_delta = ledger_delta + 1,"
        " balance_after = balance_after + 1",
    ),
    *_changes(
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
    *_changes(
        "reservation", "voip_wallet_reservation", "WHERE reference = 'tamper'",
        "amount = 1",
    ),
    *_changes(
        "sealed sums of a wallet", "voip_wallet_sealed", "", "ledger = ledger + 1"
    ),
)
ACCOUNTS = (
    *_changes(
        "account", "voip_account", "WHERE id = {account}",
        "credit_limit = 9000", "mode = 'hybrid'", "payer_id = {other_account}",
        "partner_id = {other_partner}", "currency_id = currency_id + 1",
        "overdraft_amount = 700", "parent_id = {other_account}", "state = 'closed'",
        "is_main = NOT is_main", "company_id = 1",
    ),
    *_changes(
        "account", "voip_account", "WHERE id = {child}",
        "pay_by_parent = false",
        "payer_id = id",
    ),
)
_MOVE = (
    "partner_id = {other_partner}, commercial_partner_id = {other_partner}",
    "name = name || '9'",
    "amount_total = amount_total + 1",
    "amount_untaxed = amount_untaxed + 1",
    "amount_tax = amount_tax + 1",
    "amount_residual = amount_residual + 1",
    "amount_total_signed = amount_total_signed + 1",
    "payment_state = 'paid'",
    "voip_account_id = {child}",
    "voip_payer_id = {account} + {other_account} - voip_payer_id",
    "voip_period_start = voip_period_start - 1",
    "voip_period_end = voip_period_end + 1",
    "voip_run_id = NULL",
    "invoice_date = invoice_date - 1",
    "date = date - 40",
    "state = 'draft'",
    "move_type = 'entry'",
    "currency_id = currency_id + 1",
)
_ITEM = (
    "price_unit = price_unit + 1",
    "quantity = 2",
    "price_subtotal = price_subtotal + 1",
    "price_total = price_total + 1",
    "balance = balance - 1, credit = credit + 1",
    "amount_currency = amount_currency - 1",
    "voip_amount = voip_amount + 1",
    "voip_calls = voip_calls + 1",
    "voip_seconds = voip_seconds + 60",
    "voip_rate = voip_rate + 1",
    "voip_service_id = NULL",
    "voip_late = NOT COALESCE(voip_late, false)",
    "name = 'another'",
    "partner_id = {other_partner}",
)
BOOKS = (
    *_changes("invoice", "account_move", "WHERE id = {invoice}", *_MOVE),
    *_changes("invoice line", "account_move_line", "WHERE id = {line}", *_ITEM),
    *_changes(
        "receivable line", "account_move_line", "WHERE id = {term}",
        "amount_residual = amount_residual - 1", "balance = balance + 1",
        "amount_residual_currency = amount_residual_currency - 1",
        "account_id = account_id + 1",
        "voip_account_id = {account} + {other_account} - voip_account_id",
        "voip_ledger_amount = voip_ledger_amount + 1", "reconciled = true",
        "partner_id = {other_partner}",
    ),
    ("invoice line: deleted", "DELETE FROM account_move_line WHERE id = {line}"),
    (
        "invoice: deleted",
        "WITH l AS (DELETE FROM account_move_line WHERE move_id = {invoice})"
        " DELETE FROM account_move WHERE id = {invoice}",
    ),
    *_changes(
        "payment's entry", "account_move_line",
        "WHERE move_id = {payment_move} AND balance < 0",
        "balance = balance - 1", "amount_residual = amount_residual - 1",
        "voip_account_id = {account}",
    ),
    *_changes(
        "payment", "account_payment", "WHERE move_id = {payment_move}",
        "amount = amount + 1", "partner_id = {other_partner}",
        "voip_account_id = {account}",
    ),
    *_changes(
        "credit", "voip_credit", "WHERE id = {credit}",
        "total = total + 1", "note_id = NULL", "move_id = {note}",
        "state = 'refused'", "reason = 'another'", "asked_by_id = asked_by_id + 4",
        "decided_by_id = 1", "percentage = 99", "scope = 'all'",
    ),
    ("credit: deleted", "DELETE FROM voip_credit WHERE id = {credit}"),
    *_changes(
        "credit note", "account_move", "WHERE id = {note}", "reversed_entry_id = NULL"
    ),
)
RATES = (
    *_changes(
        "used rate", "voip_rate", "WHERE id = {rate}",
        "price_per_minute = price_per_minute + 1", "connect_fee = 0.5",
        "prefix = '999'", "initial_increment = 60", "min_charge = 1",
        "effective_from = '2099-01-01'",
        "effective_to = '1990-01-01'", "deck_id = deck_id + 1", "payback = true",
    ),
    ("used rate: deleted", "DELETE FROM voip_rate WHERE id = {rate}"),
)
AUDIT = (
    *_changes(
        "audit", "voip_audit", "WHERE company_id = {audited} AND seq = {audit}",
        "data = replace(data, '{{', '{{ ')", "user_id = user_id + 1",
        "at = at - interval '1 day'", "event = 'another'",
    ),
    (
        "audit: middle deleted",
        "DELETE FROM voip_audit WHERE company_id = {audited} AND seq = {audit}",
    ),
    (
        "audit: tail deleted",
        "DELETE FROM voip_audit WHERE company_id = {audited} AND seq > {audit}",
    ),
    ("audit: tail cut off, head too", _CUT),
    ("audit: changed, the chain recomputed", _RECOMPUTE),
    (
        "audit: a company's chain deleted",
        "WITH head AS (DELETE FROM voip_audit_head WHERE company_id = {audited})"
        " DELETE FROM voip_audit WHERE company_id = {audited}",
    ),
    (
        "seal: changed",
        "UPDATE voip_audit SET data = replace(data, '\"rows\": ', '\"rows\": 1')"
        " WHERE event = 'month_sealed'",
    ),
    ("seal: deleted", "DELETE FROM voip_audit WHERE event = 'month_sealed'"),
    (
        "sealed summary: unsealed",
        "UPDATE voip_usage_summary SET seal_id = NULL WHERE id = {sealed_summary}",
    ),
    ("witness: changed", "UPDATE voip_witness SET mark = mark + 1 WHERE kind = 'usage'"),
    ("witness: deleted", "DELETE FROM voip_witness WHERE kind = 'usage'"),
    ("witnessed documents: deleted", "DELETE FROM voip_witness_record"),
)


def _off(table, name, what="DISABLE TRIGGER"):
    return (f"trigger {name} of {table}: off", f"ALTER TABLE {table} {what} {name}")


def _gone(table, name):
    return (f"trigger {name} of {table}: gone", f"DROP TRIGGER {name} ON {table}")


def _other_body(name, arguments, result, body):
    return (
        f"function {name}: another body",
        f"CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS {result}"
        f" LANGUAGE plpgsql AS $body$BEGIN {body} END$body$",
    )


GUARDS = (
    *(_off(table, "voip_no_change") for table in (
        "voip_usage_row", "voip_cdr_row", "voip_wallet_entry", "voip_audit",
        "{month}", "{call_month}",
    )),
    *(_off(table, "voip_no_truncate") for table in (
        "voip_usage_row", "voip_cdr_row", "voip_audit", "{month}",
    )),
    _off("voip_usage_row", "voip_no_change", "ENABLE REPLICA TRIGGER"),
    _gone("voip_usage_row", "voip_no_change"),
    _gone("voip_wallet_entry", "voip_no_truncate"),
    _gone("{month}", "voip_no_truncate"),
    _off("account_move_line", "voip_line_changed"),
    _gone("account_move_line", "voip_line_gone"),
    _off("voip_rate", "voip_rate_touch_update"),
    _gone("voip_rate", "voip_rate_touch_delete"),
    (
        "trigger voip_no_change of voip_usage_row: for some rows only",
        "CREATE OR REPLACE TRIGGER voip_no_change BEFORE UPDATE OR DELETE ON"
        " voip_audit FOR EACH ROW WHEN (old.id < 0)"
        " EXECUTE FUNCTION voip_refuse_change()",
    ),
    _other_body("voip_refuse_change", "", "trigger", "RETURN NEW;"),
    _other_body("voip_line_moved", "", "trigger", "RETURN NEW;"),
    _other_body("voip_rate_deck_touch", "", "trigger", "RETURN NULL;"),
    _other_body(
        "voip_line_open", "line account_move_line", "numeric", "RETURN 0;"
    ),
    _other_body(
        "voip_ensure_partition",
        "parent text, month date, unique_columns text[] DEFAULT NULL",
        "boolean",
        "RETURN false;",
    ),
    *(
        (f"constraint {name}: gone", f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for table, name in (
            ("voip_wallet", "voip_wallet_bounds"),
            ("voip_wallet_entry", "voip_wallet_entry_sums"),
            ("voip_audit", "voip_audit_seq_uniq"),
            ("voip_account", "voip_account_limits"),
            ("voip_rate", "voip_rate_price_bounds"),
            ("voip_usage_row", "voip_usage_row_amount_check"),
            ("voip_cdr_row", "voip_cdr_row_duration_ms_check"),
            ("voip_wallet_pending", "voip_wallet_pending_ledger_check"),
            ("voip_wallet_reservation", "voip_wallet_reservation_amount_check"),
            ("voip_wallet_entry", "voip_wallet_entry_wallet_id_fkey"),
        )
    ),
    (
        "constraint voip_wallet_bounds: another",
        "ALTER TABLE voip_wallet DROP CONSTRAINT voip_wallet_bounds,"
        " ADD CONSTRAINT voip_wallet_bounds CHECK (reserved >= 0)",
    ),
    (
        "constraint voip_wallet_bounds: not valid",
        "ALTER TABLE voip_wallet DROP CONSTRAINT voip_wallet_bounds;"
        "DO $body$ BEGIN EXECUTE replace((SELECT 'ALTER TABLE voip_wallet ADD"
        " CONSTRAINT voip_wallet_bounds CHECK (reserved BETWEEN 0 AND"
        " 1000000000000000) NOT VALID'), '', ''); END $body$",
    ),
    (
        "column amount of usage: may be null",
        "ALTER TABLE voip_usage_row ALTER amount DROP NOT NULL",
    ),
    *(
        (f"index {name}: gone", f"DROP INDEX {name}")
        for name in (
            "voip_usage_summary_key_idx",
            "voip_usage_row_account_idx",
            "voip_cdr_row_id_idx",
            "account_move_voip_period_uniq",
            "voip_rate_version_uniq",
            "voip_wallet_pending_account_idx",
        )
    ),
    (
        "index voip_usage_summary_key_idx: not unique",
        "DROP INDEX voip_usage_summary_key_idx; CREATE INDEX"
        " voip_usage_summary_key_idx ON voip_usage_summary (account_id)",
    ),
    (
        "index voip_rate_version_uniq: not valid",
        "UPDATE pg_index SET indisvalid = false"
        " WHERE indexrelid = 'voip_rate_version_uniq'::regclass",
    ),
)
KINDS = CALLS + USAGE + WALLETS + ACCOUNTS + BOOKS + RATES + AUDIT + GUARDS
