# Tests: on a copy of the template, with the project's add-ons installed anew.

test_tags() {
    local what list=()
    for what; do
        case $what in
            /*) list+=("$what") ;;
            *) list+=("/$what") ;;
        esac
    done
    [ "$FAST" = no ] || list+=(-voip_browser)
    (IFS=, && echo "${list[*]}")
}

# Modules that the arguments name: module or /module:Class.test.
test_modules() {
    local what
    for what; do
        what=${what#/}
        what=${what%%[:.]*}
        [ -e "$ROOT/addons/$what/__manifest__.py" ] || die "there is no add-on $what."
        echo "$what"
    done | sort -u | paste -sd, -
}

free_port() {
    "$PY" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Databases of failed runs are kept until the next run.
drop_old_test_dbs() {
    local name
    for name in $(db_sql postgres "select datname from pg_database where datname ~ '^voip_test_(drills_)?[0-9]+$'"); do
        kill -0 "${name##*_}" 2>/dev/null || drop_db "$name"
    done
}

run_odoo_tests() {
    local db=$1 modules=$2 tags=$3
    launch_odoo -d "$db" -i "$modules" --test-enable --test-tags "$tags" \
        --stop-after-init --max-cron-threads=0 --http-port "$(free_port)" \
        --log-handler=odoo.tests:INFO 2>&1
}

# Kills, crashes, replays and double spending, with real commits: a database of its own.
run_drills() {
    local db=voip_test_drills_$$ log=$STATE/drills.log
    : >"$log"
    say "drills in $db, log in $log"
    copy_db "$(template_name)" "$db"
    launch_odoo -d "$db" -i "$1" --stop-after-init --no-http --max-cron-threads=0 \
        >>"$log" 2>&1 || die "the add-ons could not be installed, see $log."
    "$PY" "$ROOT/tools/drills/all.py" "$db" "$log" || return 1
    drop_db "$db"
}

cmd_test() {
    local modules tags db log status=0
    FAST=no
    [ "${1:-}" != --fast ] || {
        FAST=yes
        shift
    }
    cmd_setup
    if [ $# = 0 ]; then
        "$PY" -m unittest discover -q "$ROOT/tools/tests" >&2 || die "the tests of tools/ failed."
        modules=$(own_modules_or_die)
        # shellcheck disable=SC2046,SC2086 # a list of words
        tags=$(test_tags $(echo "$modules" | tr , ' '))
        [ "$FAST" = yes ] || run_drills "$modules" || status=1
    else
        modules=$(test_modules "$@")
        tags=$(test_tags "$@")
    fi
    db=voip_test_$$
    log=$STATE/test.log
    drop_old_test_dbs
    copy_db "$(template_name)" "$db"
    db_sql postgres "alter database \"$db\" set synchronous_commit = off"
    say "testing $tags in $db, log in $log"
    run_odoo_tests "$db" "$modules" "$tags" | tee "$log" |
        "$PY" "$ROOT/tools/judge_log.py" "$db" || status=1
    [ "$status" != 0 ] || drop_db "$db"
    return "$status"
}
