"""Mail as it comes in from outside, for the tests of mailboxes."""

from email.message import EmailMessage

from odoo.tools import mute_logger

ROUTE = "odoo.addons.mail.models.mail_thread"


def receive(env, to, sender, number, files=(), **headers):
    """Hand a mail to Odoo's gateway.

    :param number: its Message-Id
    :param files: (name, bytes) of its attachments
    :param headers: further ones, ``_`` for ``-``; ``html``: the text as HTML
    """
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-Id"] = sender, to, number
    mail["Subject"] = headers.pop("subject", "Price change")
    text, html = "Dear customer, see the attached file.", headers.pop("html", "")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(html or text, subtype="html" if html else "plain")
    for name, data in files:
        mail.add_attachment(
            data, maintype="application", subtype="octet-stream", filename=name
        )
    with mute_logger(ROUTE):
        env["mail.thread"].sudo().message_process(None, mail.as_bytes())


def receive_domain(env):
    """Give the current company a domain that receives mail."""
    domain = env["mail.alias.domain"].create({"name": "voip.example"})
    env.company.alias_domain_id = domain
