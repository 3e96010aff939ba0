"""The variables of a document as a list to choose from. No Odoo here."""

# How the templates call one of each list.
ONE_OF = {
    "lines": "line",
    "sections": "section",
    "taxes": "tax",
    "notes": "note",
    "days": "day",
    "statements": "one",
    "ageing": "age",
    "address": "part",
}
SHOWN = 60


def variables(data):
    """[{name, value, text, in_table}] of ``data``, nested names with dots.

    ``value`` is an example; ``text`` is what a template gets: ``{{ name }}``, or the
    loop over a list. What is in a list is named by its loop, e.g. ``line.amount``.
    ``in_table``: whether a column of a table can name it, as it is of the document or
    of one of its lines.
    """
    return list(_of(data, "", True))


def _of(data, prefix, in_table):
    for name, value in data.items():
        if name == "format" and not prefix:
            continue
        path = prefix + name
        if isinstance(value, dict):
            yield from _of(value, f"{path}.", in_table)
        elif isinstance(value, list):
            yield from _of_list(path, name, value)
        else:
            yield _told(path, _example(value), f"{{{{ {path} }}}}", in_table)


def _of_list(path, name, values):
    one = ONE_OF.get(name, "item")
    loop = f"{{% for {one} in {path} %}}\n\n{{% endfor %}}"
    yield _told(path, f"× {len(values)}", loop, False)
    if values and isinstance(values[0], dict):
        # A line of usage has more than a note.
        fullest = max(values, key=lambda each: sum(bool(v) for v in each.values()))
        yield from _of(fullest, f"{one}.", path == "lines")
    elif values:
        yield _told(one, _example(values[0]), f"{{{{ {one} }}}}", False)


def _told(name, value, text, in_table):
    return {"name": name, "value": value, "text": text, "in_table": in_table}


def _example(value):
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
