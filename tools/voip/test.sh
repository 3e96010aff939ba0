# Tests: on a copy of the template, with the project's add-ons installed anew.

# What the arguments name, one a line: they may be joined by commas.
test_names() {
    (IFS=, && echo "$*") | tr , '\n' | sed 's|^/||'
}

test_tags() {
    local what list=()
    for what in $(test_names "$@"); do
        list+=("/$what")
    done
    [ "$FAST" = no ] || list+=(-voip_browser)
    (IFS=, && echo "${list[*]}")
}

# Modules that the arguments name: module or /module:Class.test.
test_modules() {
    local what
    for what in $(test_names "$@"); do
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
    for name in $(db_sql postgres "select datname from pg_database where datname ~ '^voip_test_([a-z]+_)?[0-9]+$'"); do
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
# Each fourth step is struck, from another one each time; VOIP_DRILL_EVERY=1 strikes all.
run_drills() {
    local db=voip_test_drills_$$ log=$STATE/drills.log
    : >"$log"
    say "drills in $db, log in $log"
    copy_db "$(template_name)" "$db"
    launch_odoo -d "$db" -i "$1" --stop-after-init --no-http --max-cron-threads=0 \
        >>"$log" 2>&1 || die "the add-ons could not be installed, see $log."
    VOIP_DRILL_EVERY=${VOIP_DRILL_EVERY:-4} "$PY" "$ROOT/tools/drills/all.py" "$db" "$log" ||
        return 1
    drop_db "$db"
}

# Tests of the tags in a database of its own, which stays where one fails.
test_in() {
    local db=$1 log=$2 modules=$3 tags=$4
    copy_db "$(template_name)" "$db"
    db_sql postgres "alter database \"$db\" set synchronous_commit = off"
    say "testing $tags in $db, log in $log"
    run_odoo_tests "$db" "$modules" "$tags" | tee "$log" |
        "$PY" "$ROOT/tools/judge_log.py" "$db" || return 1
    drop_db "$db"
}

# Add-ons by the length of their tests, the longest first.
by_length() {
    local name
    for name in $(echo "$1" | tr , ' '); do
        echo "$(cat "$ROOT/addons/$name"/tests/*.py | wc -l) $name"
    done | sort -rn | cut -d' ' -f2
}

# Two halves at once, each with all add-ons in its database; counts of both at the end.
test_all() {
    local modules=$1 names half status=0
    mapfile -t names < <(by_length "$modules")
    test_in "voip_test_first_$$" "$STATE/test_first.log" "$modules" \
        "$(test_tags "${names[0]}")" >"$STATE/test_first.out" &
    half=$!
    test_in "voip_test_second_$$" "$STATE/test_second.log" "$modules" \
        "$(test_tags "${names[@]:1}")" >"$STATE/test_second.out" || status=1
    wait "$half" || status=1
    # What each came to is the last line of what it tells.
    head -n -1 "$STATE/test_first.out"
    head -n -1 "$STATE/test_second.out"
    tail -qn 1 "$STATE/test_first.out" "$STATE/test_second.out" |
        awk '{ passed += $1; failed += $3 } END { print passed + 0 " passed, " failed + 0 " failed" }'
    return "$status"
}

cmd_test() {
    local modules status=0
    FAST=no
    [ "${1:-}" != --fast ] || {
        FAST=yes
        shift
    }
    cmd_setup
    drop_old_test_dbs
    if [ $# != 0 ]; then
        modules=$(test_modules "$@")
        test_in "voip_test_$$" "$STATE/test.log" "$modules" "$(test_tags "$@")"
        return
    fi
    "$PY" -m unittest discover -q "$ROOT/tools/tests" >&2 || die "the tests of tools/ failed."
    modules=$(own_modules_or_die)
    # Drills let PostgreSQL crash: nothing else may run meanwhile.
    [ "$FAST" = yes ] || run_drills "$modules" || status=1
    test_all "$modules" || status=1
    return "$status"
}
