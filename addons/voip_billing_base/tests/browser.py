"""Tours in the browser of Odoo's tests."""

from unittest.mock import patch

from odoo.tests.common import ChromeBrowser

_handle = ChromeBrowser._handle_console


def _handle_console(browser, type, args=None, **kwargs):
    """Leave out a file that distributions leave out of Odoo's own mail module."""
    if type == "error" and "selfie_segmentation" in str(args):
        return None
    return _handle(browser, type, args, **kwargs)


def whole_console():
    """Within it a browser's console counts but for what a distribution lacks."""
    return patch.object(ChromeBrowser, "_handle_console", _handle_console)
