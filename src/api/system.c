/* system.c - the server itself: what it is, that it lives. */
#include "api/private.h"

void
api_root(struct call *call)
{
	struct printer *p = answer_begin(call);

	printer_map(p);
	print_text(p, "name", slice_of("mneme"));
	print_text(p, "version", slice_of(MNEME_VERSION));
	print_text(p, "docs", slice_of("/docs"));
	print_text(p, "openapi", slice_of("/openapi.json"));
	print_text(p, "health", slice_of("/health"));
	printer_end(p);
	answer_send(call, 200);
}

void
api_health(struct call *call)
{
	answer_bytes(call, 200, "application/json",
		     slice_of("{\"status\":\"ok\"}"));
}
