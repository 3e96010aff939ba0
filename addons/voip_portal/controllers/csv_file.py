"""CSV files of the portal's pages."""

import csv
import io


def written(heads, rows):
    """Bytes of a CSV, UTF-8 with mark, as spreadsheets open it.

    :param heads: names of the columns
    :param rows: iterable of their cells; texts of others have gone through
        ``harmless``, so that formulas stay text
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")
