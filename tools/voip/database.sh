# Databases: SQL through the driver of the virtual environment, so that no
# PostgreSQL client is needed; the template that the others are copies of.

db_sql() { "$PY" "$ROOT/tools/sql.py" "$@"; }

db_exists() {
    [ "$(db_sql postgres "select 1 from pg_database where datname = '$1'")" = 1 ]
}

# With what lies beside it: its watched folders and its attachments.
drop_db() {
    db_sql postgres "drop database if exists \"$1\" with (force)"
    rm -rf "$STATE/data/voip_inbox/${1:?}" "$STATE/data/filestore/${1:?}"
}

rename_db() {
    local kept
    db_sql postgres "alter database \"$1\" rename to \"$2\""
    for kept in voip_inbox filestore; do
        [ ! -e "$STATE/data/$kept/$1" ] || mv "$STATE/data/$kept/$1" "$STATE/data/$kept/$2"
    done
}

copy_db() {
    drop_db "$2"
    db_sql postgres "create database \"$2\" template \"$1\""
    # A copy has none of its template's settings.
    db_sql postgres "alter database \"$2\" set jit = off"
}

write_conf() {
    local addons=
    [ -z "$(own_modules)" ] || addons="addons_path = $ROOT/addons"
    mkdir -p "$STATE/data"
    cat >"$CONF.tmp" <<CONF
[options]
$addons
data_dir = $STATE/data
db_host = $PGHOST
db_port = ${PGPORT:-5432}
db_user = $PGUSER
db_maxconn = 32
http_interface = 127.0.0.1
list_db = False
without_demo = True
CONF
    mv "$CONF.tmp" "$CONF"
}

launch_odoo() { "$PY" "$ROOT/tools/odoo_launcher.py" -c "$CONF" "$@"; }

template_name() {
    local key
    key=$(printf '%s %s %s' "$(odoo_version)" "$CORE_MODULES" \
        "$(hash_of "$ROOT/requirements.txt" "$ROOT/tools/prepare_template.py")")
    echo "tpl_base_$(printf %s "$key" | sha256sum | cut -c1-10)"
}

ensure_template() {
    local name new log=$STATE/template.log
    name=$(template_name)
    db_exists "$name" && return
    new=${name}_new
    say "building the template database (two minutes)"
    drop_db "$new"
    db_sql postgres "create database \"$new\" template template0 encoding 'UTF8'"
    db_sql postgres "alter database \"$new\" set synchronous_commit = off"
    launch_odoo -d "$new" -i "$CORE_MODULES" --stop-after-init --no-http \
        --max-cron-threads=0 >"$log" 2>&1 || die "Odoo could not be installed, see $log."
    "$PY" "$ROOT/tools/odoo_exec.py" "$new" "$ROOT/tools/prepare_template.py" >>"$log" 2>&1 ||
        die "the template could not be prepared, see $log."
    db_sql postgres "alter database \"$new\" reset synchronous_commit"
    rename_db "$new" "$name"
}
