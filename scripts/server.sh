# Shared by `make run` and `make phone`: prepare the data, start the server, wait until it answers.
# shellcheck shell=bash
export TAMIS_HOME=${TAMIS_HOME:-$PWD/var}
export PORT=${PORT:-8000}

# Also run at each release (Procfile); may run twice without harm.
ensure_data() { quietly prepare "$VENV/bin/python" scripts/prepare.py || exit 1; }
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
