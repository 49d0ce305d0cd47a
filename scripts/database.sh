# shellcheck shell=bash
# Databases are cloned, never built twice: `base…` has Odoo and all that the addon depends on,
# `addon…` is a clone of it with the addon. Their names end in a hash of what they were made from.

data_dir() { echo "$RUN/data/$CLUSTER"; }
sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }
has_database() { [ -n "$(sql -c "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; }

drop_database() {
    PGOPTIONS=--client-min-messages=warning dropdb --if-exists --force "$1"
    rm -rf "$(data_dir)/filestore/$1"
}

# Attachments are immutable files named by their content: hard links make the copy free.
clone_database() {
    local store
    store=$(data_dir)/filestore
    drop_database "$2"
    createdb --template "$1" "$2"
    [ ! -d "$store/$1" ] || cp -al "$store/$1" "$store/$2"
}

rename_database() {
    local store
    store=$(data_dir)/filestore
    drop_database "$2"
    sql -c "ALTER DATABASE \"$1\" RENAME TO \"$2\""
    [ ! -d "$store/$1" ] || mv "$store/$1" "$store/$2"
}

addon_depends() {
    "$VENV/bin/python" -c '
import ast, sys
manifest = ast.literal_eval(open(sys.argv[1]).read())
print(",".join(sorted(manifest["depends"])))' "$ROOT/__manifest__.py" ||
        die 'the manifest cannot be read: __manifest__.py'
}

base_hash() {
    { addon_depends && echo "$LANGUAGES" && cat "$RUN/stamps/python" && odoo_site && cat "$RUN/stamps/odoo" 2>/dev/null; } | hash_of
}

# What the server loads: all files but those of tests, documents and tools.
addon_hash() {
    (cd "$ROOT" && base_hash && find . -type d \( -path './.*' -o -path ./tests -o -path ./docs \
        -o -path ./benchmarks -o -path ./scripts -o -name node_modules -o -name __pycache__ \) -prune \
        -o -type f ! -path './.*' ! -path ./dev ! -name '*.md' ! -name '*.pot' ! -name '*.pyc' \
        ! -path './requirements*.txt' ! -path ./pyproject.toml -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum) | hash_of
}

# odoo_job LOG DATABASE ARGS…: Odoo installs or updates, and ends. An error in its log is a failure:
# Odoo itself goes on after a few of them, such as a view that does not load.
odoo_job() {
    local log=$RUN/log/$1.log database=$2
    shift 2
    mkdir -p "$RUN/log"
    if ! odoo -d "$database" --no-http --stop-after-init "$@" >"$log" 2>&1 </dev/null 9>&- ||
        grep -qE '^[0-9-]{10} [0-9:,]+ [0-9]+ (ERROR|CRITICAL)' "$log"; then
        grep -E -A 25 ' (ERROR|CRITICAL) |^Traceback' "$log" | head -n 60 >&2
        die "Odoo could not install or update the addon." "Full log: ${log#"$ROOT"/}"
    fi
}

# build_database NAME TEMPLATE ARGS…: all or nothing, so a database of that name is a whole one.
build_database() {
    local name=$1 template=$2
    shift 2
    clone_database "$template" "$name.new"
    odoo_job "build-$CLUSTER-${name%_*}" "$name.new" "$@"
    rename_database "$name.new" "$name"
}

# Compiled once in the template: no page of a browser test has to wait for it, nor two at once.
compile_assets() {
    local script='env["ir.qweb"]._pregenerate_assets_bundles(); env.cr.commit()'
    odoo shell -d "$1" --no-http >"$RUN/log/assets.log" 2>&1 9>&- <<<"$script" ||
        die 'Odoo could not compile the pages.' "Full log: .run/log/assets.log"
}

# Templates of former states: keep the newest three of a kind, others may just have been asked for.
drop_old_templates() {
    local name
    sql -c "SELECT datname FROM pg_database WHERE datname ~ '^$1_[0-9a-f]{16}$' ORDER BY oid DESC OFFSET 3" |
        while read -r name; do drop_database "$name"; done
}

ensure_base() {
    has_database "$1" && return
    say "Installing Odoo's modules in a base database (once)"
    need_disk 1500 'databases'
    build_database "$1" template0 -i "$(addon_depends)" --load-language="$LANGUAGES" "${@:2}"
    drop_old_templates "${1%_*}"
}

ensure_template() {
    local kind=$1 base demo=()
    has_database "$2" && return
    [ "$kind" = plain ] || demo=(--with-demo)
    base=base_${kind}_$(base_hash)
    ensure_base "$base" "${demo[@]}"
    say "Installing the addon ($kind)"
    build_database "$2" "$base" -i "$ADDON" "${demo[@]}"
    compile_assets "$2"
    drop_old_templates "${2%_*}"
}

# use_template plain|demo: sets TEMPLATE to a database with the addon in its present state.
use_template() {
    TEMPLATE=addon_$1_$(addon_hash)
    locked "db-$CLUSTER" ensure_template "$1" "$TEMPLATE"
}
