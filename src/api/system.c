/* system.c - the server itself: what it is, that it lives. */
#include "api/private.h"

void
api_root(struct call *call)
{
	struct printer *p = answer_begin(call);

	printer_map(p);
	printer_add_word(p, "name", "mneme");
	printer_add_word(p, "version", MNEME_VERSION);
	printer_add_word(p, "docs", "/docs");
	printer_add_word(p, "openapi", "/openapi.json");
	printer_add_word(p, "health", "/health");
	printer_end(p);
	answer_send(call, 200);
}

void
api_health(struct call *call)
{
	answer_bytes(call, 200, "application/json",
		     slice_of("{\"status\":\"ok\"}"));
}
