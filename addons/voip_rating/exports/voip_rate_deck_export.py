"""A deck's rates at a moment: as rows, and as a file for a customer."""

from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..imports.columns import LABELS
from ..sheets.row import OPTIONAL
from . import files, rows

KINDS = ("xlsx", "csv")
_AT_ONCE = 5_000
_PLAN = "SET LOCAL enable_nestloop = off; SET LOCAL cursor_tuple_fraction = 1"
_PLAN_AGAIN = (
    "SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL cursor_tuple_fraction TO DEFAULT"
)
# Which columns say something at all, and how many decimals prices have.
_FURTHER = tuple(
    name
    for name, _sql, _exact in rows.COLUMNS
    if name not in files.FIXED and name not in files.COMPARED
)


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    # === ACTION METHODS === #

    def action_export_rates(self):
        """Choose the moment and the form of the file."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_export_action"
        )
        return action | {"context": {"default_deck_id": self.id}}

    # === BUSINESS METHODS === #

    @api.private
    def export_rows(self, at, since=None, future=False):
        """What is valid at a moment, line by line, in the order of codes.

        :param datetime at: naive UTC
        :param datetime since: naive UTC; each line is compared with what was valid
            then, and codes that have no rate any more are lines with status closed
        :param bool future: versions that begin later, too
        :return: iterator of dicts with the keys of ``exports.rows.KEYS``: prices are
            ``Decimal`` (None: none), moments naive UTC, ``status`` is new, increased,
            decreased, changed, unchanged or closed (None without ``since``),
            ``old_price`` the price then, ``change`` percent. It reads by a cursor of
            its own within the transaction.
        """
        self.ensure_one()
        self.check_access("read")
        self.env["voip.rate"].check_access("read")
        self.env.flush_all()
        return self._exported(at, since, future)

    def _exported(self, at, since, future):
        params = {"deck": self.id, "at": at, "since": since, "future": future}
        with self.env.cr._cnx.cursor(name=f"voip_export_{uuid4().hex}") as cursor:
            cursor.itersize = _AT_ONCE
            # All rows are read; nothing is known of rates made just now.
            self.env.cr.execute(_PLAN)
            cursor.execute(rows.SELECT, params)
            self.env.cr.execute(_PLAN_AGAIN)
            for values in cursor:
                yield rows.row(values)

    @api.private
    def export_file(self, kind, at, since=None, future=False):
        """The deck as a file that people read and an import takes.

        Dates are in the deck's zone. Neither costs nor suppliers are in it.

        :param str kind: ``xlsx`` or ``csv``
        :return: bytes; see :meth:`export_rows` for the rest
        :raises UserError: another kind
        """
        if kind not in KINDS:
            raise UserError(self.env._("A rate sheet is a file of XLSX or CSV."))
        at = at.replace(microsecond=0)
        found = self.export_rows(at, since, future)
        columns, places = self._export_columns(at, since, future)
        sheet = self._export_sheet(at, since, future, columns)
        if kind == "csv":
            return files.as_csv(found, sheet)
        return files.as_xlsx(found, sheet, "Rates", places)

    def _export_columns(self, at, since, future):
        """(columns that say something, decimals of prices)."""
        told, places = set(), 0
        for row in self.export_rows(at, since, future):
            told.update(name for name in _FURTHER if row[name])
            for name in files.PRICES:
                if row[name]:
                    exponent = row[name].normalize().as_tuple().exponent
                    places = max(places, -exponent)
            # One that need not be is one where it is zero.
            told.update(name for name in OPTIONAL if row[name] is not None)
        shown = told | set(files.FIXED) | (set(files.COMPARED) if since else set())
        return tuple(name for name in rows.KEYS if name in shown), places

    def _export_sheet(self, at, since, future, columns):
        _ = self.env._
        currency, zone = self.currency_id.name, self.tz
        sheet = files.Sheet({}, {}, tz=zone)
        titles = [
            (_("Rate sheet"), self.name),
            (_("From"), self.company_id.name),
            (_("Currency"), currency),
            (_("Valid on"), self._export_moment(sheet, at)),
            (_("Time zone"), zone),
        ]
        if since:
            titles.insert(4, (_("Compared with"), self._export_moment(sheet, since)))
        return files.Sheet(
            labels=self._export_labels(),
            words=self._export_words(),
            titles=tuple(titles),
            ends=((_("Currency"), currency), (_("Time zone"), zone)),
            tz=zone,
            at=None if future else since or at,
            columns=columns,
        )

    @staticmethod
    def _export_moment(sheet, moment):
        return str(sheet.local(moment.replace(microsecond=0)))

    def _export_labels(self):
        _ = self.env._
        return LABELS | {
            "status": _("Status"),
            "old_price": _("Old price"),
            "change": _("Difference %"),
        }

    def _export_words(self):
        _ = self.env._
        status = self.env["voip.rate.import.row"]._fields["status"]
        words = dict(status._description_selection(self.env))
        words |= {"increased": _("Increase"), "decreased": _("Decrease")}
        # What an import reads is not translated.
        return words | {True: "yes", False: "no"}

    def _export_name(self, kind, at):
        """Name of the file: deck, currency and local day."""
        local = files.Sheet({}, {}, tz=self.tz).local(at)
        code = self.code or "rates"
        return f"{code}_{self.currency_id.name}_{local:%Y-%m-%d}.{kind}"

    def _export_rates(self):
        """Bytes of a CSV of the valid and future rates."""
        return self.export_file("csv", fields.Datetime.now(), future=True)

