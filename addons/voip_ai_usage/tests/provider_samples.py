"""Records as the providers' documentation shows them, with figures worked by hand."""

import copy
from datetime import UTC, datetime, timedelta

DAY = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)

VAPI_COSTS = [
    {"type": "transport", "provider": "twilio", "minutes": 1.5, "cost": 0.012},
    {
        "type": "transcriber",
        "transcriber": {"provider": "deepgram", "model": "nova-3"},
        "minutes": 1.5,
        "cost": 0.015,
    },
    {
        "type": "model",
        "model": {
            "provider": "openai",
            "model": "gpt-4o",
            "messages": [{"role": "system", "content": "secret prompt"}],
        },
        "promptTokens": 12000,
        "cachedPromptTokens": 4000,
        "completionTokens": 500,
        "cost": 0.03,
    },
    {
        "type": "voice",
        "voice": {"provider": "11labs", "model": "eleven_turbo_v2_5"},
        "characters": 1445,
        "cost": 0.0722,
    },
    {"type": "vapi", "subType": "normal", "minutes": 1.5, "cost": 0.075},
    {
        "type": "analysis",
        "analysisType": "summary",
        "model": {"provider": "anthropic", "model": "claude-haiku"},
        "promptTokens": 900,
        "completionTokens": 60,
        "cost": 0.0004,
    },
]
VAPI_BREAKDOWN = {
    "transport": 0.012,
    "stt": 0.015,
    "llm": 0.03,
    "tts": 0.0722,
    "vapi": 0.075,
    "total": 0.2046,
    "llmPromptTokens": 12000,
    "llmCompletionTokens": 500,
    "ttsCharacters": 1445,
    "analysisCostBreakdown": {"summary": 0.0004},
}
# 229 s at 0.09 + 0.025 + 0.06 + 0.025 cents, and 393 s of a long prompt at
# 0.06: ceil(229 * 9505 / 3500) - 229.
RETELL_COST = {
    "total_duration_seconds": 229,
    "total_duration_unit_price": 0.2,
    "product_costs": [
        {"product": "retell_platform", "unit_price": 0.09, "cost": 20.61},
        {"product": "elevenlabs_tts", "unit_price": 0.025, "cost": 5.725},
        {"product": "gpt_5_1", "unit_price": 0.06, "cost": 13.74},
        {"product": "us_telephony", "unit_price": 0.025, "cost": 5.725},
        {"product": "llm_token_surcharge", "cost": 23.58},
    ],
    "combined_cost": 69.38,
}
CHARGING = {
    "tier": "pro",
    "llm_price": 0.0220345,
    "platform_price": 0.003,
    "llm_charge": 200,
    "call_charge": 120,
    "free_minutes_consumed": 0,
    "llm_usage": {
        "initiated_generation": {"model_usage": {}},
        "irreversible_generation": {
            "model_usage": {
                "claude-haiku-4-5": {
                    "input": {"tokens": 12877, "price": 0.012877},
                    "input_cache_read": {"tokens": 1000, "price": 0},
                    "input_cache_write": {
                        "tokens": 6362,
                        "price": 0.0079525,
                    },
                    "output_total": {"tokens": 241, "price": 0.001205},
                }
            }
        },
    },
}


def iso(at):
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def vapi(ref="0c1a", at=DAY, **more):
    """A call of 90 seconds: 0.2046 dollars in six parts, two models."""
    call = {
        "id": ref,
        "orgId": "org-1",
        "type": "inboundPhoneCall",
        "status": "ended",
        "createdAt": iso(at - timedelta(seconds=2)),
        "updatedAt": iso(at + timedelta(seconds=95)),
        "startedAt": iso(at),
        "endedAt": iso(at + timedelta(seconds=90)),
        "endedReason": "customer-ended-call",
        "assistantId": "assistant-1",
        "phoneNumberId": "number-1",
        "phoneCallProvider": "twilio",
        "phoneCallProviderId": f"CA-{ref}",
        "customer": {"number": "+4915112345678"},
        "transcript": "AI: Hello. User: my secret is 42.",
        "messages": [
            {"role": "tool_calls", "toolCalls": [{"function": {"name": "book"}}]},
            {"role": "user", "message": "my secret is 42"},
        ],
        "cost": 0.2046,
        "costs": VAPI_COSTS,
        "costBreakdown": VAPI_BREAKDOWN,
    }
    return {**copy.deepcopy(call), **more}


def retell(ref="call_1", at=DAY, **more):
    """A call of 229 seconds whose prompts were 2.7157 times as long as is included."""
    start = int(at.timestamp() * 1000)
    call = {
        "call_id": ref,
        "call_type": "phone_call",
        "call_status": "ended",
        "agent_id": "agent_1",
        "direction": "inbound",
        "from_number": "+4915112345678",
        "to_number": "+49305550000",
        "start_timestamp": start,
        "end_timestamp": start + 229_000,
        "duration_ms": 229_000,
        "disconnection_reason": "user_hangup",
        "transcript": "my secret is 42",
        "transcript_with_tool_calls": [
            {"role": "tool_call_invocation", "name": "book", "arguments": "{}"},
            {"role": "user", "content": "my secret is 42"},
        ],
        "telephony_identifier": {"twilio_call_sid": f"CA-{ref}"},
        "metadata": {},
        "call_cost": RETELL_COST,
        "llm_token_usage": {
            "values": [9000, 10010],
            "average": 9505,
            "num_requests": 2,
        },
    }
    return {**copy.deepcopy(call), **more}


def elevenlabs(ref="conv_1", at=DAY, **metadata):
    """A conversation of 65 seconds: 0.0250345 dollars."""
    return copy.deepcopy(
        {
            "conversation_id": ref,
            "agent_id": "agent_1",
            "status": "done",
            "transcript": [
                {"role": "agent", "tool_calls": [{"tool_name": "book"}]},
                {"role": "user", "message": "my secret is 42"},
            ],
            "metadata": {
                "start_time_unix_secs": int(at.timestamp()),
                "call_duration_secs": 65,
                "cost": 320,
                "cost_fiat": 0.0250345,
                "termination_reason": "end_call tool was called",
                "phone_call": {
                    "type": "sip_trunking",
                    "direction": "inbound",
                    "call_id": f"{ref}@sbc",
                    "call_sid": f"SIP-{ref}",
                    "phone_number_id": "phnum_1",
                    "external_number": "+4915112345678",
                },
                "charging": CHARGING,
                **metadata,
            },
            "conversation_initiation_client_data": {
                "dynamic_variables": {"user_name": "Eve"}
            },
        }
    )


def bucket(at=DAY, results=None):
    """An hour of an organization's usage, grouped by project, key and model."""
    one = {
        "object": "organization.usage.completions.result",
        "input_tokens": 5000,
        "input_cached_tokens": 4000,
        "input_uncached_tokens": 1000,
        "input_audio_tokens": 300,
        "input_cached_audio_tokens": 200,
        "output_tokens": 1000,
        "output_audio_tokens": 100,
        "num_model_requests": 5,
        "project_id": "proj_1",
        "user_id": None,
        "api_key_id": "key_1",
        "model": "gpt-realtime-2025-08-28",
        "batch": None,
    }
    start = int(at.timestamp())
    return {
        "object": "bucket",
        "start_time": start,
        "end_time": start + 3600,
        "results": [one] if results is None else results,
    }


def costs(at=DAY, lines=(("gpt-realtime, input", 0.06), ("credit", "-0.01"))):
    """A day of an organization's costs, grouped by the lines of its invoice."""
    start = int(at.replace(hour=0, minute=0, second=0).timestamp())
    return {
        "object": "bucket",
        "start_time": start,
        "end_time": start + 86400,
        "results": [
            {
                "object": "organization.costs.result",
                "amount": {"value": value, "currency": "usd"},
                "line_item": name,
                "project_id": None,
            }
            for name, value in lines
        ],
    }
