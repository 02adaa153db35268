# The few words a newcomer types; each is one script of the same name.
.PHONY: run test phone train simulate bench openapi lock
run test phone train simulate bench openapi lock:
	@scripts/$@
