"""Settings as columns: one name for all rows, or one small code per row."""

import numpy as np


def choose(value, names, what):
    """Return the code(s) of a setting.

    :param value: one of ``names``; a sequence of names; or int codes (positions in
        ``names``), scalar or array
    :return: int, or an int8 array of the same shape
    :raise ValueError: for a name or code that does not exist
    """
    if isinstance(value, str):
        if value not in names:
            raise ValueError(f"{what} must be one of {', '.join(names)}, not {value!r}")
        return names.index(value)
    codes = np.asarray(value)
    if codes.dtype.kind in "UO":
        words, inverse = np.unique(codes.astype(str), return_inverse=True)
        table = [choose(str(word), names, what) for word in words]
        return np.array(table, np.int8)[inverse.reshape(codes.shape)]
    if codes.dtype.kind not in "iu":
        raise ValueError(f"{what} must be given by name or code")
    if codes.size and not (codes.min() >= 0 and codes.max() < len(names)):
        raise ValueError(f"{what} has a code outside 0..{len(names) - 1}")
    return int(codes) if codes.ndim == 0 else codes.astype(np.int8, copy=False)


def check_range(values, low, high, what, error=OverflowError):
    """Return ``values`` as int64; raise ``error`` naming the bound they break."""
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iub":
        raise TypeError(f"{what} must be integers, not {array.dtype}")
    array = array.astype(np.int64, copy=False)
    if array.size and (array.min() < low or array.max() > high):
        worst = array.min() if array.min() < low else array.max()
        raise error(f"{what} {worst} is outside {low}..{high}")
    return array
