"""What users may not write: told by the fields that are written, not their values."""

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

LARGEST_ID = 2**31 - 1
AUTOMATIC = frozenset(models.MAGIC_COLUMNS)


def changed(records, vals, names):
    """Names among ``names`` whose value ``vals`` would change in one of ``records``."""
    return [
        name
        for name in names
        if name in vals
        and any(_differs(record, name, vals[name]) for record in records.sudo())
    ]


def _differs(record, name, value):
    field = record._fields[name]
    if field.type in ("one2many", "many2many"):
        return _ids_after(record[name].ids, value) != set(record[name].ids)
    try:
        cached = field.convert_to_cache(value, record)
    except (TypeError, ValueError, OverflowError):
        return True
    return cached != field.convert_to_cache(record[name], record)


def _ids_after(ids, commands):
    """Ids that a field holds after ``commands``; None when they make or edit any."""
    ids = set(ids)
    for command in commands or ():
        if not isinstance(command, list | tuple):
            return None
        if command[0] == Command.SET:
            ids = set(command[2])
        elif command[0] == Command.LINK:
            ids.add(command[1])
        elif command[0] in (Command.UNLINK, Command.DELETE):
            ids.discard(command[1])
        elif command[0] == Command.CLEAR:
            ids = set()
        else:
            return None
    return ids


def without_defaults(model, names):
    """``model`` with a context that gives no defaults of these fields."""
    kept = {f"default_{name}" for name in names}
    context = {k: v for k, v in model.env.context.items() if k not in kept}
    return model.with_env(model.env(context=context))


def refuse_foreign(model, vals):
    """Nobody names a record that he may not read: no tie, and no name in an error.

    :raises AccessError: naming the field only
    """
    if model.env.su:
        return
    for name, value in vals.items():
        field = model._fields.get(name)
        if field is None or not field.relational:
            continue
        ids = set(_named_ids(field, value))
        if ids and not _readable(model.env[field.comodel_name], ids):
            raise AccessError(
                model.env._(
                    "%(field)s: choose a record of your company that you may read.",
                    field=field._description_string(model.env),
                )
            )


def _named_ids(field, value):
    """Ids that ``value`` of a relational field ties to its record."""
    if field.type == "many2one":
        value = value.get("id") if isinstance(value, dict) else value
        return [value] if value and type(value) is int else []
    ids = []
    for command in value if isinstance(value, list | tuple) else ():
        if type(command) is int:
            ids.append(command)
        elif isinstance(command, list | tuple) and command:
            if command[0] in (Command.LINK, Command.UPDATE):
                ids.append(command[1])
            elif command[0] == Command.SET:
                ids += command[2] or ()
    return [number for number in ids if type(number) is int]


def _readable(comodel, ids):
    largest = getattr(comodel, "_largest_id", LARGEST_ID)
    if not all(0 < number <= largest for number in ids):
        return False
    found = comodel.with_context(active_test=False).browse(ids).exists()
    return len(found) == len(ids) and found._filtered_access("read") == found


def one(records):
    """What is done for one record is done for one: told as people are told.

    Of the program itself (``sudo``) Odoo's error stays, which is logged with its place.

    :return: ``records``
    :raises UserError: a user named none, or several
    """
    if len(records._ids) != 1 and not records.env.su:
        raise UserError(
            records.env._(
                "%(model)s: choose one, this is done for a single record and"
                " %(count)s are chosen.",
                model=records.env["ir.model"]._get(records._name).sudo().name,
                count=len(records._ids),
            )
        )
    return models.BaseModel.ensure_one(records)


def _is_id(value, largest):
    """Whether it names a record: one that is stored, or one of a form."""
    if type(value) is int:
        return 0 < value <= largest
    return isinstance(value, api.NewId)


class VoipGuard(models.AbstractModel):
    """Models of the suite: what only the program writes, and what a record may name.

    Internal are stored fields that nobody may edit (readonly, computed, related) and
    those of ``_voip_internal``: they are not written by users, whatever the value or
    the way (create, write, copy, import, defaults in the context). A record names only
    what its user may read, before and after the change.
    """

    _name = "voip.guard"
    _description = "Guarded Records"

    _voip_internal = ()
    # {field: characters at most} of texts that users write.
    _voip_longest = {}
    _largest_id = LARGEST_ID

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._voip_refuse_garbage(vals_list)
        internal = self._voip_internal_names()
        plain = without_defaults(self, internal)
        if not self.env.su:
            for vals in vals_list:
                self._voip_refuse_internal(internal & vals.keys())
                self._voip_refuse_long(vals)
                said = {**plain._voip_defaults(), **vals}
                self._voip_refuse_unknown(said)
                refuse_foreign(self, said)
        return super(VoipGuard, plain).create(vals_list).with_env(self.env)

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self._voip_refuse_garbage([vals])
        internal = self._voip_internal_names()
        self._voip_refuse_internal(internal & vals.keys())
        self._voip_refuse_long(vals)
        self._voip_refuse_unknown(vals)
        refuse_foreign(self, vals)
        result = super().write(vals)
        if any(self._fields[name].relational for name in vals if name in self._fields):
            # The change may have moved the record to where its user may not reach.
            self.check_access("write")
        return result

    def copy_data(self, default=None):
        self.check_access("read")
        internal = self._voip_internal_names()
        return [
            {name: value for name, value in vals.items() if name not in internal}
            for vals in super().copy_data(default)
        ]

    def onchange(self, values, field_names, fields_spec):
        self.check_access("read")
        refuse_foreign(self, {**self._voip_defaults(), **values})
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """A link that gives its record the company is chosen before there is one."""
        described = super().fields_get(allfields, attributes)
        name = self._voip_company_link()
        if "domain" in described.get(name, ()):
            field = self._fields[name]
            described[name]["domain"] = field._internal_description_domain_raw(self.env)
        return described

    @api.model
    def name_create(self, name):
        """Only what is named by a text of its own is made from a name."""
        self.check_access("create")
        if not self._rec_name or self._fields[self._rec_name].relational:
            raise UserError(
                self.env._(
                    "%s has no name of its own: fill in its form.",
                    self.env["ir.model"]._get(self._name).sudo().name,
                )
            )
        return super().name_create(name)

    def get_metadata(self):
        self.check_access("read")
        return super().get_metadata()

    def get_external_id(self):
        self.check_access("read")
        return super().get_external_id()

    def get_field_translations(self, field_name, langs=None):
        self.check_access("read")
        return super().get_field_translations(field_name, langs)

    # === GUARDS === #

    @api.private
    def ensure_one(self):
        """As Odoo's, in words for a user; also where a field of several is read."""
        return one(self)

    def check_access(self, operation):
        """Refuse what is no record's id, too: it would reach SQL."""
        if not self.env.su and not all(_is_id(x, self._largest_id) for x in self._ids):
            raise UserError(self.env._("Records are named by their ids, as integers."))
        return super().check_access(operation)

    @api.model
    def _voip_refuse_garbage(self, vals_list):
        """:raises UserError: what should be values by field is something else"""
        if not all(isinstance(vals, dict) for vals in vals_list):
            raise UserError(self.env._("Values are given as an object by field."))

    @api.model
    def _voip_internal_names(self):
        """Names of the fields that only the program writes."""
        return {
            name
            for name, field in self._fields.items()
            if name in self._voip_internal
            or (field.store and field.readonly and name not in AUTOMATIC)
        }

    @api.model
    def _voip_refuse_internal(self, names):
        """:raises AccessError: naming the first of ``names``, if there are any"""
        if names:
            field = self._fields[min(names)]
            raise AccessError(
                self.env._(
                    "%(field)s of %(model)s is kept by the program, nobody edits it.",
                    field=field._description_string(self.env),
                    model=self.env["ir.model"]._get(self._name).sudo().name,
                )
            )

    @api.model
    def _voip_refuse_long(self, vals):
        """:raises UserError: naming a text that is longer than it may be"""
        for name, most in self._voip_longest.items():
            count = len(str(vals.get(name) or ""))
            if count > most:
                raise UserError(
                    self.env._(
                        "%(field)s: %(count)s characters, at most %(most)s.",
                        field=self._fields[name]._description_string(self.env),
                        count=f"{count:,}",
                        most=f"{most:,}",
                    )
                )

    @api.model
    def _voip_refuse_unknown(self, vals):
        """Choices of a list that is made by a function, which Odoo does not compare.

        :raises UserError: naming what is none, such as a time zone
        """
        for name, value in vals.items():
            field = self._fields.get(name)
            if not value or field is None or field.type != "selection":
                continue
            if callable(field.selection) and value not in field.get_values(self.env):
                raise UserError(
                    self.env._(
                        "%(field)s: %(value)s is none of the choices.",
                        field=field._description_string(self.env),
                        value=repr(value)[:100],
                    )
                )

    @api.model
    def _voip_company_link(self):
        """Name of the link whose company is the record's; None where it has its own."""
        company = self._fields.get("company_id")
        return company and company.related and company.related.split(".")[0]

    @api.model
    def _voip_defaults(self):
        """Values that the context gives to new records."""
        return {
            name: self.env.context[f"default_{name}"]
            for name in self._fields
            if f"default_{name}" in self.env.context
        }

    def _voip_use(self):
        """Check a wizard again before it works: its own record and all it names.

        :raises AccessError: it is another user's, or names what may no longer be read
        """
        self.check_access("read")
        for name, field in self._fields.items():
            if field.relational and field.store and name not in AUTOMATIC:
                self.sudo()[name].with_env(self.env).check_access("read")

