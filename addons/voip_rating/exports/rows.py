"""SQL of what is valid at a moment, each line against what was valid at another."""

from decimal import Decimal

from ..sheets.stage import OF_RATE

# Of the line itself, or of the one that is closed.
_OF_LINE = "CASE WHEN n.id IS NULL THEN t.{0} ELSE n.{0} END"
# In the order of the sheet: key of a row, SQL, whether it is an exact decimal.
COLUMNS = (
    ("prefix", "COALESCE(n.prefix, t.prefix)", False),
    ("origin_prefix", "NULLIF(COALESCE(n.origin, t.origin), '')", False),
    ("destination", f"COALESCE({_OF_LINE.format('label')}, d.name)", False),
    ("price_per_minute", "n.price_per_minute::text", True),
    ("price_intra", "NULLIF(n.price_intra, -1)::text", True),
    ("price_local", "NULLIF(n.price_local, -1)::text", True),
    ("price_indeterminate", "NULLIF(n.price_indeterminate, -1)::text", True),
    ("first_price", "NULLIF(n.first_price, -1)::text", True),
    ("connect_fee", "n.connect_fee::text", True),
    ("min_charge", "n.min_charge::text", True),
    ("max_charge", "NULLIF(n.max_charge, 0)::text", True),
    ("attempt_fee", "n.attempt_fee::text", True),
    ("initial_increment", "n.initial_increment", False),
    ("next_increment", "n.next_increment", False),
    ("grace_seconds", "n.grace_seconds", False),
    ("blocked", "COALESCE(n.blocked, FALSE)", False),
    ("payback", "COALESCE(n.payback, FALSE)", False),
    ("service", "s.code", False),
    ("effective_from", "COALESCE(n.effective_from, t.over)", False),
    ("effective_to", "n.effective_to", False),
    ("status", "{status}", False),
    ("old_price", "t.price_per_minute::text", True),
)
KEYS = tuple(name for name, _sql, _exact in COLUMNS) + ("change",)
_STATUS = """CASE
    WHEN %(since)s::timestamp IS NULL THEN NULL
    WHEN n.id IS NULL THEN 'closed'
    WHEN t.id IS NULL THEN 'new'
    WHEN n.cost > t.cost THEN 'increased'
    WHEN n.cost < t.cost THEN 'decreased'
    WHEN n.other <> t.other THEN 'changed'
    ELSE 'unchanged' END"""
# Of two versions that are valid at once the one that began last counts.
_VALID = """
SELECT DISTINCT ON (prefix, origin) * FROM own
 WHERE effective_from <= {moment} AND (effective_to IS NULL OR effective_to > {moment})
 ORDER BY prefix, origin, effective_from DESC"""
SELECT = f"""
WITH own AS (
    SELECT r.*, COALESCE(r.origin_prefix, '') AS origin, {OF_RATE}
      FROM voip_rate r WHERE r.deck_id = %(deck)s),
n AS ({_VALID.format(moment="%(at)s")}),
news AS (
    SELECT * FROM n
    UNION ALL
    SELECT * FROM own WHERE %(future)s AND effective_from > %(at)s),
told AS ({_VALID.format(moment="%(since)s")}),
ended AS (
    SELECT prefix, origin, max(effective_to) AS over FROM own
     WHERE %(since)s::timestamp IS NOT NULL AND effective_to <= %(at)s
     GROUP BY prefix, origin),
t AS (SELECT told.*, over FROM told LEFT JOIN ended USING (prefix, origin))
SELECT {", ".join(sql for _name, sql, _exact in COLUMNS).format(status=_STATUS)}
  FROM news n
  FULL JOIN t ON t.prefix = n.prefix AND t.origin = n.origin
  LEFT JOIN voip_destination d ON d.id = {_OF_LINE.format("destination_id")}
  LEFT JOIN voip_service s ON s.id = n.service_id
 ORDER BY 1, COALESCE(n.origin, t.origin), n.effective_from
"""
_EXACT = tuple(place for place, column in enumerate(COLUMNS) if column[2])
_CENT = Decimal("0.01")


def row(values):
    """A row of :data:`SELECT` as a dict of :data:`KEYS`.

    Prices are ``Decimal`` or None, moments naive UTC, ``change`` is percent.
    """
    values = list(values)
    for place in _EXACT:
        if values[place] is not None:
            values[place] = Decimal(values[place])
    found = dict(zip(KEYS, values, strict=False))
    price, old = found["price_per_minute"], found["old_price"]
    found["change"] = None
    if old and price is not None:
        found["change"] = ((price - old) / old * 100).quantize(_CENT)
    return found
