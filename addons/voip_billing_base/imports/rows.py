"""The button that shows the rows of a record: a sheet's, a notice's."""


def rows_action(record, xml_id, link):
    """The rows of one record; of one status where the context names it.

    The list knows the status, too, from ``status`` of its context: it may have columns
    that only the rows of that status fill.

    :param record: what has the rows; its user has to be allowed to read it
    :param xml_id: of the action that shows rows
    :param link: the field of a row that names its record
    :return: dict, the action
    :raises AccessError: the record is another company's
    """
    record.check_access("read")
    record.ensure_one()
    action = record.env["ir.actions.act_window"]._for_xml_id(xml_id)
    status = record.env.context.get("status")
    context = {f"search_default_{status}": 1, "status": status} if status else {}
    return action | {"domain": [(link, "=", record.id)], "context": context}
