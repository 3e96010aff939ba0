"""All rows of a sheet in one temporary table, and the rows that contradict others.

Every statement works on all rows at once.
"""

from ..engine.money import PRICE_LIMIT

# column of the stage: column of voip_rate
TERMS = {
    "price": "price_per_minute",
    "price_intra": "price_intra",
    "price_local": "price_local",
    "price_indeterminate": "price_indeterminate",
    "first_price": "first_price",
    "connect_fee": "connect_fee",
    "min_charge": "min_charge",
    "max_charge": "max_charge",
    "attempt_fee": "attempt_fee",
    "initial": "initial_increment",
    "next": "next_increment",
    "grace": "grace_seconds",
    "blocked": "blocked",
    "payback": "payback",
    "service_id": "service_id",
}
# What a version of a rate is, but for its dates.
RATE_COLUMNS = (
    "deck_id",
    "company_id",
    "prefix",
    "origin_prefix",
    "label",
    "destination_id",
    *TERMS.values(),
)
STAGE_COLUMNS = ("idx", "prefix", "origin", "label", *TERMS, "starts", "ends")


def of_stage(name):
    """SQL of a term of :data:`TERMS` of the stage's row ``s``."""
    return f"s.{name}"


def of_rate(name):
    """SQL of a term of :data:`TERMS` of the version ``r``."""
    return f"r.{TERMS[name]}"


def cost(column):
    """SQL of what makes a version dear, in order of weight.

    :param column: function from a name of :data:`TERMS` to its SQL
    """
    parts = [column("price")]
    # A first price that is the price per minute is none.
    parts.append(f"COALESCE(NULLIF({column('first_price')}, -1), {column('price')})")
    parts += [column(name) for name in ("attempt_fee", "connect_fee", "min_charge")]
    parts.append(f"COALESCE(NULLIF({column('max_charge')}, 0), {PRICE_LIMIT})")
    parts += [
        column(name)
        for name in (
            "price_intra",
            "price_local",
            "price_indeterminate",
            "initial",
            "next",
        )
    ]
    parts.append(f"-{column('grace')}")
    return f"ARRAY[{', '.join(parts)}]::numeric[]"


def other(column):
    """SQL of what else a version says: blocked, payback, service."""
    parts = [f"COALESCE({column(name)}, FALSE)::int" for name in ("blocked", "payback")]
    parts.append(f"COALESCE({column('service_id')}, 0)")
    return f"ARRAY[{', '.join(parts)}]::int[]"


OF_STAGE = f"{cost(of_stage)} AS cost, {other(of_stage)} AS other"
OF_RATE = f"{cost(of_rate)} AS cost, {other(of_rate)} AS other"

CREATE = """
DROP TABLE IF EXISTS pg_temp.voip_stage, pg_temp.voip_timeline, pg_temp.voip_closed,
    pg_temp.voip_kept, pg_temp.voip_zone, pg_temp.voip_sheet, pg_temp.voip_ending,
    pg_temp.voip_named;
CREATE TEMP TABLE voip_stage (
    idx integer PRIMARY KEY,
    prefix text NOT NULL,
    origin text NOT NULL,
    label text,
    price numeric(24, 8) NOT NULL,
    price_intra numeric(24, 8) NOT NULL,
    price_local numeric(24, 8) NOT NULL,
    price_indeterminate numeric(24, 8) NOT NULL,
    first_price numeric(24, 8) NOT NULL,
    connect_fee numeric(24, 8) NOT NULL,
    min_charge numeric(24, 8) NOT NULL,
    max_charge numeric(24, 8) NOT NULL,
    attempt_fee numeric(24, 8) NOT NULL,
    initial integer NOT NULL,
    next integer NOT NULL,
    grace integer NOT NULL,
    blocked boolean NOT NULL,
    payback boolean NOT NULL,
    service_id integer,
    starts timestamp NOT NULL,
    ends timestamp,
    destination_id integer,
    stated timestamp,
    agreed boolean
) ON COMMIT DROP;
CREATE TEMP TABLE voip_sheet (idx integer PRIMARY KEY, number integer NOT NULL,
    closing boolean NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE voip_kept (prefix text PRIMARY KEY) ON COMMIT DROP;
CREATE TEMP TABLE voip_ending (number integer NOT NULL, prefix text NOT NULL,
    origin text NOT NULL, at timestamp NOT NULL, alone boolean NOT NULL)
    ON COMMIT DROP;
CREATE TEMP TABLE voip_named (prefix text NOT NULL, origin text NOT NULL)
    ON COMMIT DROP;
CREATE TEMP TABLE voip_zone (prefix text NOT NULL, destination_id integer NOT NULL)
    ON COMMIT DROP
"""
AGAIN = "DROP TABLE voip_timeline; TRUNCATE voip_used, voip_layer, voip_return"
BACKWARDS = "SELECT idx FROM voip_stage WHERE ends <= starts"
# The same prefix, origin and start twice: equal rows are duplicates, others conflict.
TWICE = f"""
WITH s AS (SELECT s.*, {OF_STAGE} FROM voip_stage s),
     g AS (SELECT min(idx) AS idx, prefix, origin, starts
             FROM s GROUP BY prefix, origin, starts HAVING count(*) > 1)
SELECT s.idx, s.prefix, o.idx,
       (o.ends, o.cost, o.other) IS NOT DISTINCT FROM (s.ends, s.cost, s.other)
  FROM g JOIN s o ON o.idx = g.idx
  JOIN s ON (s.prefix, s.origin, s.starts) = (g.prefix, g.origin, g.starts)
 WHERE s.idx <> g.idx
"""
ANY_TWICE = """
SELECT EXISTS (SELECT FROM voip_stage
                GROUP BY prefix, origin, starts HAVING count(*) > 1)
"""
# What plans of other statements ask of the stage.
ANALYZE = "ANALYZE voip_stage (idx, prefix, origin, starts, ends)"
DROP_ROWS = "DELETE FROM voip_stage WHERE idx = ANY(%(rows)s)"
DESTINATION_BY_NAME = """
UPDATE voip_stage s SET destination_id = d.id
  FROM (SELECT DISTINCT ON (lower(name)) lower(name) AS name, id
          FROM voip_destination
         WHERE active AND (company_id IS NULL OR company_id = ANY(%(companies)s))
         ORDER BY lower(name), company_id IS NULL, id) d
 WHERE d.name = lower(s.label)
"""
