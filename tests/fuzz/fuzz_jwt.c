/* Any bytes as a token: none passes, whoever checks it. */
#include <assert.h>

#include "auth/private.h"
#include "mneme/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice token = slice_make(data, size);
	struct google_person person;
	struct refresh refresh;
	struct jwt jwt;
	struct error err;

	if (jwt_read(token, &jwt, &err)) {
		bool good = jwt_check_hmac(
			&jwt, slice_of("a key that no fuzzer will guess"),
			&err);
		assert(!good);
		google_claims(&jwt, "demo", clock_now() / CLOCK_SECOND, &arena,
			      &person, &err);
		jwt_check_unsigned(&jwt, &err);
	}
	jwt_clear(&jwt);
	refresh_read(token, &refresh);
	return 0;
}
