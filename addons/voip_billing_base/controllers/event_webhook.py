"""Where Twilio and SendGrid post what they have counted."""

import logging
import time

from werkzeug.exceptions import Forbidden, NotFound, UnprocessableEntity

from odoo import http
from odoo.http import request

from ..engine.event_webhook import (
    BadPost,
    is_from_sendgrid,
    is_from_twilio,
    sendgrid_events,
    twilio_events,
)

_logger = logging.getLogger(__name__)
MOST_BYTES = 8 * 1024 * 1024
OPTIONS = {
    "type": "http",
    "auth": "public",
    "methods": ["POST"],
    "csrf": False,
    "save_session": False,
    "max_content_length": MOST_BYTES,
}
SIGNATURE = "The signature is missing, wrong or too old."


class EventWebhook(http.Controller):
    """Fails closed: without secret or valid signature nothing is read or kept."""

    @http.route("/voip/events/twilio/<string(length=32):ref>", **OPTIONS)
    def twilio(self, ref, **_fields):
        """A status callback of a message, or an incoming one. ``?account=`` in the
        address, which is signed too, names the account."""
        webhook, secret = self._webhook("twilio", ref)
        fields = list(request.httprequest.form.items(multi=True))
        query = request.httprequest.query_string.decode("latin-1")
        url = f"{webhook.url}?{query}" if query else webhook.url
        told = request.httprequest.headers.get("X-Twilio-Signature", "")
        if not is_from_twilio(secret, url, fields, told):
            raise self._refused(webhook, SIGNATURE, Forbidden)
        account = request.httprequest.args.get("account") or webhook.account_id.code
        now = request.env.cr.now()
        return self._taken(webhook, lambda: twilio_events(dict(fields), account, now))

    @http.route("/voip/events/sendgrid/<string(length=32):ref>", **OPTIONS)
    def sendgrid(self, ref, **_fields):
        """A batch of SendGrid's signed event webhook."""
        webhook, secret = self._webhook("sendgrid", ref)
        body = request.httprequest.get_data()
        headers = request.httprequest.headers
        name = "X-Twilio-Email-Event-Webhook-"
        timestamp = headers.get(f"{name}Timestamp", "")
        told = headers.get(f"{name}Signature", "")
        if not is_from_sendgrid(secret, timestamp, body, told, time.time()):
            raise self._refused(webhook, SIGNATURE, Forbidden)
        account = webhook.account_id.code
        return self._taken(webhook, lambda: sendgrid_events(body, account))

    def _webhook(self, provider, ref):
        webhook, secret = request.env["voip.event.webhook"]._of_ref(provider, ref)
        if not webhook:
            raise NotFound()
        return webhook, secret

    def _taken(self, webhook, read):
        try:
            events = read()
        except BadPost as error:
            raise self._refused(webhook, str(error)) from error
        if events:
            webhook._take(events)
        return request.make_response("", status=204)

    def _refused(self, webhook, why, kind=UnprocessableEntity):
        """The error to raise; the webhook shows that there was one."""
        _logger.info("Webhook %s: a post was refused: %s", webhook.id, why)
        webhook._refuse(why)
        return kind(why)
