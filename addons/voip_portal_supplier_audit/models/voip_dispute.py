"""Disputes that customers open, and the words they exchange with staff.

What is here is called for a dispute or an account whose rights the caller has checked.
"""

from markupsafe import Markup, escape

from odoo import api, models


class VoipDispute(models.Model):
    _inherit = "voip.dispute"

    # === BUSINESS METHODS === #

    @api.model
    def _portal_open(self, move, terms, said, attachments):
        """Open a dispute in the customer's name, and tell the managers of billing.

        :param terms: what of the invoice: ``scope``, ``reason``, ``line_ids`` or
            ``usage_ids``
        :param said: what he says besides
        :param attachments: his files
        :raises UserError: what is chosen cannot be disputed
        """
        wizards = self.env["voip.dispute.wizard"].sudo()
        wizard = wizards.with_company(move.company_id).create(
            {
                **terms,
                "move_id": move.id,
                "raised_by": self.env.user.partner_id.display_name,
                "evidence_ids": [(6, 0, attachments.ids)],
            }
        )
        dispute = wizard._open_once()
        dispute._portal_say(said or dispute.reason, new=True)
        return dispute

    def _portal_say(self, text, attachments=None, new=False):
        """What the customer writes; staff who follow the dispute get it.

        :param new: nobody follows it yet: the managers of billing get it
        """
        managers = self.company_id._billing_managers() if new else self.env["res.users"]
        self.message_post(
            body=text,
            author_id=self.env.user.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=managers.partner_id.ids,
            attachment_ids=attachments.ids if attachments else [],
        )

    def _portal_messages(self):
        """What both sides wrote to one another, the first one first."""
        comment = self.env.ref("mail.mt_comment")
        return self.message_ids.filtered(
            lambda one: (
                one.subtype_id == comment
                and not one.is_internal
                and self._is_for_customer(one)
            )
        ).sorted("id")

    def _is_for_customer(self, message):
        """Whether a message is the customer's, or was sent to him.

        Of a dispute that staff opened, staff may write to one another: he does not
        follow it, and gets what names him.
        """
        people = message.author_id | message.partner_ids
        followed = self.asked_by_id.share
        return followed or self.partner_id in people.commercial_partner_id

    def _portal_files(self):
        """Files that the customer sent, or got with a message."""
        sent = self.evidence_ids.filtered(lambda one: one.create_uid.share)
        return sent | self._portal_messages().attachment_ids

    def _portal_withdraw(self):
        """The customer does not uphold it.

        :raises UserError: it is decided, or a credit of it waits
        """
        self._end("withdrawn")
        self._log_dispute("dispute_withdrawn")

    def _decide(self, state, **values):
        """Adds a word to the customer who opened it himself."""
        result = super()._decide(state, **values)
        for dispute in self.filtered(lambda one: one.asked_by_id.share):
            if self.env.user != dispute.asked_by_id:
                dispute._portal_tell_outcome()
        return result

    def _portal_tell_outcome(self):
        lang = self.asked_by_id.lang or self.env.lang
        here = self.with_context(lang=lang)
        states = dict(here._fields["state"]._description_selection(here.env))
        lines = [here.env._("Your dispute was decided: %s.", states[self.state])]
        if self.credited:
            lines.append(here.env._("Credited: %s.", self._portal_credited()))
        if self.answer:
            lines.append(self.answer)
        self.sudo().message_post(
            body=Markup("<br/>").join(escape(line) for line in lines),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _portal_credited(self):
        return self.currency_id.format(self.credited)
