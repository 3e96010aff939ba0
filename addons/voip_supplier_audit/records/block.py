"""Call records of a file as columns, and the lines that COPY reads. No Odoo here."""

from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from odoo.addons.voip_billing_base.engine import copy_lines

from .values import COLUMNS, MARKED, file_text

SECOND_US = 1_000_000
_HASH = partial(blake2b, digest_size=8)
# Zeros that say nothing, as Decimal.normalize drops them.
_ZEROS = r"(\.[0-9]*?)0+$"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Checked records, columns of one length.

    ``line`` counts from 1, ``start_us`` is microseconds since 1970; the other columns
    are Arrow arrays of texts: ``amount``, ``rate`` and ``prefix`` exact ones, null
    where the record has none.
    """

    line: np.ndarray
    start_us: np.ndarray
    duration_ms: np.ndarray
    amount: pa.Array
    rate: pa.Array
    prefix: pa.Array
    called: pa.Array
    caller: pa.Array
    call_id: pa.Array

    def __len__(self):
        return len(self.line)

    def months(self):
        """First days of the months of the starts."""
        months = np.unique(self.start_us.astype("M8[us]").astype("M8[M]"))
        return set(months.astype("M8[D]").astype(object).tolist())

    def keys(self, digest):
        """int64 keys of the records: of their lines of the file.

        :param digest: SHA-256 of the file, hexadecimal
        """
        return _bits(file_text(digest, line).encode() for line in self.line.tolist())

    def marks(self):
        """int64 marks of what the records say, as :func:`~.values.content`."""
        texts = self._texts()
        for name in ("amount", "rate"):
            texts[name] = _normal(texts[name])
        marked = [pc.fill_null(texts[name], "") for name in MARKED]
        joined = pc.binary_join_element_wise(*marked, "\x1f")
        return _bits(joined.cast(pa.binary()).to_pylist())

    def _texts(self):
        return {
            "start": _moments(self.start_us),
            "duration_ms": copy_lines.integers(self.duration_ms),
            "amount": self.amount,
            "rate": self.rate,
            "called": self.called,
            "call_id": _given(self.call_id),
            "caller": _given(self.caller),
            "prefix": self.prefix,
        }

    def lines_of(self, digest, company, invoice):
        """Lines of COPY in the order of :data:`~.values.COLUMNS`, the place at last.

        :param digest: of the file; ``company`` and ``invoice``: ids
        :return: Arrow array
        """
        texts = self._texts()
        iso = pc.replace_substring(texts["start"], " ", "T")
        texts |= {
            "start_text": pc.binary_join_element_wise(iso, "Z", ""),
            "key": copy_lines.integers(self.keys(digest)),
            "mark": copy_lines.integers(self.marks()),
            "line": copy_lines.integers(self.line),
            "company_id": str(company),
            "invoice_id": str(invoice),
        }
        for name in ("called", "call_id", "caller", "prefix"):
            texts[name] = copy_lines.texts(texts[name])
        place = copy_lines.integers(np.arange(len(self)))
        return copy_lines.lines([*(texts[name] for name in COLUMNS), place])


def _given(texts):
    """Texts, null where they are empty."""
    return pc.if_else(pc.equal(texts, ""), copy_lines.NOTHING, texts)


def _moments(start_us):
    """Texts as ``str`` of a datetime: no fraction where the second is whole."""
    exact = pa.array(start_us).view(pa.timestamp("us")).cast(pa.string())
    whole = start_us % SECOND_US == 0
    if not whole.any():
        return exact
    return pc.if_else(pa.array(whole), pc.utf8_slice_codeunits(exact, 0, 19), exact)


def _normal(texts):
    """Decimal texts without zeros at the end."""
    if not pc.any(pc.match_substring(texts, ".")).as_py():
        return texts
    short = pc.replace_substring_regex(texts, _ZEROS, r"\1")
    return pc.utf8_rtrim(short, ".")


def _bits(texts):
    """64 bits of each text, signed as PostgreSQL's; int64."""
    data = b"".join([_HASH(text).digest() for text in texts])
    return np.frombuffer(data, ">i8").astype(np.int64)
