"""Shipped event types learn what invoices book them by; what staff chose stays."""

import json

MODULE = "voip_billing_base"
SERVICES = {
    "sms_outbound": "service_sms",
    "sms_inbound": "service_sms",
    "mms_outbound": "service_mms",
    "mms_inbound": "service_mms",
    "ai_message": "service_ai_tokens",
    "ai_tokens": "service_ai_tokens",
    "lrn_query": "service_lrn",
    "cnam_query": "service_cnam",
}
OTHER = "service_event"
SERVICE_SQL = """
UPDATE voip_usage_event_type t SET service_id = s.res_id
  FROM ir_model_data d, ir_model_data s
 WHERE d.module = %(module)s AND d.model = 'voip.usage.event.type'
   AND d.res_id = t.id AND t.service_id IS NULL
   AND s.module = %(module)s AND s.model = 'voip.service'
   AND s.name = COALESCE(%(services)s::jsonb ->> t.code, %(other)s)
"""


def migrate(cr, version):
    values = {"module": MODULE, "services": json.dumps(SERVICES), "other": OTHER}
    cr.execute(SERVICE_SQL, values)
