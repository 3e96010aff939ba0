#!/usr/bin/env bash
# Export a day of Kamailio's tables as CSV with a first line, for the watched folder.
#   VOIP_FOLDER   where the watched folder is mounted, or is fetched from by SFTP
set -euo pipefail
day=${1:-$(date -u -d yesterday +%F)}
columns=method,from_tag,to_tag,callid,sip_code,sip_reason,time,src_user,src_ip,dst_user
columns+=,auth_user,account
file=$VOIP_FOLDER/acc-$day.csv
rows() {
    # An INVITE of the day, and its BYE even if that came the day after.
    mysql -B kamailio -e "SELECT $columns FROM acc WHERE callid IN
        (SELECT callid FROM acc WHERE method = 'INVITE' AND DATE(time) = '$day')
        UNION ALL SELECT $columns FROM missed_calls WHERE DATE(time) = '$day'"
}
rows >"$file.part"
mv "$file.part" "$file"
