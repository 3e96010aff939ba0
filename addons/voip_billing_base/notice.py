"""What a button says once it is done."""


def notice(message, kind="success"):
    """Action that shows ``message`` and loads the view anew.

    :param message: translated sentence
    :param kind: ``success``, ``info``, or ``warning``, which stays until it is closed
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "message": message,
            "type": kind,
            "sticky": kind == "warning",
            "next": {"type": "ir.actions.act_window_close"},
        },
    }
