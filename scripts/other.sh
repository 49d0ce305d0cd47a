# shellcheck shell=bash
# ./dev bench, db, env and clean

# Benchmarks make their own databases: cloned from $DEV_TEMPLATE, on the durable cluster.
cmd_bench() {
    [ -f "$ROOT/benchmarks/run.py" ] || die 'there are no benchmarks: benchmarks/run.py is missing.'
    setup_all
    use_cluster durable
    use_template plain
    export DEV_TEMPLATE=$TEMPLATE
    cd "$ROOT"
    exec "$VENV/bin/python" benchmarks/run.py "$@"
}

# ./dev db NAME [--demo]: a scratch database with the addon, to try things out in.
cmd_db() {
    local kind=plain
    [[ ${1:-} =~ ^[a-z][a-z0-9_]*$ ]] || die 'usage: ./dev db NAME [--demo]'
    [ "${2:-}" != --demo ] || kind=demo
    setup_all
    use_cluster test
    use_template "$kind"
    clone_database "$TEMPLATE" "$1"
    echo "Database $1 is ready. For instance:"
    echo "  ./dev env odoo -d $1 --http-port 8070"
    echo "  ./dev env odoo -d $1 -u $ADDON --no-http --stop-after-init"
    echo "  ./dev env psql $1"
}

# ./dev env [--durable] CMD…: CMD sees the environment, its `odoo`, and the cluster.
cmd_env() {
    local cluster=test
    if [ "${1:-}" = --durable ]; then
        cluster=durable
        shift
    fi
    [ "${1:-}" != -- ] || shift
    [ $# -gt 0 ] || die 'usage: ./dev env [--durable] COMMAND…'
    setup_all
    use_cluster "$cluster"
    exec "$@"
}

# What can be made again from what is on this machine; with --all, the downloads too.
cmd_clean() {
    cmd_stop
    rm -rf "$(readlink -f "$RUN/pg")" "$RUN"/{pg,data,stage,stage.conf,hypothesis,pytest_cache,ruff}
    [ "${1:-}" != --all ] || rm -rf "$RUN"
}
