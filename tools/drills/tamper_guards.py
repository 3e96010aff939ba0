"""Kinds of tampering with books, rates, the audit trail and what guards them."""

from tamper_kinds import changes

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
    UPDATE voip_audit_head h
       SET hash = (SELECT hash FROM link ORDER BY seq DESC LIMIT 1)
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
    *changes("invoice", "account_move", "WHERE id = {invoice}", *_MOVE),
    *changes("invoice line", "account_move_line", "WHERE id = {line}", *_ITEM),
    *changes(
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
    *changes(
        "payment's entry", "account_move_line",
        "WHERE move_id = {payment_move} AND balance < 0",
        "balance = balance - 1", "amount_residual = amount_residual - 1",
        "voip_account_id = {account}",
    ),
    *changes(
        "payment", "account_payment", "WHERE move_id = {payment_move}",
        "amount = amount + 1", "partner_id = {other_partner}",
        "voip_account_id = {account}",
    ),
    *changes(
        "credit", "voip_credit", "WHERE id = {credit}",
        "total = total + 1", "note_id = NULL", "move_id = {note}",
        "state = 'refused'", "reason = 'another'", "asked_by_id = asked_by_id + 4",
        "decided_by_id = 1", "percentage = 99", "scope = 'all'",
    ),
    ("credit: deleted", "DELETE FROM voip_credit WHERE id = {credit}"),
    *changes(
        "credit note", "account_move", "WHERE id = {note}", "reversed_entry_id = NULL"
    ),
)
RATES = (
    *changes(
        "used rate", "voip_rate", "WHERE id = {rate}",
        "price_per_minute = price_per_minute + 1", "connect_fee = 0.5",
        "prefix = '999'", "initial_increment = 60", "min_charge = 1",
        "first_price = 0.5", "attempt_fee = 0.5",
        "effective_from = '2099-01-01'",
        "effective_to = '1990-01-01'", "deck_id = deck_id + 1", "payback = true",
    ),
    ("used rate: deleted", "DELETE FROM voip_rate WHERE id = {rate}"),
)
AUDIT = (
    *changes(
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
    (
        "witness: changed",
        "UPDATE voip_witness SET mark = mark + 1 WHERE kind = 'usage'",
    ),
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
KINDS = BOOKS + RATES + AUDIT + GUARDS
