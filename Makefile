# The few words a newcomer types. Each is one script; PORT and TAMIS_HOME are read from the environment.
.PHONY: run test phone train bench openapi lock
PYTHON := .venv/bin/python

run:      ; @scripts/run
test:     ; @scripts/test
phone:    ; @scripts/phone
lock:     ; @scripts/lock
bench:    ; @scripts/bench
