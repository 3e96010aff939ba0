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
    local what module class
    for what in $(test_names "$@"); do
        module=${what%%[:.]*}
        [ -e "$ROOT/addons/$module/__manifest__.py" ] || die "there is no add-on $module."
        class=$(sed -nE 's/^[^:]*:([A-Za-z_0-9]+).*/\1/p' <<<"$what")
        # Odoo runs nothing of a name that it does not know, without a word.
        [ -z "$class" ] || grep -qrE "^class $class\b" "$ROOT/addons/$module/tests" ||
            die "there is no class $class in the tests of $module."
        echo "$module"
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

# A copy that need not survive a crash.
copy_for_tests() {
    copy_db "$1" "$2"
    db_sql postgres "alter database \"$2\" set synchronous_commit = off"
}

# The add-ons in a database of their own; what their log complains of fails.
install_suite() {
    local db=$1 modules=$2
    copy_for_tests "$(template_name)" "$db"
    say "installing the add-ons, log in $STATE/install.log"
    launch_odoo -d "$db" -i "$modules" --stop-after-init --no-http --max-cron-threads=0 2>&1 |
        tee "$STATE/install.log" | "$PY" "$ROOT/tools/judge_log.py" --install >&2
}

# What many tests begin with, once; with "assets" also what browsers load.
prepare_tests() {
    local db=$1
    shift
    "$PY" "$ROOT/tools/odoo_exec.py" "$db" "$ROOT/tools/prepare_tests.py" "$@" \
        >>"$STATE/install.log" 2>&1 || die "the tests could not be prepared, see $STATE/install.log."
}

# A process of tests loads more libraries than any worker, and keeps them all.
run_odoo_tests() {
    local db=$1 tags=$2
    launch_odoo -d "$db" --test-enable --test-tags "$tags" --limit-memory-hard=$((4 << 30)) \
        --stop-after-init --max-cron-threads=0 --http-port "$(free_port)" \
        --log-handler=odoo.tests:INFO 2>&1
}

# Kills, crashes, replays and double spending, with real commits: a database of its own.
# Each fourth step is struck, from another one each time; VOIP_DRILL_EVERY=1 strikes all.
run_drills() {
    local db=voip_test_drills_$$ log=$STATE/drills.log
    : >"$log"
    say "drills in $db, log in $log"
    copy_db "$1" "$db"
    VOIP_DRILL_EVERY=${VOIP_DRILL_EVERY:-4} "$PY" "$ROOT/tools/drills/all.py" "$db" "$log" ||
        return 1
    drop_db "$db"
}

# Tests of the tags in a database, which stays where one fails.
test_in() {
    local db=$1 log=$2 tags=$3
    run_odoo_tests "$db" "$tags" | tee "$log" |
        "$PY" "$ROOT/tools/judge_log.py" "$db" || return 1
    drop_db "$db"
}

# One of two halves, in a copy of the prepared database.
test_half() {
    local base=$1 name=$2 tags=$3 db
    db=voip_test_${name}_$$
    copy_for_tests "$base" "$db"
    say "testing the $name half in $db, log in $STATE/test_$name.log"
    test_in "$db" "$STATE/test_$name.log" "$tags" >"$STATE/test_$name.out"
}

# Two halves at once; counts of both at the end.
test_all() {
    local base=$1 without='' halves half status=0
    [ "$FAST" = no ] || without=,-voip_browser
    mapfile -t halves < <("$PY" "$ROOT/tools/halves.py")
    test_half "$base" first "${halves[0]}$without" &
    half=$!
    test_half "$base" second "${halves[1]}$without" || status=1
    wait "$half" || status=1
    # What each came to is the last line of what it tells.
    head -n -1 "$STATE/test_first.out"
    head -n -1 "$STATE/test_second.out"
    tail -qn 1 "$STATE/test_first.out" "$STATE/test_second.out" |
        awk '{ passed += $1; failed += $3 } END { print passed + 0 " passed, " failed + 0 " failed" }'
    return "$status"
}

test_some() {
    local db=voip_test_$$ modules
    modules=$(test_modules "$@") || return 1
    install_suite "$db" "$modules" || return 1
    prepare_tests "$db"
    say "testing in $db, log in $STATE/test.log"
    test_in "$db" "$STATE/test.log" "$(test_tags "$@")"
}

cmd_test() {
    local base status=0
    FAST=no
    [ "${1:-}" != --fast ] || {
        FAST=yes
        shift
    }
    cmd_setup
    drop_old_test_dbs
    if [ $# != 0 ]; then
        test_some "$@"
        return
    fi
    "$PY" -m unittest discover -q "$ROOT/tools/tests" >&2 || die "the tests of tools/ failed."
    base=voip_test_base_$$
    install_suite "$base" "$(own_modules_or_die)" || status=1
    # Drills let PostgreSQL crash: nothing else may run meanwhile.
    [ "$FAST" = yes ] || run_drills "$base" || status=1
    prepare_tests "$base" assets
    test_all "$base" || status=1
    drop_db "$base"
    return "$status"
}
