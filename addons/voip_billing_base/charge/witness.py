"""Witnesses: digests of records that never change, taken soon after they were written.

Of tables that grow by rows a count and a sum of 64 bits of each row are kept for each
bucket, a month or a block of numbers, up to a number; of documents and the like a
digest of each. Whatever changes, goes or comes below that number later shows in them.
"""

from dataclasses import dataclass
from hashlib import sha256

from . import seal
from .columns import STORED

TABLES = """
CREATE TABLE IF NOT EXISTS voip_witness (
    kind text NOT NULL,
    bucket integer NOT NULL,
    version text NOT NULL,
    upto bigint NOT NULL,
    rows bigint NOT NULL,
    mark numeric NOT NULL,
    PRIMARY KEY (kind, bucket)
);
CREATE TABLE IF NOT EXISTS voip_witness_record (
    kind text NOT NULL,
    record_id integer NOT NULL,
    version text NOT NULL,
    day date NOT NULL,
    mark numeric NOT NULL,
    PRIMARY KEY (kind, record_id)
);
CREATE TABLE IF NOT EXISTS voip_witness_mark (
    kind text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    upto bigint NOT NULL
)
"""
# A number that is taken, or a block of them, is written soon or never: once nobody is
# at work any more who was when the mark was made, all up to it is there.
MARK_SQL = """
DELETE FROM voip_witness_mark WHERE at < now() - interval '30 days';
INSERT INTO voip_witness_mark (kind, upto)
SELECT %(kind)s, last_value - 1 + (SELECT seqincrement FROM pg_sequence
                                    WHERE seqrelid = '{sequence}'::regclass)
  FROM {sequence} WHERE is_called
"""
REACHED_SQL = """
SELECT COALESCE(max(upto), 0) FROM voip_witness_mark
 WHERE kind = %s AND at < (
       SELECT min(xact_start) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend')
"""


def digest(alias, columns):
    """SQL of 64 bits of a row.

    :param columns: names of columns, or SQL that says its table
    """
    named = ", ".join(c if "." in c else f"{alias}.{c}" for c in columns)
    return f"hash_record_extended(ROW({named}), 0)"


def version_of(*texts):
    """A short name of what is hashed: another one begins anew."""
    return sha256("|".join(texts).encode()).hexdigest()[:12]


def names(text):
    return [name.strip() for name in text.split(",")]


@dataclass(frozen=True)
class Span:
    """A table ``r`` that grows by rows.

    :param bucket: SQL of the integer by which rows are counted
    :param first: SQL of the first bucket that the daily check looks at
    :param seek: SQL that finds the rows of that bucket and all after it
    """

    kind: str
    table: str
    columns: tuple
    sequence: str
    bucket: str
    first: str
    seek: str

    @property
    def version(self):
        return version_of(self.bucket, *self.columns)

    @property
    def mark(self):
        return digest("r", self.columns)

    def mark_sql(self):
        return MARK_SQL.format(sequence=self.sequence)

    def start_sql(self):
        """SQL of the number before the first row."""
        return f"SELECT COALESCE(min(id), 1) - 1 FROM {self.table}"

    def next_sql(self):
        """SQL of the number before the first row after ``%(from)s``, if any is there
        up to ``%(to)s``."""
        return f"""
SELECT min(id) - 1 FROM {self.table} WHERE id > %(from)s AND id <= %(to)s"""

    def take_sql(self):
        """SQL that adds the rows after ``%(from)s`` up to ``%(to)s``."""
        return f"""
INSERT INTO voip_witness AS w (kind, bucket, version, upto, rows, mark)
SELECT '{self.kind}', {self.bucket}, '{self.version}', %(to)s, count(*),
       sum({self.mark})
  FROM {self.table} r WHERE r.id > %(from)s AND r.id <= %(to)s GROUP BY 2
ON CONFLICT (kind, bucket) DO UPDATE
   SET upto = EXCLUDED.upto, rows = w.rows + EXCLUDED.rows,
       mark = w.mark + EXCLUDED.mark
"""

    def check_sql(self, since, full):
        """SQL that counts the buckets that are not as they were witnessed.

        :param since: first day that is not sealed everywhere
        """
        seek = "true" if full else self.seek.format(since=since)
        first = "bucket" if full else self.first.format(since=since)
        return f"""
WITH kept AS MATERIALIZED (
    SELECT * FROM voip_witness
     WHERE kind = '{self.kind}' AND version = '{self.version}'
)
SELECT count(*) FROM (
    SELECT {self.bucket} AS bucket, count(*) AS rows,
           sum({self.mark}) AS mark
      FROM {self.table} r
     WHERE {seek} AND r.id <= (SELECT COALESCE(max(upto), 0) FROM kept)
     GROUP BY 1) n
  FULL JOIN (SELECT * FROM kept WHERE bucket >= {first}) w USING (bucket)
 WHERE n.rows IS DISTINCT FROM w.rows OR n.mark IS DISTINCT FROM w.mark
"""


def by_month(kind, table, day, columns, sequence):
    """A :class:`Span` whose buckets are months of ``day``, which the seals cover."""
    month = "date_trunc('month', {})::date - '2000-01-01'::date"
    since = "'{since}'::date"
    return Span(
        kind=kind,
        table=table,
        columns=tuple(columns),
        sequence=sequence,
        bucket=month.format(f"r.{day}"),
        first=f"({month.format(since)})",
        seek=f"r.{day} >= {since}",
    )


# Entries follow no months: what seals cover lies below a number.
BLOCK = 16
_OPEN_BLOCK = f"""
    (SELECT COALESCE(min(last), 0)::int FROM (
         SELECT COALESCE(max(k.entry_id), 0) >> {BLOCK} AS last
           FROM res_company c LEFT JOIN voip_wallet_sealed k ON k.company_id = c.id
          WHERE EXISTS (SELECT FROM voip_wallet w WHERE w.company_id = c.id)
          GROUP BY c.id) x)
"""
SPANS = (
    by_month(
        "usage", "voip_usage_row", "started_at", STORED, "voip_usage_row_block_seq"
    ),
    # What a summary is of never changes; what it comes to follows from its usage.
    by_month(
        "summaries",
        "voip_usage_summary",
        "local_day",
        names(
            "id, company_id, account_id, payer_id, service_id, local_day, unit_price,"
            " currency_id, late, deck_currency_id, destination_id, label, facets"
        ),
        "voip_usage_summary_id_seq",
    ),
    Span(
        kind="entries",
        table="voip_wallet_entry",
        columns=tuple(
            names(
                "id, wallet_id, account_id, company_id, currency_id, kind,"
                " ledger_delta, unbilled_delta, tax_delta, amount, balance_before,"
                " balance_after, move_id, batch_id, origin, at, user_id"
            )
        ),
        sequence="voip_wallet_entry_id_seq",
        bucket=f"(r.id >> {BLOCK})::int",
        first=_OPEN_BLOCK,
        seek=f"r.id >= ({_OPEN_BLOCK})::bigint << {BLOCK}",
    ),
)


@dataclass(frozen=True)
class Records:
    """Records ``r`` that do not change once they are what ``where`` says.

    :param day: SQL of the day that decides whether the daily check looks
    :param more: SQL of what else is added to the digest, of other tables
    """

    kind: str
    table: str
    columns: tuple
    where: str
    day: str
    more: str = "0"

    @property
    def version(self):
        return version_of(self.more, *self.columns)

    @property
    def mark(self):
        return f"{digest('r', self.columns)} + COALESCE({self.more}, 0)"

    def take_sql(self):
        """SQL that witnesses what is not yet."""
        return f"""
INSERT INTO voip_witness_record AS w (kind, record_id, version, day, mark)
SELECT '{self.kind}', r.id, '{self.version}', {self.day}, {self.mark}
  FROM {self.table} r
 WHERE {self.where} AND NOT EXISTS (
       SELECT FROM voip_witness_record k
        WHERE k.kind = '{self.kind}' AND k.record_id = r.id
          AND k.version = '{self.version}')
ON CONFLICT (kind, record_id) DO UPDATE
   SET version = EXCLUDED.version, day = EXCLUDED.day, mark = EXCLUDED.mark
"""

    def check_sql(self, since, full):
        """SQL that counts the records that are not as they were witnessed."""
        day = "" if full else f" AND w.day >= '{since}'::date"
        return f"""
SELECT count(*) FROM voip_witness_record w
  LEFT JOIN {self.table} r ON r.id = w.record_id
 WHERE w.kind = '{self.kind}' AND w.version = '{self.version}'{day}
   AND (r.id IS NULL OR w.mark <> {self.mark})
"""


# A merge of partners or of accounts changes who and where, rightly.
MOVE = names(
    "name, sequence_prefix, sequence_number, move_type, company_id, journal_id,"
    " currency_id, date, invoice_date, amount_untaxed, amount_tax,"
    " amount_total, amount_untaxed_signed, amount_tax_signed, amount_total_signed,"
    " voip_account_id, voip_payer_id, voip_period_start, voip_period_end,"
    " voip_run_id, voip_span_start, voip_span_end, voip_supplement, reversed_entry_id"
)
ITEM = names(
    "id, display_type, product_id, price_unit, quantity, discount, price_subtotal,"
    " price_total, debit, credit, balance, amount_currency, currency_id,"
    " tax_line_id, voip_service_id, voip_calls, voip_seconds, voip_rate, voip_amount,"
    " voip_late, voip_tax_off, voip_credited_line_id"
)
LABEL = "CASE l.display_type WHEN 'product' THEN l.name END"
ITEMS = digest("l", [*ITEM, LABEL])
BILLED = digest("s", names(seal.SUMMARY_COLUMNS))
RECORDS = (
    Records(
        kind="documents",
        table="account_move",
        columns=tuple(MOVE),
        where="r.state = 'posted' AND (r.voip_period_end IS NOT NULL"
        " OR r.voip_span_end IS NOT NULL)",
        day="r.date",
        more=f"""
            (SELECT sum({ITEMS}) FROM account_move_line l WHERE l.move_id = r.id)
            + COALESCE((SELECT sum({BILLED}) FROM voip_usage_summary s
                         WHERE s.move_id = r.id), 0)""",
    ),
    Records(
        kind="credits",
        table="voip_credit",
        columns=tuple(
            names(
                "move_id, company_id, asked_by_id, decided_by_id, note_id, again_id,"
                " scope, reason, outcome, settlement, state, date, usage_ids,"
                " percentage, amount, total"
            )
        ),
        where="r.state <> 'waiting'",
        day="r.date",
    ),
)
