"""JSON texts of what is beside the known fields, by the column. No Odoo here."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from odoo.addons.voip_billing_base.engine.copy_lines import characters

from .column import repeated
from .limits import metadata_of, to_strict_json

ODD = np.ones(256, bool)
ODD[[code for code in range(32, 127) if chr(code) not in '"\\']] = False
# A row that is surely within the limit of a record is not measured.
SHORT = 1_000


def json_objects(columns, bare=()):
    """JSON objects of columns of texts; what is empty is left out.

    :param bare: names of columns of numbers, which have no quotes
    :return: Arrow array; where a row had to be looked at, list of texts or BadValues
    """
    count = len(next(iter(columns.values())))
    parts, plain, full = [], np.ones(count, bool), True
    length = np.zeros(count, np.int64)
    for name, column in columns.items():
        sizes = pc.binary_length(column).to_numpy()
        if not sizes.any():
            continue
        mark = "" if name in bare else '"'
        written, usual = _written(column)
        parts.append((f"{to_strict_json(name)}:{mark}", written, f"{mark},", sizes))
        full &= bool(sizes.all())
        plain &= usual
        length += sizes + len(name) + 6
    if not parts:
        return repeated("", count)
    texts = _full_objects(parts) if full else _objects(parts)
    odd = np.flatnonzero(~plain | (length >= SHORT)).tolist()
    if not odd:
        return texts
    texts = texts.to_pylist()
    for row in odd:
        values = {name: column[row].as_py() for name, column in columns.items()}
        values = {name: text for name, text in values.items() if text}
        numbers = {name: int(values[name]) for name in bare if name in values}
        texts[row] = metadata_of(values | numbers)
    return texts


def _full_objects(parts):
    """Objects of columns that no row leaves empty, in one go."""
    items = ["{"]
    for before, column, after, _sizes in parts:
        items += [before, column, after]
    items[-1] = items[-1].removesuffix(",") + "}"
    return pc.binary_join_element_wise(*items, "")


def _objects(parts):
    """Objects of what is not empty; empty texts where all is."""
    written = []
    for before, column, after, sizes in parts:
        part = pc.binary_join_element_wise(before, column, after, "")
        if not sizes.all():
            part = pc.if_else(pa.array(sizes == 0), "", part)
        written.append(part)
    # Rows of nulls alone Arrow would leave out: so there are none.
    joined = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*written, ""), 0, -1)
    return pc.if_else(
        pc.equal(joined, ""), "", pc.binary_join_element_wise("{", joined, "}", "")
    )


def _written(column):
    """(texts as JSON writes them between quotes, rows of which that is true)."""
    raw = characters(column)
    if not ODD[raw].any():
        return column, np.ones(len(column), bool)
    plain = pc.ascii_is_printable(column).to_numpy(zero_copy_only=False)
    for mark in ("\\", '"'):
        if (raw == ord(mark)).any():
            column = pc.replace_substring(column, mark, f"\\{mark}")
    return column, plain
