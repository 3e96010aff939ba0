"""What Twilio and SendGrid post: signatures, and bodies to usage events.

Twilio: "Validating Requests" of its Security page; SendGrid: "Event Webhook Security
Features" of its documentation. No clock, no database.
"""

import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from datetime import UTC, datetime
from hashlib import sha1

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

OLDEST_SECONDS = 86_400  # as long as SendGrid tries again
FUTURE_SECONDS = 600
MOST_EVENTS = 10_000
# A message is told of several times; it counts when it has left, or has arrived.
SENT = ("sent", "delivered")
RECEIVED = ("received", "receiving")


class BadPost(ValueError):
    """A body that is not what its sender should post; the message is for staff."""


def twilio_signature(token, url, fields):
    """X-Twilio-Signature of a posted form.

    :param str token: auth token of the account
    :param str url: address that was posted to, with its query
    :param fields: [(name, value)]
    """
    told = url + "".join(name + value for name, value in sorted(set(fields)))
    return b64encode(hmac.new(token.encode(), told.encode(), sha1).digest()).decode()


def is_from_twilio(token, url, fields, signature):
    """Whether the holder of ``token`` signed the post; False where any is empty."""
    if not (token and signature):
        return False
    wanted = twilio_signature(token, url, fields)
    return hmac.compare_digest(wanted.encode(), signature.encode())


def public_key(text):
    """The key that SendGrid shows as its verification key.

    :raises BadPost: it is none
    """
    try:
        key = load_der_public_key(b64decode(text.strip(), validate=True))
    except (BadBase64, ValueError, UnsupportedAlgorithm) as error:
        raise BadPost("This is no verification key as SendGrid shows it.") from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise BadPost("A verification key of SendGrid is an elliptic curve's.")
    return key


def is_from_sendgrid(key, timestamp, body, signature, now):
    """Whether SendGrid signed the body, and lately.

    :param str key: verification key
    :param str timestamp, signature: of the headers
    :param bytes body: as it came
    :param float now: seconds since 1970
    """
    if not (key and timestamp and signature and timestamp.isascii()):
        return False
    if not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if not -FUTURE_SECONDS <= now - int(timestamp) <= OLDEST_SECONDS:
        return False
    try:
        told = timestamp.encode() + body
        signed = b64decode(signature, validate=True)
        public_key(key).verify(signed, told, ECDSA(SHA256()))
    except (BadPost, BadBase64, ValueError, InvalidSignature):
        return False
    return True


def twilio_events(fields, account, now):
    """Usage events (at most one) of a status callback or an incoming message.

    :param dict fields: of the form
    :param str account: code of the account
    :param datetime now: UTC without zone, because Twilio tells no time
    """
    message = fields.get("MessageSid") or fields.get("SmsSid")
    if not message:
        raise BadPost("MessageSid is missing: this is no post about a message.")
    status = fields.get("MessageStatus") or fields.get("SmsStatus") or ""
    inbound = status in RECEIVED
    if not inbound and status not in SENT:
        return []
    way = "inbound" if inbound else "outbound"
    media = _count(fields.get("NumMedia"), 0) > 0 or message.startswith("MM")
    other = fields.get("From" if inbound else "To") or ""
    return [
        {
            "event_id": message,
            "account": account,
            "event_type": f"{'mms' if media else 'sms'}_{way}",
            "units": max(1, 1 if media else _count(fields.get("NumSegments"), 1)),
            "occurred_at": now.replace(tzinfo=UTC).isoformat(),
            "metadata": {"to": other, "carrier": "twilio"},
        }
    ]


def _count(text, otherwise):
    """Of more digits than any number of units has the first ones: they are refused."""
    if not (text and text.isascii() and text.isdigit()):
        return otherwise
    return int(text[:12])


def sendgrid_events(body, account):
    """Usage events of the e-mails that SendGrid has taken (``processed``).

    :param bytes body: JSON
    :param str account: code of the account; an e-mail's custom argument ``account``
        names another one
    """
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadPost("The body is no JSON.") from error
    if not isinstance(listed, list) or len(listed) > MOST_EVENTS:
        raise BadPost(f"The body is no list of at most {MOST_EVENTS:,} events.")
    return [
        {
            "event_id": one.get("sg_event_id"),
            "account": one.get("account") or account,
            "event_type": "email_sent",
            "units": 1,
            "occurred_at": _moment(one.get("timestamp")),
            "metadata": {"message": str(one.get("sg_message_id") or "")[:200]},
        }
        for one in listed
        if isinstance(one, dict) and one.get("event") == "processed"
    ]


def _moment(seconds):
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return seconds
