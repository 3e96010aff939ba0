"""Many fresh numbers at once, in SQL: lists of suppliers have up to 100,000."""

from psycopg2.extras import execute_values

from odoo import api, models

from .country import Codes

PAGE = 2_000
# Who made a record, and when.
NOW = ("create_uid", "create_date", "write_uid", "write_date")


class VoipDid(models.Model):
    _inherit = "voip.did"

    @api.model
    def _insert(self, vals_list):
        """Make free numbers, quietly: neither messages nor states to be found out.

        :param vals_list: checked values, the same fields in each or their defaults;
            the partners and decks that they name are of the company
        :return: the numbers, in the order of their digits
        """
        if not vals_list:
            return self.browse()
        self.check_access("create")
        defaults, codes = self._defaults(), Codes(self.env)
        vals_list = [
            {"country_id": codes.proposed(vals["number"]), **vals} for vals in vals_list
        ]
        given = set().union(*vals_list)
        names = [n for n in self._column_names() if n in given or n in defaults]
        stored = _Columns(self, names)
        rows = [stored.row({**defaults, **vals}) for vals in vals_list]
        self.flush_model()
        columns = ", ".join(f'"{name}"' for name in (*names, *NOW))
        command = f"INSERT INTO voip_did ({columns}) VALUES %s"
        execute_values(self.env.cr._obj, command, rows, page_size=PAGE)
        self.invalidate_model()
        numbers = [vals["number"] for vals in vals_list]
        domain = [("number", "in", numbers), ("company_id", "=", self.env.company.id)]
        return self.with_context(active_test=False).search(domain)

    @api.model
    def _column_names(self):
        columns = (n for n, f in self._fields.items() if f.store and f.column_type)
        return [name for name in columns if name != "id" and name not in NOW]

    @api.model
    def _defaults(self):
        """Defaults as a new number has them; what the program keeps is nobody's to
        preset, whatever context or user's default there is."""
        context = {
            name: value
            for name, value in self.env.context.items()
            if not name.startswith("default_")
        }
        plain = self.with_context(context)
        found = plain.default_get(self._column_names())
        for name in self._voip_internal_names() & found.keys():
            field = self._fields[name]
            if field.default:
                found[name] = field.default(plain)
            else:
                del found[name]
        return found


class _Columns:
    """Values as their columns take them; each distinct one is converted once."""

    def __init__(self, dids, names):
        self._dids, self._names, self._known = dids, names, {}
        now = dids.env.cr.now().replace(microsecond=0)
        self._made = (dids.env.uid, now, dids.env.uid, now)

    def row(self, vals):
        known = self._known
        for name in self._names:
            pair = name, vals.get(name)
            if name != "number" and pair not in known:
                known[pair] = self._converted(*pair)
        return (
            *(
                vals[name] if name == "number" else known[name, vals.get(name)]
                for name in self._names
            ),
            *self._made,
        )

    def _converted(self, name, value):
        field = self._dids._fields[name]
        cached = field.convert_to_cache(value, self._dids)
        record = field.convert_to_record(cached, self._dids)
        write = field.convert_to_write(record, self._dids)
        return field.convert_to_column_insert(write, self._dids)
