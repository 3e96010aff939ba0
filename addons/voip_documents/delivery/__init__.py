"""Documents go out by mail: a queue, providers, what became of each mail.

1. pure: ``mail`` (a mail and its outcomes), ``brevo`` and ``smtp`` (the providers),
   ``timing`` (back-off, local hour), ``states``, ``webhook`` (what Brevo posts)
2. models: ``voip_delivery`` and its recipients; ``delivery_queue`` puts in,
   ``delivery_send`` takes out; ``hand_over`` lets invoices go by themselves,
   ``hand_over_reports`` statements and usage reports; ``events`` keeps what the
   provider tells afterwards; ``voip_brevo_template``: texts that are Brevo's;
   ``audited`` watches who may send in whose name
3. ``account_move``, ``res_company``, ``voip_account``: where mails begin, by whom they
   go, whom they reach; ``mailed``: records that show their mails
"""

from . import (
    res_company,
    mailed,
    voip_account,
    voip_delivery,
    voip_delivery_recipient,
    delivery_queue,
    delivery_send,
    voip_brevo_template,
    events,
    audited,
    hand_over,
    hand_over_reports,
    hand_over_statements,
    hand_over_usage,
    account_move,
)
