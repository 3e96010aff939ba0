"""Any SMTP server.

SMTP has no question "did you get this?". What breaks before the text is handed over
was not sent; what breaks after it is not known, and a person decides.
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, formataddr, localtime

from odoo.tools import html2plaintext

from .mail import Accepted, Away, Refused, Unsure

# Bodies that any server takes, whatever it announces.
POLICY = SMTP_POLICY.clone(cte_type="7bit")


class Smtp:
    """A server that ``connect`` gives a session of.

    :param connect: callable, returns an :class:`smtplib.SMTP`
    """

    can_ask = False

    def __init__(self, connect):
        self._connect = connect

    def send(self, mail):
        """Hand a mail over.

        :return: :class:`Accepted`
        :raises Refused, Away, Unsure: see there
        """
        try:
            message = message_of(mail)
            content = message.as_bytes(policy=POLICY)
        except ValueError as error:
            raise Refused("an address or a heading cannot be written") from error
        session = self._session()
        try:
            refused = _envelope(session, mail)
            _hand_over(session, content)
        finally:
            _leave(session)
        return Accepted(message["Message-ID"], refused)

    def _session(self):
        try:
            session = self._connect()
            session.ehlo_or_helo_if_needed()
            return session
        except smtplib.SMTPAuthenticationError as error:
            raise Away(f"{error.smtp_code} wrong user or password") from error
        except smtplib.SMTPNotSupportedError as error:
            # STARTTLS or a login that the server does not offer.
            raise Away(str(error)) from error
        except smtplib.SMTPResponseException as error:
            raise Away(_reason(error.smtp_code, error.smtp_error)) from error
        except ssl.SSLError as error:
            reason = error.reason or "no TLS"
            raise Away(f"the connection cannot be encrypted: {reason}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Away("no connection to the mail server") from error


def message_of(mail):
    """The mail as a message; its Message-ID is made of the key."""
    message = EmailMessage(policy=POLICY)
    message["Message-ID"] = f"<{mail.key}@{mail.sender[1].rpartition('@')[2]}>"
    message["Date"] = format_datetime(localtime())
    message["From"] = formataddr(mail.sender)
    message["To"] = ", ".join(formataddr(person) for person in mail.to)
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"
    # Both, as filters of spam and readers of plain text want it.
    message.set_content(html2plaintext(mail.html))
    message.add_alternative(mail.html, subtype="html")
    for name, kind, content in mail.files:
        main, _slash, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def _envelope(session, mail):
    """Name sender and recipients; {address that was refused for good: why}."""
    refused, later = {}, None
    try:
        _expect(session.mail(mail.sender[1]))
        for _name, address in mail.to:
            code, text = session.rcpt(address)
            if code >= 500:
                refused[address] = _reason(code, text)
            elif code not in (250, 251):
                later = _reason(code, text)
    except (OSError, smtplib.SMTPException) as error:
        raise Away("the connection broke before the mail") from error
    if later:
        # One server takes all of a mail's recipients or is asked again.
        raise Away(later)
    if len(refused) == len(mail.to):
        raise Refused("; ".join(refused.values()))
    return refused


def _hand_over(session, content):
    try:
        answer = session.data(content)
    except smtplib.SMTPDataError as error:
        answer = error.smtp_code, error.smtp_error
    except (OSError, smtplib.SMTPException) as error:
        raise Unsure("the connection broke within the mail") from error
    _expect(answer)


def _expect(answer):
    code, text = answer
    if code >= 500:
        raise Refused(_reason(code, text))
    if not 200 <= code < 300:
        raise Away(_reason(code, text))


def _reason(code, text):
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return f"{code} {' '.join(text.split())}"[:500]


def _leave(session):
    """Say goodbye; what was accepted stays so, whatever the answer."""
    try:
        session.quit()
    except (OSError, smtplib.SMTPException):
        session.close()
