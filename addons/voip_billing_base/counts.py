"""How many records of another model name each of some records."""


def counts_by(model, name, records, *domain):
    """Count by a many2one field.

    :param model: empty recordset of the model that is counted
    :param name: its many2one field
    :param records: what the field names
    :param domain: further terms
    :return: {record: count}; without those that nothing names
    """
    named = [(name, "in", records.ids), *domain]
    return dict(model._read_group(named, [name], ["__count"]))
