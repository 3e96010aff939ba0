"""Formats: how what a switch writes becomes call records."""

import re
from contextlib import contextmanager
from itertools import chain, count

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache

from odoo.addons.base.models.res_partner import _tz_get

from ..formats import ANSWERED, CHARGES, SOURCES, BadFormat, Format
from ..formats.envelope import Envelope

GENERIC = "generic"
# In the cursor's cache: ids of formats whose lines are being changed.
_CHANGING = "voip_formats_changing"
_SPLIT = re.compile(r"\s*[,\n]\s*")
DELIMITERS = [
    ("auto", "As the first line shows"),
    (",", "Comma"),
    (";", "Semicolon"),
    ("\t", "Tab"),
    ("|", "|"),
]


class VoipCdrFormat(models.Model):
    """What a switch writes, and which of it is what of a call record.

    Shipped formats are shared by all companies and stay as they are: a copy belongs to
    a company and can be changed.
    """

    _name = "voip.cdr.format"
    _description = "Call Record Format"
    _inherit = ["voip.guard"]
    _order = "name, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="What files and interfaces name it by: the argument format of the API.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        copy=False,
        default=lambda self: self.env.company,
        help="Empty: shared by all companies.",
    )
    shipped = fields.Boolean(
        readonly=True, copy=False, help="Stays as it is; copy it to change the copy."
    )
    note = fields.Text(help="Where it comes from, and what to set on the switch.")
    source = fields.Selection(
        list(SOURCES.items()),
        required=True,
        default="csv",
        help="What its files are. By the API any format takes JSON records of the same"
        " names.",
    )
    delimiter = fields.Selection(DELIMITERS, required=True, default="auto")
    columns = fields.Text(
        help="Names of the columns in their order, where the file has no first line "
        "that says them. Those that not every file has come last, with ? behind.",
    )
    tz = fields.Selection(
        _tz_get, string="Time zone", help="Of times without one. Empty: the switch's."
    )
    url_encoded = fields.Boolean(
        string="URL-encoded Values", help="%2B44… means +44…, in every value."
    )
    answered = fields.Selection(
        list(ANSWERED.items()),
        string="Answered When",
        required=True,
        default="answer",
    )
    answered_source = fields.Char(
        string="Answered Field", help="The name that says whether it was answered."
    )
    answered_yes = fields.Char(string="Means Answered", help="Values, with commas.")
    answered_no = fields.Char(
        string="Means Not Answered",
        help="Values, with commas. Any other value sends the record to the error "
        "queue. Empty: any other value means not answered.",
    )
    rows_source = fields.Char(
        string="Rows Told Apart By", help="The name that says whether a row is a call."
    )
    rows_values = fields.Char(string="Values of Calls", help="Values, with commas.")
    rows_skip = fields.Boolean(
        string="Skip These Values",
        help="Rows with these values are skipped and counted, others are calls. "
        "Otherwise only rows with these values are calls.",
    )
    pair_sources = fields.Char(
        string="Pair INVITE and BYE By",
        help="Five names: method, call id, from tag, to tag, SIP code. A call is then "
        "an INVITE row and its BYE row, whose values are named bye.…",
    )
    keep = fields.Text(
        default="*",
        help="Names of what else is kept beside the call. *: all; empty: nothing.",
    )
    charge_values = fields.Char(
        string="Values of Service Charges",
        help="Rows with these values are charged what they say themselves: Fields has"
        " lines for charge_amount, charge_currency and charge_description.",
    )
    charge_service_id = fields.Many2one(
        "voip.service",
        string="Service of Charges",
        check_company=True,
        ondelete="restrict",
        help="Its product has the income account and the taxes of service charges.",
    )
    field_ids = fields.One2many("voip.cdr.format.field", "format_id", copy=True)

    _code_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)",
        "The code of a format must be unique in its company.",
    )
    _code_form = models.Constraint(
        "CHECK (code ~ '^[A-Za-z0-9._-]{1,64}$')",
        "A format code has 1 to 64 letters, digits, dots, dashes or underscores.",
    )
    _shipped_shared = models.Constraint(
        "CHECK (NOT shipped OR company_id IS NULL)", "Shipped formats are shared."
    )

    # === CONSTRAINT METHODS === #

    @api.constrains(
        "field_ids", "source", "columns", "answered", "answered_source",
        "answered_yes", "rows_source", "rows_values", "pair_sources", "charge_values",
    )
    def _check_whole(self):
        """What has fields must be usable; a new one may be without any."""
        for fmt in self:
            if fmt.field_ids and not fmt._is_loading():
                fmt._compiled()

    @api.constrains("charge_values", "charge_service_id")
    def _check_charge_service(self):
        for fmt in self:
            if fmt.charge_values and not fmt.charge_service_id:
                raise ValidationError(
                    self.env._(
                        "Format %s: choose the service of its service charges.",
                        fmt.name,
                    )
                )

    @contextmanager
    def _changing_lines(self):
        """Check formats whose lines are changed within, once all of them are."""
        cache = self.env.cr.cache
        if _CHANGING in cache:
            yield
            return
        cache[_CHANGING] = set()
        try:
            yield
        finally:
            changed = cache.pop(_CHANGING)
        self.browse(changed)._check_lines()

    def _check_lines(self):
        """Formats of changed lines must be usable: now, or with the others' change."""
        if _CHANGING in self.env.cr.cache:
            self.env.cr.cache[_CHANGING].update(self.ids)
            return
        for fmt in self.exists():
            if not fmt._is_loading():
                fmt._compiled()

    def _is_loading(self):
        """An upgrade brings the lines of shipped formats after the formats."""
        return (
            self.shipped and self.env.su and self.env.context.get("install_mode")
        )

    @api.constrains("code", "company_id")
    def _check_shared_code(self):
        """A company's format never hides a shared one, nor another way round."""
        for fmt in self:
            same = Domain("code", "=", fmt.code) & Domain("id", "!=", fmt.id)
            if fmt.company_id:
                same &= Domain("company_id", "=", False)
            if self.sudo().with_context(active_test=False).search_count(same, limit=1):
                raise ValidationError(
                    self.env._("There is a format %s already.", fmt.code)
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        with self._changing_lines():
            formats = super().create(vals_list)
        self.env.registry.clear_cache()
        for fmt, vals in zip(formats, vals_list, strict=True):
            fmt._log_change("format_create", vals)
        return formats

    def write(self, vals):
        self._refuse_shipped()
        with self._changing_lines():
            result = super().write(vals)
        self.env.registry.clear_cache()
        for fmt in self:
            fmt._log_change("format_change", vals)
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        every = self.sudo().with_context(active_test=False)
        every = every.search([("code", "!=", False)])
        taken = set(every.mapped("code"))
        for fmt, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", fmt.name)
            if "code" not in vals:
                vals["code"] = _free_code(f"{fmt.code[:50]}-copy", taken)
                taken.add(vals["code"])
            vals.setdefault("company_id", self.env.company.id)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._refuse_shipped()
        batches = self.env["voip.cdr.batch"].sudo()
        if batches.search_count([("format_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("Records came in this format: archive it instead.")
            )
        self.env.registry.clear_cache()
        for fmt in self:
            fmt._log_change("format_delete", {})

    def _refuse_shipped(self):
        shipped = self.filtered("shipped")
        if shipped and not self.env.su:
            raise UserError(
                self.env._(
                    "%s is shipped and stays as it is: copy it and change the copy.",
                    shipped[0].name,
                )
            )

    def _log_change(self, event, vals):
        """Keep a change of a company's format in the audit trail."""
        if not self.company_id:
            return
        data = {
            name: self[name]
            for name in vals
            if name in self._fields
            and self._fields[name].type in ("char", "text", "selection", "boolean")
        }
        if "charge_service_id" in vals:
            data["charge_service"] = self.charge_service_id.code or False
        self.env["voip.audit"]._log(
            event, self, {"code": self.code, **data}, company=self.company_id
        )

    # === ACTION METHODS === #

    def action_test(self):
        """Open the tester for this format."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_cdr_format_test_action"
        )
        return {**action, "context": {"default_format_id": self.id}}

    # === BUSINESS METHODS === #

    @api.model
    def _of_code(self, code, company):
        """The format of a code that ``company`` may use, else an empty record."""
        domain = self._known(company) & Domain("code", "=", code)
        return self.sudo().search(domain, limit=1)

    @api.model
    def _known(self, company):
        own = Domain("company_id", "parent_of", company.id)
        return own | Domain("company_id", "=", False)

    @api.model
    def _of_argument(self, code, company):
        """The format that an interface names.

        :raises UserError: naming the known ones
        """
        known = self.sudo().search(self._known(company))
        found = known.filtered_domain([("code", "=", code)])
        if not isinstance(code, str) or not found:
            raise UserError(
                self.env._(
                    "format: %(code)s is unknown; known are %(known)s",
                    code=str(code)[:64],
                    known=", ".join(sorted(known.mapped("code"))),
                )
            )
        found._compiled()
        return found

    @api.model
    @ormcache("code", "company_id")
    def _id_of_argument(self, code, company_id):
        """Id of what :meth:`_of_argument` finds: each post asks for it."""
        return self._of_argument(code, self.env["res.company"].browse(company_id)).id

    @api.model
    @ormcache("format_id")
    def _is_charging(self, format_id):
        """Whether records of a format say what they cost: each post asks."""
        return bool(self.sudo().browse(format_id).charge_values)

    def _check_posted(self, switch):
        """What says what it costs is posted only where a manager has chosen it.

        :raises UserError: it is not the format of the switch
        """
        if self._is_charging(self.id) and switch.sudo().format_id != self:
            raise UserError(
                self.env._(
                    "format: records of %(format)s say what is charged: a billing"
                    " manager has to choose it as the format of the switch %(switch)s.",
                    format=self.sudo().code,
                    switch=switch.sudo().code,
                )
            )

    @api.model
    @ormcache("format_id")
    def _envelope(self, format_id):
        """What tells the format's records from what holds them: each post asks."""
        return Envelope.of(self.sudo().browse(format_id)._compiled())

    def _compiled(self):
        """As plain code reads it: :class:`~..formats.Format`; None: generic.

        :raises ValidationError: it cannot be used, and why
        """
        if not self or (self.shipped and self.code == GENERIC):
            return None
        self.ensure_one()
        lines = [field._line() for field in self.field_ids]
        try:
            return Format(
                code=self.code,
                source=self.source,
                delimiter="" if self.delimiter == "auto" else self.delimiter,
                columns=_names(self.columns),
                zone=self.tz or "",
                url_encoded=self.url_encoded,
                answered=self.answered,
                answered_source=self.answered_source or "",
                answered_yes=_names(self.answered_yes),
                answered_no=_names(self.answered_no),
                rows_source=self.rows_source or "",
                rows_values=_names(self.rows_values),
                rows_skip=self.rows_skip,
                pair_sources=_names(self.pair_sources),
                keep=_names(self.keep),
                lines=tuple(line for line in lines if line.target not in CHARGES),
                charge_values=_names(self.charge_values),
                charge_lines=tuple(line for line in lines if line.target in CHARGES),
            )
        except BadFormat as error:
            raise ValidationError(
                self.env._(
                    "Format %(name)s: %(why)s",
                    name=self.name,
                    why=error.sentence(self.env),
                )
            ) from error


def _names(text):
    return tuple(filter(None, _SPLIT.split((text or "").strip())))


def _free_code(code, taken):
    """``code``, or it with the first number that is free."""
    numbered = (f"{code}-{number}" for number in count(2))
    return next(one for one in chain([code], numbered) if one not in taken)
