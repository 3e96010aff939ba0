#!/usr/bin/env bash
# Add what is secret or belongs to this installation to the configuration, in a
# file that only this container's user can read, then start Odoo.
set -euo pipefail

: "${HOST:?}" "${USER:?}" "${PASSWORD:?}" "${ODOO_ADMIN_PASSWD:?}" "${VOIP_DATABASE:?}"

umask 077
conf=$(mktemp)
# The section [options] ends before [queue_job]: these keys go to its top.
{
    echo '[options]'
    echo "admin_passwd = $ODOO_ADMIN_PASSWD"
    echo "db_host = $HOST"
    echo "db_port = ${PORT:-5432}"
    echo "db_user = $USER"
    echo "db_password = $PASSWORD"
    echo "db_name = $VOIP_DATABASE"
    echo "dbfilter = ^${VOIP_DATABASE}\$"
    grep -v '^\[options\]' /etc/odoo/odoo.conf
} >"$conf"
export ODOO_RC=$conf
unset PASSWORD ODOO_ADMIN_PASSWD

exec odoo "$@"
