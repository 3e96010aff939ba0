"""What changed on a document names records of the suite to whoever reads it."""

from odoo import api, models

from .mail_thread import SUITE


class MailTrackingValue(models.Model):
    """The books' users change an account by changing the customer; both are told."""

    _inherit = "mail.tracking.value"

    @api.model
    def _create_tracking_values(
        self, initial_value, new_value, col_name, col_info, record
    ):
        return super()._create_tracking_values(
            _named(initial_value), _named(new_value), col_name, col_info, record
        )


def _named(value):
    """A record of the suite may be one that the user does not open."""
    ours = isinstance(value, models.BaseModel) and value._name.startswith(SUITE)
    return value.sudo() if ours else value
