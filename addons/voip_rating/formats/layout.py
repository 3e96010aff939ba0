"""A format as plain values, checked when it is made."""

from dataclasses import dataclass, replace

from odoo.tools.translate import LazyTranslate

from ..calls.limits import KNOWN
from ..engine.parse import quote
from .transform import NEEDS, TRANSFORMS, table_of

_lt = LazyTranslate(__name__)
SOURCES = {
    "csv": "CSV, names in the first line",
    "positions": "CSV without a first line",
    "json": "JSON records",
}
ANSWERED = {
    "answer": "There is a time of answer",
    "values": "A field has certain values",
    "positive": "A field is a number above zero",
}
PAIR_NAMES = 5
# Names of a BYE row's values, beside those of the INVITE row.
BYE = "bye."
ALL = "*"
# Of the rows that are service charges: what a line of the format says in the record.
CHARGES = {
    "charge_amount": "charge",
    "charge_currency": "currency",
    "charge_description": "called",
    "charge_date": "start",
    "charge_account": "account",
    "charge_reference": "call_id",
}
# What they take from the lines of calls where they have no line of their own.
SHARED = ("call_id", "start", "account", "trunk")
CHARGED = "charged"


class BadFormat(ValueError):
    """A format that cannot be used: a lazy sentence and its values."""

    def __init__(self, sentence, **values):
        super().__init__(sentence, values)
        self._sentence, self._values = sentence, values

    def sentence(self, env):
        """The reason in the reader's language."""
        values = {
            name: value if isinstance(value, str) else str(env._(value))
            for name, value in self._values.items()
        }
        return str(env._(self._sentence)) % values


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a call record.

    :param sources: alternatives, the first that is not empty counts; each is names
        whose values are joined by a space
    """

    target: str
    sources: tuple
    transform: str = "as_is"
    argument: str = ""

    @classmethod
    def of(cls, target, source, transform="as_is", argument=""):
        """A line of its texts, as staff write them.

        :raises BadFormat: it says nothing that can be read
        """
        if target not in Line.targets():
            raise BadFormat(_lt("%(name)s is no field of a call."), name=quote(target))
        if transform not in TRANSFORMS:
            raise BadFormat(
                _lt("%(target)s: there is no %(name)s."), target=target,
                name=quote(transform),
            )
        sources = tuple(
            tuple(filter(None, (name.strip() for name in part.split(" + "))))
            for part in source.split("|")
            if part.strip()
        )
        if transform != "constant" and not all(sources or [()]):
            raise BadFormat(_lt("%(target)s: comes from nothing."), target=target)
        if transform == "constant" and target in ("call_id", "charge_reference"):
            raise BadFormat(
                _lt("%(target)s: one for all calls would make them one call."),
                target=target,
            )
        if transform in NEEDS and not argument:
            raise BadFormat(
                _lt("%(target)s: say in With what “%(name)s” needs."),
                target=target, name=TRANSFORMS[transform],
            )
        if transform == "table" and not table_of(argument):
            raise BadFormat(
                _lt("%(target)s: a table is written a=b; c=d."), target=target
            )
        return cls(target, sources, transform, argument)

    @staticmethod
    def targets():
        return (*KNOWN, *CHARGES)

    @staticmethod
    def transforms():
        return TRANSFORMS


@dataclass(frozen=True, slots=True)
class Format:
    """How a switch writes calls.

    :param columns: names of the columns of a file without a first line; those that
        may be missing at the end have ``?`` behind
    :param zone: IANA zone of times without one; empty: the switch's
    :param answered: a key of ``ANSWERED``
    :param rows_skip: rows with ``rows_values`` are no calls; else those without
    :param pair_sources: method, call id, from tag, to tag, SIP code; empty: no pairs
    :param keep: names of what is kept as metadata, ``*`` for all
    :param charge_values: rows with these values are service charges
    :param charge_lines: lines of ``CHARGES``
    """

    code: str
    lines: tuple
    source: str = "csv"
    delimiter: str = ""
    columns: tuple = ()
    zone: str = ""
    url_encoded: bool = False
    answered: str = "answer"
    answered_source: str = ""
    answered_yes: tuple = ()
    answered_no: tuple = ()
    rows_source: str = ""
    rows_values: tuple = ()
    rows_skip: bool = False
    pair_sources: tuple = ()
    keep: tuple = (ALL,)
    charge_values: tuple = ()
    charge_lines: tuple = ()

    def __post_init__(self):
        targets = [line.target for line in self.lines]
        for name in set(targets):
            if targets.count(name) > 1:
                raise BadFormat(_lt("%(name)s is there twice."), name=name)
        for name in ("call_id", "called", "start"):
            if name not in targets:
                raise BadFormat(_lt("%(name)s is missing."), name=name)
        if not {"trunk", "account"}.intersection(targets):
            raise BadFormat(
                _lt("trunk or account is missing: nobody could be charged.")
            )
        self._check_answered(targets)
        if self.rows_source and not self.rows_values:
            raise BadFormat(_lt("say which values of the rows are calls."))
        if self.pair_sources and len(self.pair_sources) != PAIR_NAMES:
            raise BadFormat(
                _lt("pairs need five names: method, call id, from and to tag, code.")
            )
        self._check_columns()
        if self.charge_values:
            self._check_charges()

    def _check_answered(self, targets):
        if self.answered == "answer" and not {"answer", "answered"} & set(targets):
            raise BadFormat(_lt("nothing says whether a call was answered."))
        if self.answered == CHARGED:
            return
        if self.answered != "answer" and not self.answered_source:
            raise BadFormat(_lt("say which field tells that a call was answered."))
        if self.answered != "answer" and "answered" in targets:
            raise BadFormat(_lt("two things say whether a call was answered."))
        if self.answered == "values" and not self.answered_yes:
            raise BadFormat(_lt("say which values mean answered."))

    def _check_charges(self):
        if not self.rows_source or self.pair_sources:
            raise BadFormat(
                _lt("service charges are told apart by a field, and are in no pairs.")
            )
        both = set(map(str.lower, self.charge_values))
        both &= set(map(str.lower, self.rows_values))
        if both:
            raise BadFormat(
                _lt("%(name)s cannot be both, a call and a service charge."),
                name=quote(min(both)),
            )
        named = {line.target for line in self.charge_lines}
        for name in ("charge_amount", "charge_currency", "charge_description"):
            if name not in named:
                raise BadFormat(_lt("%(name)s is missing."), name=name)
        # Made, it is checked.
        _charges = self.charges

    def _check_columns(self):
        if self.source != "positions":
            return
        names, optional = self.names, [name[-1:] == "?" for name in self.columns]
        if not names:
            raise BadFormat(_lt("name the columns: the file does not."))
        if len(set(names)) < len(names):
            raise BadFormat(_lt("two columns have one name."))
        if optional != sorted(optional):
            raise BadFormat(_lt("columns that may be missing come last."))
        for name in sorted(self.used):
            if name.removeprefix(BYE) not in names:
                raise BadFormat(_lt("there is no column %(name)s."), name=quote(name))

    @property
    def charges(self):
        """How the rows that are service charges are read."""
        lines = {line.target: line for line in self.lines if line.target in SHARED}
        for line in self.charge_lines:
            target = CHARGES[line.target]
            lines[target] = replace(line, target=target)
        return replace(
            self,
            lines=tuple(lines.values()),
            answered=CHARGED,
            answered_source="",
            rows_values=self.charge_values,
            rows_skip=False,
            charge_values=(),
            charge_lines=(),
        )

    @property
    def names(self):
        """Names of the columns of a file without a first line."""
        return tuple(name.removesuffix("?") for name in self.columns)

    @property
    def least(self):
        """How many columns a row has at least."""
        return sum(not name.endswith("?") for name in self.columns)

    @property
    def used(self):
        """Names that the format reads."""
        names = {
            name for line in self.lines for part in line.sources for name in part
        }
        names |= {self.answered_source, self.rows_source, *self.pair_sources}
        return names - {""}
