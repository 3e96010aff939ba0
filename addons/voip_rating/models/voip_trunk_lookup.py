"""How call records find their trunk among any number of them: by indexes."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.sql import table_exists

from odoo.addons.voip_billing_base.charge.planner import no_nested_loops

TABLE = "voip_trunk_network"
# What tells trunks of one address apart.
APART = ("ip_addresses", "tech_prefix", "side", "switch_id", "active", "company_id")


class VoipTrunk(models.Model):
    """Names without regard to case, and networks as PostgreSQL compares them.

    ``voip_trunk_network`` has a row for each network of ``ip_addresses``; it is written
    with the field and asked for the networks around an address.
    """

    _inherit = "voip.trunk"

    code_key = fields.Char(compute="_compute_keys", store=True)
    auth_key = fields.Char(compute="_compute_keys", store=True)

    _code_key = models.Index("(company_id, code_key)")
    _auth_key = models.Index("(company_id, auth_key) WHERE auth_key IS NOT NULL")

    def init(self):
        cr = self.env.cr
        if table_exists(cr, TABLE):
            return
        cr.execute(NETWORK_TABLE)
        cr.execute(
            "SELECT id, ip_addresses FROM voip_trunk WHERE ip_addresses IS NOT NULL"
        )
        self._insert_networks(
            (trunk_id, network)
            for trunk_id, addresses in cr.fetchall()
            for network in self._networks_of(addresses)
        )

    # === COMPUTE METHODS === #

    @api.depends("code", "auth_user")
    def _compute_keys(self):
        # Not lower() of the database: that goes by its locale.
        for trunk in self:
            trunk.code_key = trunk.code and trunk.code.lower()
            trunk.auth_key = trunk.auth_user and trunk.auth_user.lower()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        trunks = super().create(vals_list)
        trunks._keep_networks()
        trunks._check_apart()
        trunks._tell_warnings()
        return trunks

    def write(self, vals):
        if vals.keys() & {"code_key", "auth_key"}:
            raise UserError(self.env._("What records find a trunk by is not edited."))
        result = super().write(vals)
        if "ip_addresses" in vals:
            self._keep_networks()
        if vals.keys() & set(APART):
            self._check_apart()
        if vals.keys() & {"country_code", "national_prefix", "area_code"}:
            self._tell_warnings()
        return result

    # === BUSINESS METHODS === #

    def _keep_networks(self):
        """Write the networks of these trunks anew."""
        self.env.cr.execute(
            f"DELETE FROM {TABLE} WHERE trunk_id = ANY(%s)", [self.ids]
        )
        self._insert_networks(
            (trunk.id, network) for trunk in self for network in trunk._networks()
        )

    @api.model
    def _insert_networks(self, pairs):
        pairs = list({(trunk_id, text_of(network)) for trunk_id, network in pairs})
        if pairs:
            ids, networks = map(list, zip(*pairs, strict=True))
            self.env.cr.execute(
                f"INSERT INTO {TABLE} (trunk_id, network)"
                " SELECT * FROM unnest(%s::int[], %s::inet[])",
                [ids, networks],
            )

    def _check_apart(self):
        """Refuse two customer trunks that a call from one address could belong to."""
        self.flush_model(APART)
        # Taken to be empty by what PostgreSQL last counted, trunks would be read anew
        # for each pair of networks.
        with no_nested_loops(self.env.cr):
            self.env.cr.execute(SHARED_SQL, [self.ids])
            shared = self.env.cr.fetchall()
        for one, other, address in shared:
            raise ValidationError(
                self.env._(
                    "%(one)s and %(other)s share the address %(address)s and have the "
                    "same technical prefix.",
                    one=self.browse(one).display_name,
                    other=self.browse(other).display_name,
                    address=address,
                )
            )

    @api.model
    def _around(self, company, switch, addresses):
        """Active trunks of a company whose networks hold these addresses.

        :param switch: trunks of other switches are left out
        :param addresses: texts as ``str`` of an ipaddress address gives them
        :return: {address: [(side, trunk id, length of the network)]}
        """
        self.flush_model(["company_id", "active", "switch_id", "side"])
        self.env.cr.execute(
            AROUND_SQL,
            {
                "addresses": list(addresses),
                "company": company.id,
                "switch": switch.id or None,
            },
        )
        around = defaultdict(list)
        for address, *found in self.env.cr.fetchall():
            around[address].append(tuple(found))
        return around


def text_of(network):
    """A network as PostgreSQL reads it, without the scope of an IPv6 address."""
    address = network.network_address
    return f"{type(address)(int(address))}/{network.prefixlen}"


NETWORK_TABLE = f"""
CREATE TABLE {TABLE} (
    trunk_id integer NOT NULL REFERENCES voip_trunk (id) ON DELETE CASCADE,
    network inet NOT NULL
);
CREATE INDEX {TABLE}_trunk_idx ON {TABLE} (trunk_id);
CREATE INDEX {TABLE}_network_idx ON {TABLE} (network);
CREATE INDEX {TABLE}_length_idx ON {TABLE} (family(network), masklen(network))
"""
# Few lengths are in use, 33 and 129 at most: an address is asked for with each of them,
# which is quicker than a search for what holds it. The lengths are skipped through in
# their index. OFFSET 0 keeps both a look-up, whatever the planner thinks of the number
# of rows.
SIZES = f"""
WITH RECURSIVE size AS (
    (SELECT family(network) AS family, masklen(network) AS length
       FROM {TABLE} ORDER BY 1, 2 LIMIT 1)
    UNION ALL
    SELECT larger.* FROM size CROSS JOIN LATERAL (
           SELECT family(network), masklen(network) FROM {TABLE}
            WHERE (family(network), masklen(network)) > (size.family, size.length)
            ORDER BY 1, 2 LIMIT 1) larger
)
"""
AROUND_SQL = f"""{SIZES}
SELECT a.address, t.side, t.id, size.length
  FROM unnest(%(addresses)s::text[]) AS a(address)
  JOIN size ON size.family = family(a.address::inet)
 CROSS JOIN LATERAL (
       SELECT trunk_id FROM {TABLE}
        WHERE network = network(set_masklen(a.address::inet, size.length))::inet
       OFFSET 0) n
  JOIN voip_trunk t ON t.id = n.trunk_id
 WHERE t.company_id = %(company)s AND t.active
   AND (t.switch_id IS NULL OR t.switch_id = %(switch)s)
"""
# Networks nest: the other one is around this one, or it lies within, which is a stretch
# of the index.
SHARED_SQL = f"""{SIZES}, own AS (
    SELECT t.id, n.network FROM {TABLE} n JOIN voip_trunk t ON t.id = n.trunk_id
     WHERE t.id = ANY(%s) AND t.active AND t.side = 'customer'
), pair AS (
    SELECT own.id, other.trunk_id, own.network
      FROM own JOIN size ON size.family = family(own.network)
                        AND size.length < masklen(own.network)
     CROSS JOIN LATERAL (
           SELECT trunk_id FROM {TABLE}
            WHERE network = network(set_masklen(own.network, size.length))::inet
           OFFSET 0) other
    UNION ALL
    SELECT own.id, other.trunk_id, other.network
      FROM own CROSS JOIN LATERAL (
           SELECT trunk_id, network FROM {TABLE}
            WHERE network BETWEEN own.network AND set_masklen(
                broadcast(own.network),
                CASE family(own.network) WHEN 4 THEN 32 ELSE 128 END)
           OFFSET 0) other
)
SELECT t.id, o.id, abbrev(pair.network)
  FROM pair JOIN voip_trunk t USING (id) JOIN voip_trunk o ON o.id = pair.trunk_id
 WHERE o.id <> t.id AND o.active AND o.side = 'customer'
   AND o.company_id = t.company_id
   AND COALESCE(o.tech_prefix, '') = COALESCE(t.tech_prefix, '')
   AND (o.switch_id IS NULL OR t.switch_id IS NULL OR o.switch_id = t.switch_id)
 ORDER BY pair.network, t.id, o.id LIMIT 1
"""
