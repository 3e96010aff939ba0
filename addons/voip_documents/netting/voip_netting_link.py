"""The request, the link that it is answered by, and the answer."""

import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..secret import digest
from .mark import MARK_SQL

ADDRESS = "/voip/netting/"
HOW = [("link", "Link"), ("mail", "Mail"), ("paper", "Paper")]
ANSWERED = {
    "agreed_how": False,
    "agreed_name": False,
    "agreed_at": False,
    "agreed_ip": False,
    "agreed_note": False,
    "agreed_by_id": False,
    "counter_name": False,
    "counter_at": False,
    "counter_ip": False,
    "counter_note": False,
}


class VoipNetting(models.Model):
    _inherit = "voip.netting"

    requested_at = fields.Datetime(string="Requested on", readonly=True, copy=False)
    requested_by_id = fields.Many2one(
        "res.users", string="Requested by", readonly=True, copy=False
    )
    token_hash = fields.Char(
        readonly=True, copy=False, groups="base.group_system", help="SHA-256 of its key"
    )
    token_until = fields.Datetime(string="Link Works until", readonly=True, copy=False)
    token_used = fields.Boolean(string="Link Was Answered", readonly=True, copy=False)
    agreed_how = fields.Selection(HOW, string="Agreed by", readonly=True, copy=False)
    agreed_name = fields.Char(string="Who Agreed", readonly=True, copy=False)
    agreed_at = fields.Datetime(string="Agreed on", readonly=True, copy=False)
    agreed_ip = fields.Char(string="From Address", readonly=True, copy=False)
    agreed_note = fields.Char(string="Note on Agreement", readonly=True, copy=False)
    agreed_by_id = fields.Many2one(
        "res.users",
        string="Recorded by",
        readonly=True,
        copy=False,
        help="Who recorded an agreement by mail or on paper; another one approves it.",
    )
    counter_name = fields.Char(string="Who Countered", readonly=True, copy=False)
    counter_at = fields.Datetime(string="Countered on", readonly=True, copy=False)
    counter_ip = fields.Char(string="Countered from", readonly=True, copy=False)
    counter_note = fields.Text(string="Their Remark", readonly=True, copy=False)

    _token_uniq = models.UniqueIndex(
        "(token_hash) WHERE token_hash IS NOT NULL", "A link is of one netting."
    )

    # === ACTION METHODS === #

    def action_request(self):
        """Fix the items and make a link, which is shown this once.

        Again: the link before it does not work any more.
        """
        self._request()
        link = self._new_link()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Link, shown only now"),
            "res_model": "voip.netting.link",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_link": link, "default_netting_id": self.id},
        }

    def action_draft(self):
        """Open the items to changes again; link and agreement do not count any more."""
        self.check_access("write")
        self.ensure_one()
        self._lock("requested", "agreed")
        self._set_state("draft", token_until=False, token_used=False, **ANSWERED)
        self._forget_links()
        self._log("changed")
        return True

    def action_record(self):
        """Ask how the partner agreed by mail or on paper."""
        self.check_access("write")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record Agreement"),
            "res_model": "voip.netting.agreement",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_netting_id": self.id},
        }

    # === BUSINESS METHODS === #

    def _request(self):
        """Fix the items and ask anew: no link made before works any more.

        :raises UserError: nothing is netted, or items have changed
        """
        self.check_access("write")
        self.ensure_one()
        self._lock("draft", "countered", "requested")
        if self.is_open:
            self._refuse_changed()
        self._refuse_obstacle()
        now, days = fields.Datetime.now(), self.company_id.voip_netting_days
        self._forget_links()
        self._set_state(
            "requested",
            **ANSWERED,
            requested_at=now,
            requested_by_id=self.env.uid,
            token_until=now + timedelta(days=days),
            token_used=False,
        )
        self.sudo().line_ids.write({"counter_amount": False, "counter_reason": False})
        until = fields.Datetime.to_string(self.token_until)
        self._log("requested", until=until, mark=self._mark())

    def _mark(self):
        """What the check compares the items with until they are posted."""
        self.env.flush_all()
        self.env.cr.execute(MARK_SQL, [self.id])
        return self.env.cr.fetchone()[0]

    def _forget_links(self):
        self.sudo().token_hash = False

    def _new_link(self):
        """Address for the partner; only the hash of its key is kept."""
        link, self.sudo().token_hash = self._made_link()
        return link

    def _made_link(self):
        """(address with a new key, the hash of the key)."""
        token = secrets.token_urlsafe(32)
        return f"{self.get_base_url()}{ADDRESS}{token}", digest(token)

    @api.model
    def _by_token(self, token):
        """The netting of a link, as superuser: whoever has the key may see it."""
        if not isinstance(token, str) or not 20 <= len(token) <= 100:
            return self.sudo().browse()
        return self.sudo().search([("token_hash", "=", digest(token))])

    def _link_state(self):
        """``open``, or why the link answers nothing: ``answered``, ``expired``."""
        if self.token_used or self.state != "requested":
            return "answered"
        if not self.token_until or self.token_until < fields.Datetime.now():
            return "expired"
        return "open"

    def _accept(self, name, address, note=""):
        """The partner accepts by its link, which is used up.

        :param note: what it says beside it
        :raises UserError: it was answered meanwhile
        """
        self._lock("requested")
        self._set_state(
            "agreed",
            token_used=True,
            agreed_how="link",
            agreed_name=name,
            agreed_at=fields.Datetime.now(),
            agreed_ip=address,
            agreed_note=note,
        )
        self._log("agreed", how="link", agreed_name=name, address=address, note=note)
        told = self.env._("%s accepts by the link.", name)
        self._tell(f"{told} {note}".strip())

    def _counter(self, name, address, note, answers):
        """The partner does not agree, item by item.

        :param answers: {line: (amount as text or "", reason)}
        :raises UserError: it was answered meanwhile
        """
        self._lock("requested")
        for line, (amount, reason) in answers.items():
            line.sudo().write({"counter_amount": amount, "counter_reason": reason})
        self._set_state(
            "countered",
            token_used=True,
            counter_name=name,
            counter_at=fields.Datetime.now(),
            counter_ip=address,
            counter_note=note,
        )
        self._log("countered", counter_name=name, address=address, items=len(answers))
        texts = [
            self.env._(
                "%(item)s: %(reason)s (their amount: %(amount)s)",
                item=line._title(),
                reason=reason,
                amount=amount or "–",
            )
            for line, (amount, reason) in answers.items()
        ]
        texts += [note] if note else []
        self._tell(
            self.env._("%(name)s counters: %(what)s", name=name, what="; ".join(texts))
        )

    def _tell(self, sentence):
        """Whoever asked is told; the history of answers is kept in the notes."""
        asked_by = self.sudo().requested_by_id
        self.sudo().with_user(self.env.ref("base.user_root")).message_post(
            body=sentence, partner_ids=asked_by.partner_id.ids
        )

    def _agree_by_hand(self, how, name, note):
        self._lock("requested")
        self._set_state(
            "agreed",
            token_used=True,
            agreed_how=how,
            agreed_name=name,
            agreed_at=fields.Datetime.now(),
            agreed_note=note,
            agreed_by_id=self.env.uid,
        )
        self._log("agreed", how=how, agreed_name=name, note=note or "")
        hows = dict(self._fields["agreed_how"]._description_selection(self.env))
        told = f"{name} ({hows[how]})" + (f": {note}" if note else "")
        self.message_post(body=self.env._("Agreed by %s", told))

    def _refuse_changed(self):
        """Before it is asked for: the lines are what the items have open now."""
        changed_lines = self.sudo()._changed_items()
        if changed_lines:
            raise UserError(
                self.env._(
                    "%s changed since its line was made. Press Find Open Items.",
                    ", ".join(line._title() for line in changed_lines[:3]),
                )
            )
