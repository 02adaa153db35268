# Shared by `make run` and `make phone`: prepare the data, start the server, wait until it answers.
# shellcheck shell=bash
export TAMIS_HOME=${TAMIS_HOME:-$PWD/var}
export PORT=${PORT:-8000}

# The three verbs that also run at each release (Procfile); each may run twice without harm.
ensure_data() {
    local verb
    for verb in "migrate --no-input" load_rules install_bundles; do
        # shellcheck disable=SC2086
        quietly "${verb%% *}" "$VENV/bin/python" backend/manage.py $verb || exit 1
    done
}
# serve SENTENCE READY-URL GUNICORN-OPTION…: says SENTENCE once it answers, then stays until Ctrl+C.
serve() {
    local sentence=$1 url=$2
    shift 2
    "$VENV/bin/gunicorn" backend.config.wsgi --log-level warning "$@" 2> >(tee "$LOG/server.log" >&2) &
    local server=$!
    trap 'kill -TERM $server 2>/dev/null; wait $server || true; exit 0' INT TERM
    "$VENV/bin/python" scripts/answers.py "$url" --while-alive "$server" ||
        die "The server did not start; its output is in reports/log/server.log"
    finish "$sentence"
    wait "$server" || die "The server stopped; its output is in reports/log/server.log"
}
