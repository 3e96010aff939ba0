"""What the pages of disputes share."""

from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.voip_portal.controllers.figures import family
from odoo.addons.voip_portal.marks import marked

MOST_FILES = 5
MOST_BYTES = 10 * 2**20
LONGEST = 5000


def accounts(chosen):
    """All accounts of the customer, by whichever of them he came."""
    return chosen.account.union(*chosen.codes.values())


def disputes(chosen):
    """His disputes, the last one first."""
    found = chosen.env["voip.dispute"].sudo()
    customer = chosen.env.user.commercial_partner_id
    return found.search(
        [
            ("account_id", "in", accounts(chosen).ids),
            ("partner_id", "=", customer.id),
        ]
    )


def dispute_of(chosen, key):
    """The dispute that a page names.

    :raises NotFound: he has no such dispute
    """
    found = marked(disputes(chosen), key) if key.isascii() else None
    if not found:
        raise request.not_found()
    return found


def invoices(chosen):
    """Domain of the customer's posted usage invoices, of this account or who pays."""
    mine = family(chosen.account) | chosen.payer
    return [
        ("voip_account_id", "in", mine.ids),
        ("move_type", "=", "out_invoice"),
        ("state", "=", "posted"),
        (
            "partner_id.commercial_partner_id",
            "=",
            chosen.env.user.commercial_partner_id.id,
        ),
    ]


def kept_files(chosen):
    """Files that were sent with the form, as attachments of no record yet.

    :raises UserError: they are too many or too large
    """
    sent = [one for one in request.httprequest.files.getlist("file") if one.filename]
    if len(sent) > MOST_FILES:
        raise UserError(chosen.env._("Send %s files at most.", MOST_FILES))
    rows = []
    for one in sent:
        content = one.stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise UserError(
                chosen.env._(
                    "%(name)s is larger than %(most)s MB.",
                    name=one.filename[:100],
                    most=MOST_BYTES // 2**20,
                )
            )
        rows.append(
            {
                "name": one.filename.replace("\\", "/").rpartition("/")[2][-200:],
                "raw": content,
                "company_id": chosen.account.company_id.id,
            }
        )
    return chosen.env["ir.attachment"].sudo().create(rows)


def said(chosen, text):
    """What was typed.

    :raises UserError: it is too long
    """
    text = (text or "").replace("\0", "").strip()
    if len(text) > LONGEST:
        raise UserError(chosen.env._("Write %s characters at most.", f"{LONGEST:,}"))
    return text
