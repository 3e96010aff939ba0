"""Where Brevo posts what became of mails."""

import re
from hmac import compare_digest

from odoo.http import Controller, Response, request, route

from ..delivery.webhook import MOST_BYTES, BadPost, is_within, read
from ..secret import digest

REF = re.compile(r"[0-9a-f]{32}")
# What an unknown address is compared with, so that it takes as long.
NOBODY = digest("")


class VoipBrevo(Controller):
    @route(
        "/voip/brevo/<string(length=32):ref>",
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
        max_content_length=MOST_BYTES,
    )
    def events(self, ref):
        """Take events: 204, or 400, 401, 403, 413. Unknown mails are no error."""
        env = request.env(su=True)
        company = env["res.company"]
        if REF.fullmatch(ref):
            company = company.search([("voip_webhook_ref", "=", ref)], limit=1)
        word, _space, secret = (
            request.httprequest.headers.get("Authorization") or ""
        ).partition(" ")
        known = company.voip_webhook_digest or NOBODY
        fits = compare_digest(known, digest(secret.strip()))
        if not (fits and company and word.lower() == "bearer"):
            return Response(status=401, headers=[("WWW-Authenticate", "Bearer")])
        address = request.httprequest.remote_addr
        if not is_within(address, company.voip_webhook_networks):
            return Response(status=403)
        try:
            events = read(request.httprequest.get_data())
        except BadPost as error:
            return Response(str(error), status=400)
        deliveries = env["voip.delivery"].with_user(env.ref("base.user_root"))
        deliveries.with_company(company)._take_events(company, events)
        return Response(status=204)
