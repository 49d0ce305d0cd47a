# shellcheck shell=bash
# ./dev test

# Options of pytest whose next word is a value, not a path.
takes_value() { [[ $1 =~ ^-[kmnpocWr]$ || $1 =~ ^--(maxfail|deselect|ignore|durations|dist|seed)$ ]]; }

# pytest must see the tests inside the link, or the addon is imported under a wrong name: turns
# tests/test_x.py::TestX into .run/addons/maintenance_contract/tests/test_x.py::TestX.
# Sets PYTEST_ARGS, and SELECTED when the arguments ask for a part of the tests.
read_pytest_arguments() {
    local word previous='' path=''
    PYTEST_ARGS=() SELECTED=''
    for word in "$@"; do
        if ! takes_value "$previous" && [[ $word != -* ]] && [ -e "$ROOT/${word%%::*}" ]; then
            word=$LINK/$word path=1
        fi
        case $word in
        -k | -n* | -x | -s | --pdb | --lf | --last-failed | --ff | --sw) SELECTED=1 ;;
        esac
        PYTEST_ARGS+=("$word")
        previous=$word
    done
    if [ -n "$path" ]; then SELECTED=1; else PYTEST_ARGS+=("$LINK"); fi
}

run_pytest() {
    export PYTHONPATH=$ROOT/scripts/plugins HYPOTHESIS_STORAGE_DIRECTORY=$RUN/hypothesis
    cd "$ROOT"
    # Without them pytest would take the repository itself, under the name of its folder.
    "$VENV/bin/pytest" --rootdir "$LINK" -c "$LINK/pyproject.toml" "$@"
}

# The arithmetic in tools/ needs neither Odoo nor a database.
test_tools() {
    setup_python_only
    run_pytest -p no:odoo -p without_odoo "$@" "$LINK"/tests/test_tools_*.py
}

drop_left_databases() {
    local name pid
    sql -c "SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+(-gw[0-9]+)?$'" |
        while read -r name; do
            pid=${name#test_} pid=${pid%%-*}
            [ -d "/proc/$pid" ] || drop_database "$name"
        done
}

cmd_test() {
    local kind=plain cluster=test database=test_$$ status=0 parallel=()
    if [ "${1:-}" = tools ]; then
        shift
        test_tools "$@"
        return
    fi
    while :; do
        case ${1:-} in
        --demo) kind=demo ;;
        --durable) cluster=durable ;;
        *) break ;;
        esac
        shift
    done
    setup_all
    use_cluster "$cluster"
    use_template "$kind"
    drop_left_databases
    # A clone, as tests of several processes commit.
    clone_database "$TEMPLATE" "$database"
    # Tests that kill Odoo clone it themselves: nobody may be connected to what is cloned.
    export DEV_TEMPLATE=$TEMPLATE
    # shellcheck disable=SC2064  # its value of now
    trap "drop_database '$database'" EXIT
    read_pytest_arguments "$@"
    [ -n "$SELECTED" ] || parallel=(-n 2 --dist loadscope)
    run_pytest -p strict_http -p own_filestore --odoo-database "$database" --odoo-config "$ODOO_RC" --odoo-http \
        "${parallel[@]}" "${PYTEST_ARGS[@]}" || status=$?
    return "$status"
}
