/*
 * plugin.h - heavy libraries, loaded when first used.
 *
 * Linked in, they would cost every start milliseconds and megabytes.  A system
 * library is opened by its soname and its functions looked up by name; a
 * private module is a shared object of ours (mneme-NAME.so, beside the program
 * or in its library folder).  Loaded once, never unloaded.
 */
#ifndef MNEME_PLUGIN_H
#define MNEME_PLUGIN_H

#include "mneme/base.h"

struct error;

struct plugin_symbol {
	const char *name;
	void **where; /* gets the address */
};

/* ERROR_SETUP names the library, the symbol and the loader's reason.  Not to
 * be called from two threads at once for the same variables. */
bool plugin_library(const char *soname, const struct plugin_symbol *symbols,
		    size_t n, struct error *err);

bool plugin_module(const char *name, const struct plugin_symbol *symbols,
		   size_t n, struct error *err);

#endif
