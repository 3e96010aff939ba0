import csv
import hashlib
import io

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, file_open

from odoo.addons.voip_billing_base.counts import counts_by

WORLD_FILE = "voip_rating/data/destinations.csv"
WORLD_PARAMETER = "voip_rating.world_destinations"

KINDS = [
    ("fixed", "Fixed"),
    ("mobile", "Mobile"),
    ("toll_free", "Toll-free"),
    ("premium", "Premium rate"),
    ("shared", "Shared cost"),
    ("voip", "VoIP"),
    ("satellite", "Satellite"),
    ("personal", "Personal number"),
    ("pager", "Pager"),
    ("uan", "Universal access"),
    ("special", "Special"),
]

_STAGE = """
CREATE TEMP TABLE voip_world (
    code text, name text, country text, kind text, prefix text
) ON COMMIT DROP
"""
_REFRESH = (
    """
    INSERT INTO voip_destination
        (code, name, kind, country_id, is_world, active,
         create_uid, create_date, write_uid, write_date)
    SELECT w.code, min(w.name), min(w.kind), min(c.id), TRUE, TRUE,
           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
      FROM voip_world w LEFT JOIN res_country c ON c.code = w.country
     GROUP BY w.code
        ON CONFLICT (COALESCE(company_id, 0), code) DO UPDATE
       SET name = excluded.name, kind = excluded.kind, active = TRUE,
           country_id = excluded.country_id, is_world = TRUE,
           write_date = excluded.write_date
    """,
    """
    UPDATE voip_destination d SET active = FALSE
     WHERE d.is_world AND d.active
       AND NOT EXISTS (SELECT FROM voip_world w WHERE w.code = d.code)
    """,
    """
    DELETE FROM voip_destination_prefix p USING voip_destination d
     WHERE d.id = p.destination_id AND d.is_world
       AND NOT EXISTS (
           SELECT FROM voip_world w WHERE w.code = d.code AND w.prefix = p.prefix)
    """,
    """
    INSERT INTO voip_destination_prefix
        (destination_id, prefix, create_uid, create_date, write_uid, write_date)
    SELECT d.id, w.prefix,
           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
      FROM voip_world w
      JOIN voip_destination d ON d.code = w.code AND d.is_world
        ON CONFLICT (COALESCE(company_id, 0), prefix) DO NOTHING
    """,
    "DROP TABLE voip_world",
)


class VoipDestination(models.Model):
    """A zone that calls go to: a country, a network, a kind of number.

    Zones without company are shared. The shipped world list is refreshed by upgrades;
    a company's own zones come first: only where none of them fits, the shared ones
    answer.
    """

    _name = "voip.destination"
    _inherit = ["voip.guard"]
    _description = "VoIP Destination"
    _order = "name, id"
    _rec_names_search = ["name", "code"]
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, index="trigram")
    code = fields.Char(
        required=True,
        copy=False,
        help="Short stable name for files and interfaces, such as GB-MOBILE.",
    )
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, required=True, default="fixed", index=True)
    country_id = fields.Many2one(
        "res.country",
        index="btree_not_null",
        help="Empty for global services and satellite networks.",
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        default=lambda self: self.env.company,
        help="Empty: shared by all companies, only a super administrator changes it. "
        "A company's own zones come before the shared ones.",
    )
    is_world = fields.Boolean(
        string="World list",
        readonly=True,
        copy=False,
        help="Shipped with the product and refreshed by upgrades.",
    )
    prefix_ids = fields.One2many("voip.destination.prefix", "destination_id")
    prefix_count = fields.Integer(compute="_compute_prefix_count")

    _code_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)", "The code of a destination must be unique."
    )
    _code_form = models.Constraint(
        "CHECK (code ~ '^[A-Za-z0-9._-]{1,64}$')",
        "A destination code has 1 to 64 letters, digits, dots, dashes or underscores.",
    )
    _name_index = models.Index("(lower(name))")

    # === COMPUTE METHODS === #

    @api.depends("prefix_ids")
    def _compute_prefix_count(self):
        prefixes = self.env["voip.destination.prefix"]
        counts = counts_by(prefixes, "destination_id", self)
        for destination in self:
            destination.prefix_count = counts.get(destination, 0)

    # === ACTION METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        charged = (
            self.env["voip.usage.summary"].sudo()._first_of("destination_id", self)
        )
        if charged:
            raise UserError(
                self.env._(
                    "Destination %s has charged usage: archive it instead.",
                    charged.destination_id.display_name,
                )
            )

    def action_view_prefixes(self):
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Prefixes"),
            "res_model": "voip.destination.prefix",
            "view_mode": "list",
            "domain": [("destination_id", "=", self.id)],
            "context": {"default_destination_id": self.id},
        }

    # === BUSINESS METHODS === #

    @api.model
    def _prefix_query(self, source, company):
        """Return SQL giving the zone of each prefix: columns prefix, destination_id.

        The greatest number is that of a zone of the company, then of the longest code;
        nothing is sorted for it.

        :param source: SQL of a query with one column ``prefix`` of distinct digits
        :param company: its zones, and its parents', come before the shared ones
        """
        return SQL(
            """
            SELECT s.prefix,
                   (max(((p.company_id IS NOT NULL)::int * 16 + n)::bigint << 32
                        | p.destination_id) & 2147483647)::int AS destination_id
              FROM (%(source)s) s
              JOIN generate_series(1, 15) n ON n <= length(s.prefix)
              JOIN voip_destination_prefix p ON p.prefix = left(s.prefix, n)
               AND (p.company_id IS NULL OR p.company_id = ANY(%(companies)s))
              JOIN voip_destination d ON d.id = p.destination_id AND d.active
             GROUP BY s.prefix
            """,
            source=source,
            companies=company.sudo().parent_ids.ids,
        )

    @api.model
    def _find_by_prefix(self, prefixes, company):
        """Return {prefix: destination id} of the zones that E.164 prefixes lie in."""
        self.env["voip.destination"].flush_model()
        self.env["voip.destination.prefix"].flush_model()
        source = SQL("SELECT DISTINCT unnest(%s::text[]) AS prefix", list(prefixes))
        return dict(self.env.execute_query(self._prefix_query(source, company)))

    @api.model
    def _load_world(self):
        """Load the shipped list of the world; does nothing when it is loaded already.

        Zones that left the list are archived: rates may still point to them.

        :return: number of prefixes in the list, 0 when nothing was done
        """
        with file_open(WORLD_FILE, "rb") as file:
            content = file.read()
        digest = hashlib.sha256(content).hexdigest()
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param(WORLD_PARAMETER) == digest:
            return 0
        count = self._refresh_world(content.decode())
        parameters.set_param(WORLD_PARAMETER, digest)
        return count

    @api.model
    def _refresh_world(self, text):
        """Make the world list equal to ``text``, a CSV with the columns code, name,
        country (ISO code or empty), kind and prefixes (separated by spaces)."""
        kinds = {kind for kind, _label in KINDS}
        buffer, count = io.StringIO(), 0
        for row in csv.DictReader(io.StringIO(text)):
            if row["kind"] not in kinds:
                raise ValueError(f"unknown kind {row['kind']!r} of {row['code']}")
            head = "\t".join(row[key] for key in ("code", "name", "country", "kind"))
            for prefix in row["prefixes"].split():
                buffer.write(f"{head}\t{prefix}\n")
                count += 1
        buffer.seek(0)
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(_STAGE)
        cr._obj.copy_expert("COPY voip_world FROM STDIN", buffer)
        for statement in _REFRESH:
            cr.execute(statement, {"uid": self.env.uid})
        self.env.invalidate_all()
        return count
