#include "mneme/plugin.h"

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/file.h"

static bool
resolve(void *library, const char *name, const struct plugin_symbol *symbols,
	size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		*symbols[i].where = dlsym(library, symbols[i].name);
		if (!*symbols[i].where)
			return error_set(err, ERROR_SETUP,
					 "%s has no %s: another version?", name,
					 symbols[i].name);
	}
	return true;
}

bool
plugin_library(const char *soname, const struct plugin_symbol *symbols,
	       size_t n, struct error *err)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return error_set(err, ERROR_SETUP,
				 "cannot load %s (%s); install its package",
				 soname, dlerror());
	return resolve(library, soname, symbols, n, err);
}

/* Beside the program when it runs from its build folder, else where it was
 * installed. */
static char *
module_path(const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0) {
		self[n] = '\0';
		*strrchr(self, '/') = '\0';
		char *path = xasprintf("%s/mneme-%s.so", self, name);
		if (file_exists(path))
			return path;
		free_pointer(&path);
	}
	return xasprintf("%s/mneme-%s.so", MNEME_MODULE_DIR, name);
}

bool
plugin_module(const char *name, const struct plugin_symbol *symbols, size_t n,
	      struct error *err)
{
	SCOPED(free_pointer) char *path = module_path(name);
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return error_set(err, ERROR_SETUP, "cannot load %s: %s", path,
				 dlerror());
	return resolve(library, path, symbols, n, err);
}
