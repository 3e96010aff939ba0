#!/usr/bin/env bash
# Fetch the calls of a day from Twilio and post them: run it each hour for today and each
# night for the day before. What was sent before is a duplicate, not charged twice.
#   TWILIO_SID, TWILIO_TOKEN   account and its token
#   VOIP_URL                   https://billing.example.com/voip/cdr/SWITCH/twilio
#   VOIP_KEY                   the switch's API key
set -euo pipefail
day=${1:-$(date -u +%F)}
next=$(date -u -d "$day + 1 day" +%F)
page="/2010-04-01/Accounts/$TWILIO_SID/Calls.json?PageSize=1000"
page+="&StartTime%3E=$day&StartTime%3C=$next"
while [ -n "$page" ]; do
    answer=$(curl -fsS -u "$TWILIO_SID:$TWILIO_TOKEN" "https://api.twilio.com$page")
    # Calls that still go on are left to the next run.
    jq '[.calls[] | select(.end_time != null)]' <<<"$answer" |
        curl -fsS --retry 5 -H "Authorization: Bearer $VOIP_KEY" \
            -H "Content-Type: application/json" --data-binary @- "$VOIP_URL"
    page=$(jq -r '.next_page_uri // ""' <<<"$answer")
done
