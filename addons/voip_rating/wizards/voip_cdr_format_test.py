"""Tester of a format: what is read of a record, and what would be charged."""

import base64
import io
from decimal import Decimal

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError

from ..calls.limits import KNOWN
from ..calls.preview import charges_of
from ..calls.read import BadFile, Tally
from ..calls.work import limits_of
from ..formats.files import chunks_in
from ..intake.plain import plain_file

MOST = 20
TEST_BYTES = 1 << 20
_TABLE = Markup('<table class="table table-sm"><tbody>{}</tbody></table>')
_ROW = Markup("<tr><th>{}</th><td>{}</td></tr>")
_TITLE = Markup("<h4>{}</h4>")
_REFUSED = Markup('<p class="text-danger">{}</p>')
_PLAIN = Markup("<p>{}</p>")


def _beginning(data):
    """The first whole lines of a long file; JSON is read whole."""
    if len(data) <= TEST_BYTES or data.lstrip()[:1] in b"{[":
        return data
    return data[: data.rfind(b"\n", 0, TEST_BYTES) + 1] or data[:TEST_BYTES]


class VoipCdrFormatTest(models.TransientModel):
    """Reads records as the intake would; nothing is stored or charged."""

    _name = "voip.cdr.format.test"
    _inherit = ["voip.guard"]
    _description = "Test a Format"
    _rec_name = "format_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    format_id = fields.Many2one("voip.cdr.format", required=True, check_company=True)
    switch_id = fields.Many2one(
        "voip.switch",
        required=True,
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self.env["voip.switch"].search([], limit=1),
        help="Its zone and trunks apply.",
    )
    text = fields.Text(
        string="Records", help="Lines of a file as the switch writes it, or JSON."
    )
    file = fields.Binary(help="Or a file; its first records are shown.")
    file_name = fields.Char()
    result = fields.Html(readonly=True, sanitize=True)

    def action_test(self):
        """Show what is read of the first records and what they would cost."""
        self._voip_use()
        self.ensure_one()
        data = base64.b64decode(self.file or b"") or (self.text or "").encode()
        if not data.strip():
            raise UserError(self.env._("Paste a record or choose a file."))
        self.sudo().result = self.sudo()._read(data)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test a Format"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _read(self, data):
        parts, tally = [], Tally()
        layout, limits = self.format_id._compiled(), limits_of(self)
        try:
            data = _beginning(plain_file(data))
            for records, errors, source in chunks_in(
                io.BytesIO(data), layout, limits, tally
            ):
                charges, problems = charges_of(self, records, errors)
                problems = {**errors, **problems}
                for row in range(min(len(records), MOST - len(parts))):
                    parts.append(
                        self._shown(
                            records, row, source, problems.get(row), charges.get(row)
                        )
                    )
                if len(parts) == MOST:
                    break
        except BadFile as error:
            parts.append(_REFUSED.format(str(error)))
        skipped = self.env._("%s rows are no calls and were skipped.", tally.skipped)
        if tally.kinds:
            skipped += f" {tally.kinds_text()}"
        return Markup().join([*parts, _PLAIN.format(skipped)])

    def _shown(self, records, row, source, problem, charge):
        title = self.env._("Row %s", int(records.position[row]) + 1)
        read = records.payload(row) if problem is None else source(row)
        names = [name for name in KNOWN if name in read]
        names += [name for name in read if name not in KNOWN]
        shown = [_ROW.format(name, str(read[name])[:200]) for name in names]
        if problem is not None:
            why = _REFUSED.format(f"{problem[0]}: {problem[1]}")
        else:
            why = _PLAIN.format(self._charge_text(records, row, charge))
        return _TITLE.format(title) + why + _TABLE.format(Markup().join(shown))

    def _charge_text(self, records, row, charge):
        if not records.answered[row] and not Decimal(charge["amount"]):
            return self.env._(
                "Not answered: free, of account %s.", charge["account"]
            )
        currencies = self.env["res.currency"]
        if records.text("charge", row):
            return self.env._(
                "Account %(account)s would be charged %(amount)s %(currency)s for"
                " the service %(name)s.",
                account=charge["account"],
                amount=charge["amount"],
                currency=currencies.browse(charge["currency"]).name,
                name=records.text("called", row),
            )
        rate = self.env["voip.rate"].browse(charge["rate"])
        return self.env._(
            "Account %(account)s would be charged %(amount)s %(currency)s for"
            " %(seconds)s s by rate %(prefix)s of %(deck)s; cost %(cost)s %(own)s.",
            account=charge["account"],
            amount=charge["amount"],
            currency=currencies.browse(charge["currency"]).name,
            seconds=charge["billed"],
            prefix=rate.prefix,
            deck=rate.deck_id.code,
            cost=charge["cost"],
            own=currencies.browse(charge["cost_currency"]).name,
        )
