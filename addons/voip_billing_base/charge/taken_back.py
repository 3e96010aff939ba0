"""Charges of one kind are taken back: the usage that they are, and they themselves."""

from dataclasses import dataclass

from .bounds import SUMS
from .columns import RENEWED, SIGNED, STORED
from .regroup import KEY_SQL, charge_of, wide
from .writer import UsageWriter

SUMS_FROM = 12  # columns of KEY_SQL
BACK = "voip_charge_back"
NEW = ("summary_id", "usage_id")  # of the reversal itself


@dataclass(frozen=True)
class Charges:
    """Where the charges of one kind are, and what their reversals say.

    :param str view: what they are read from
    :param str rows: the table that they are written to
    :param str owner: column of the id of what was charged
    :param tuple columns: all that are written of a charge
    :param tuple counted: those of units, which a reversal has with the other sign
    """

    view: str
    rows: str
    owner: str
    columns: tuple
    counted: tuple

    def choose(self, cr, ids):
        """Keep in :data:`BACK` the charges of ``ids`` that were not taken back yet.

        :return: rows of :data:`~.regroup.KEY_SQL` and sums, one for each summary
        """
        cr.execute(
            BACK_SQL.format(view=self.view, owner=self.owner), {"ids": list(ids)}
        )
        cr.execute(GROUPS_SQL)
        return cr.fetchall()

    def reverse(self, env, company, groups, origin):
        """Write the reversals of what :meth:`choose` found."""
        columns = list(zip(*groups, strict=True))
        sums = {name: -wide(columns[at]) for at, name in enumerate(SUMS, SUMS_FROM)}
        writer = UsageWriter(env, company, None, origin)
        targets = writer.assign(charge_of(groups, **sums)).tolist()
        env.cr.execute(self._reverse_sql(), [list(columns[0]), targets])
        writer.finish()

    def _reverse_sql(self):
        signed = {*self.counted, "amount", "cost"}
        names = [name for name in self.columns if name not in NEW]
        values = [f"-b.{name}" if name in signed else f"b.{name}" for name in names]
        return REVERSE_SQL.format(
            rows=self.rows, names=", ".join(names), values=", ".join(values)
        )


BACK_SQL = f"""
DROP TABLE IF EXISTS pg_temp.{BACK};
CREATE TEMP TABLE {BACK} ON COMMIT DROP AS
SELECT c.*, nextval('voip_usage_row_block_seq') AS new_usage
  FROM {{view}} c
 WHERE c.{{owner}} = ANY(%(ids)s::bigint[]) AND c.reversal_of IS NULL
   AND NOT EXISTS (SELECT FROM {{view}} r WHERE r.reversal_of = c.id);
ANALYZE {BACK}
"""
ROW_OF = (
    "u.id = b.usage_id AND u.account_id = b.account_id AND u.started_at = b.started_at"
)
GROUPS_SQL = f"""
SELECT {KEY_SQL},
       g.attempts, g.attempts, g.units, g.seconds, g.amount, g.amount_company, g.cost
  FROM (SELECT b.summary_id, count(*) AS attempts,
               sum(COALESCE(u.units, 1))::text AS units,
               COALESCE(sum(u.billed_seconds), 0)::text AS seconds,
               (sum(b.amount) * 100000000)::numeric(40)::text AS amount,
               (sum(COALESCE(u.amount_company, u.amount))
                * 100000000)::numeric(40)::text AS amount_company,
               (sum(b.cost) * 100000000)::numeric(40)::text AS cost
          FROM {BACK} b JOIN voip_usage_row u ON {ROW_OF}
         GROUP BY 1) g
  JOIN voip_usage_summary s ON s.id = g.summary_id
 ORDER BY s.id
"""
COPIED = tuple(name for name in STORED if name not in (*RENEWED, *SIGNED))
REVERSE_SQL = f"""
WITH moved AS (SELECT * FROM unnest(%s::int[], %s::int[]) AS m (source, target)
), usage AS (
    INSERT INTO voip_usage_row (id, summary_id, reversal_of,
           {", ".join((*SIGNED, *COPIED))})
    SELECT b.new_usage, m.target, u.id,
           {", ".join([f"-u.{n}" for n in SIGNED] + [f"u.{n}" for n in COPIED])}
      FROM {BACK} b JOIN voip_usage_row u ON {ROW_OF}
      JOIN moved m ON m.source = u.summary_id)
INSERT INTO {{rows}} ({{names}}, summary_id, usage_id, reversal_of)
SELECT {{values}}, m.target, b.new_usage, b.id
  FROM {BACK} b JOIN moved m ON m.source = b.summary_id
"""
