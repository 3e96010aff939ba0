# The commands of ./voip, but for test and lint.

# Where the server and the configuration are, once all is set up.
connect() {
    ensure_pg
    export ODOO_RC=$CONF
}

cmd_setup() {
    lock_state
    ensure_system
    ensure_python_version
    ensure_odoo
    ensure_venv
    ensure_pg
    write_conf
    export ODOO_RC=$CONF
    ensure_template
    unlock_state
    say "ready"
}

own_modules_or_die() {
    local modules
    modules=$(own_modules)
    [ -n "$modules" ] || die "there is no add-on in addons/."
    echo "$modules"
}

cmd_demo() {
    local log=$STATE/demo.log modules new=${DEMO_DB}_new
    cmd_setup
    modules=$(own_modules_or_die)
    [ -e "$ROOT/tools/demo/story.py" ] || die "tools/demo/story.py is missing."
    say "installing $modules into $DEMO_DB"
    copy_db "$(template_name)" "$new"
    launch_odoo -d "$new" -i "$modules" --stop-after-init --no-http --max-cron-threads=0 \
        >"$log" 2>&1 || die "the add-ons could not be installed, see $log."
    say "telling the story"
    "$PY" "$ROOT/tools/odoo_exec.py" "$new" "$ROOT/tools/demo/story.py" 2>>"$log" ||
        die "the story failed, see $log."
    drop_db "$DEMO_DB"
    rename_db "$new" "$DEMO_DB"
    say "ready: ./voip run, then http://127.0.0.1:${VOIP_PORT:-8069}"
}

# Not taken by another program, or Odoo ends in a traceback.
port_free_or_die() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null ||
        die "port $1 is taken: set VOIP_PORT to another one."
}

# Where wkhtmltopdf fetches the style sheets of an invoice.
set_report_url() {
    db_sql "$DEMO_DB" "insert into ir_config_parameter (key, value)
        values ('report.url', 'http://127.0.0.1:$1')
        on conflict (key) do update set value = excluded.value"
}

before_run() {
    cmd_setup
    db_exists "$DEMO_DB" || cmd_demo
}

before_psql() { cmd_setup; }

before_shell() { cmd_setup; }

# Threads, not workers: those leave the browser's web socket to a second port. Times as in
# production: Odoo's two minutes cut the download of millions of calls.
cmd_run() {
    local port=${VOIP_PORT:-8069}
    connect
    port_free_or_die "$port"
    set_report_url "$port"
    say "http://127.0.0.1:$port (Ctrl-C stops it)"
    exec "$PY" "$ROOT/tools/odoo_launcher.py" -c "$CONF" -d "$DEMO_DB" \
        --db-filter "^$DEMO_DB\$" --http-port "$port" --workers=0 --max-cron-threads=1 \
        --limit-time-cpu=600 --limit-time-real=900 \
        --load base,rpc,web,queue_job,voip_http "$@"
}

cmd_check() {
    local db=$DEMO_DB word words=()
    for word; do
        case $word in
            --full) words+=("$word") ;;
            -*) die "check knows --full only, not $word." ;;
            *) db=$word ;;
        esac
    done
    cmd_setup
    db_exists "$db" || die "there is no database $db: run ./voip demo."
    "$PY" "$ROOT/tools/odoo_exec.py" "$db" "$ROOT/tools/check.py" "${words[@]}"
}

cmd_bench() {
    local script scripts=("$ROOT"/bench/*.py)
    case ${1:-} in
        '' | -*) [ -e "${scripts[0]}" ] || die "there is no benchmark in bench/." ;;
        *)
            scripts=("$ROOT/bench/$1.py")
            [ -e "${scripts[0]}" ] || scripts=("$ROOT/bench/$1_run.py")
            [ -e "${scripts[0]}" ] || die "there is no benchmark bench/$1.py."
            shift
            ;;
    esac
    cmd_setup
    for script in "${scripts[@]}"; do
        grep -q '^def main' "$script" || continue
        say "bench $(basename "$script" .py)"
        VOIP_ROOT=$ROOT "$PY" "$script" "$@"
    done
}

find_psql() {
    if [ -x "${PGBIN:-}/psql" ]; then
        echo "$PGBIN/psql"
    else
        command -v psql || die "psql is missing: install postgresql-client."
    fi
}

cmd_psql() {
    local psql
    connect
    psql=$(find_psql)
    PGDATABASE=$DEMO_DB exec "$psql" "$@"
}

cmd_shell() {
    connect
    exec "$PY" "$ROOT/tools/odoo_launcher.py" shell -c "$CONF" -d "${1:-$DEMO_DB}" --no-http
}

# With PGHOST the server is someone else's: only the databases made here go.
drop_own_databases() {
    local name
    for name in $(db_sql postgres "select datname from pg_database
            where datname like 'tpl\_base\_%' or datname like 'voip\_test%'
               or datname in ('$DEMO_DB', '${DEMO_DB}_new')"); do
        drop_db "$name"
    done
}

cmd_clean() {
    local answer=no own_home
    if [ "${1:-}" = --yes ]; then answer=yes; else
        read -r -p "Drop the project's databases and $STATE? [yes/no] " answer || true
    fi
    [ "$answer" = yes ] || die "nothing was removed."
    if [ -n "${PGHOST:-}" ]; then
        [ ! -x "$PY" ] || { ensure_pg && drop_own_databases; }
    else
        own_home=$(pg_home)
        stop_pg
        rm -rf "$own_home" "$(pg_socket_dir)"
    fi
    rm -rf "$STATE"
    say "clean"
}
