#!/usr/bin/env bash
# Add what is secret or belongs to this installation to the configuration, in a
# file that only this container's user can read, then start Odoo.
#   voip-entrypoint install     install the add-ons into the empty database, once
#   voip-entrypoint OPTIONS     serve
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
    grep -v '^\[options\]' "${ODOO_RC:-/etc/odoo/odoo.conf}"
} >"$conf"
export ODOO_RC=$conf
unset PASSWORD ODOO_ADMIN_PASSWD

# The add-ons of the image, comma separated.
own_modules() {
    local manifest dir
    dir=$(sed -n 's/^addons_path *= *//p' "$conf" | cut -d, -f1)
    for manifest in "$dir"/*/__manifest__.py; do basename "$(dirname "$manifest")"; done |
        sort | paste -sd, -
}

# Odoo makes its first user with the password "admin"; the mark is set with the new one.
MARK=voip.first_start
is_installed() {
    odoo shell --no-http --log-level=critical 2>/dev/null <<PYTHON | grep -q '^installed$'
modules = env["ir.module.module"].search([("name", "in", "$1".split(","))])
whole = len(modules) == len("$1".split(",")) and set(modules.mapped("state")) == {"installed"}
if whole and env["ir.config_parameter"].get_param("$MARK"):
    print("installed")
PYTHON
}

install() {
    local modules
    : "${VOIP_ADMIN_PASSWORD:?}"
    modules=$(own_modules)
    if is_installed "$modules"; then
        echo "the add-ons are installed"
        return
    fi
    odoo -i "$modules" --stop-after-init --no-http --max-cron-threads=0 --workers=0
    odoo shell --no-http --log-level=warn <<PYTHON
import os
if not env["ir.config_parameter"].get_param("$MARK"):
    env.ref("base.user_admin").password = os.environ["VOIP_ADMIN_PASSWORD"]
    env["ir.config_parameter"].set_param("$MARK", "done")
    env.cr.commit()
PYTHON
    is_installed "$modules"
}

if [ "${1:-}" = install ]; then
    install
else
    exec odoo "$@"
fi
