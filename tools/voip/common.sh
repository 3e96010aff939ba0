# Shared by every command: paths, messages, locks.  Sourced by ./voip.

STATE=$(realpath -m "${VOIP_STATE:-$ROOT/.voip}")
VENV=$STATE/venv
PY=$VENV/bin/python
CONF=$STATE/odoo.conf
DEMO_DB=voip_demo
CORE_MODULES=account,account_payment,base,mail,payment,payment_demo,portal,queue_job,web

say() { printf '%s\n' "==> $*" >&2; }

die() {
    printf '%s\n' "voip: $*" >&2
    exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

have() { command -v "$1" >/dev/null 2>&1; }

hash_of() { cat "$@" | sha256sum | cut -c1-12; }

# The stamp of a step names what it was made from; it is written last.
fresh() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

stamp() {
    printf '%s\n' "$2" >"$1.tmp"
    mv "$1.tmp" "$1"
}

# One setup at a time: a second ./voip waits for the first.
lock_state() {
    mkdir -p "$STATE" 2>/dev/null || true
    [ -w "$STATE" ] || die "$STATE belongs to someone else: set VOIP_STATE to a folder of your own."
    exec 9>"$STATE/lock"
    flock -n 9 || {
        say "waiting for another ./voip"
        flock 9
    }
}

unlock_state() { exec 9>&-; }

# Add-ons of this project, comma separated.
own_modules() {
    local manifest
    for manifest in "$ROOT"/addons/*/__manifest__.py; do
        [ -e "$manifest" ] && basename "$(dirname "$manifest")"
    done | sort | paste -sd, -
}
