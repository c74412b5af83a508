/* Any JSON against every schema that requests are checked with: whatever is
 * wrong is named, as JSON. */
#include <assert.h>

#include "api/schemas.h"
#include "mneme/buf.h"
#include "mneme/json.h"
#include "mneme/printer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct schema *schema, const json_t *json)
{
	SCOPED(buf_clear) struct buf list;
	struct schema_faults faults = {0};
	struct printer p;

	buf_init(&list, 64 << 10);
	printer_init(&p, PRINTER_JSON, &list);
	printer_list(&p);
	faults.printer = &p;
	bool good = schema_check(schema, json, &faults);
	printer_end(&p);
	assert(good == (faults.count == 0));
	SCOPED(json_drop) json_t *told = json_read(buf_slice(&list), NULL);
	assert(list.over || json_is_array(told));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(json_drop)
	json_t *json = json_read(slice_make(data, size), NULL);

	if (!json_is_object(json))
		return 0;
	for (size_t i = 0; i < schema_count; i++)
		check(schemas[i], json);
	return 0;
}
