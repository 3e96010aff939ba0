"""Files that a browser saves."""

from odoo.http import content_disposition, request

TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_answer(name, data, kind):
    """The answer to a request for a file.

    :param kind: one of :data:`TYPES`
    """
    headers = [
        ("Content-Type", TYPES[kind]),
        ("Content-Disposition", content_disposition(name)),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return request.make_response(data, headers)
