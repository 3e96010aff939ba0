"""A format as plain values, checked when it is made."""

from dataclasses import dataclass

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
        if target not in KNOWN:
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
        if transform == "constant" and target == "call_id":
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
        return KNOWN

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

    def _check_answered(self, targets):
        if self.answered == "answer" and not {"answer", "answered"} & set(targets):
            raise BadFormat(_lt("nothing says whether a call was answered."))
        if self.answered != "answer" and not self.answered_source:
            raise BadFormat(_lt("say which field tells that a call was answered."))
        if self.answered != "answer" and "answered" in targets:
            raise BadFormat(_lt("two things say whether a call was answered."))
        if self.answered == "values" and not self.answered_yes:
            raise BadFormat(_lt("say which values mean answered."))

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
