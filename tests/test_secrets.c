/* Secrets are found, and what only looks like one is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/memory.h"

static const struct {
	const char *text;
	const char *redacted; /* NULL: nothing is one */
} cases[] = {
	{"my password is hunter2", "my password is [password]"},
	{"The wifi password for the office is: Tr0ub4dor&3.",
	 "The wifi password for the office is: [password]."},
	{"password=s3cret, user=bob", "password=[password], user=bob"},
	{"Passwort: geheim99", "Passwort: [password]"},
	{"my passphrase is correct horse battery staple.",
	 "my passphrase is [password]."},
	{"the pin is 4711", "the pin is [PIN]"},
	{"use sk-proj-abcdEFGH1234567890abcdEFGH now", "use [API key] now"},
	{"ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[API key]"},
	{"AKIAIOSFODNN7EXAMPLE is the id", "[API key] is the id"},
	{"xoxb-123456789012-abcdefghijkl", "[API key]"},
	{"AIzaSyA1234567890abcdefghijklmnopqrstuv", "[API key]"},
	{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0",
	 "[token]"},
	{"Authorization: Bearer abcdef0123456789abcdef",
	 "Authorization: Bearer [token]"},
	{"postgres://ada:pw99@db.example/x",
	 "postgres://ada:[password]@db.example/x"},
	{"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
	 "[private key]"},
	{"card 4111 1111 1111 1111 please", "card [card number] please"},
	{"5500-0000-0000-0004", "[card number]"},
	{"IBAN DE89 3704 0044 0532 0130 00 ok", "IBAN [IBAN] ok"},
	{"GB82WEST12345698765432", "[IBAN]"},
	{"api key: 0123456789abcdef", "api key: [API key]"},

	{"my password is too short", NULL},
	{"the password is wrong", NULL},
	{"I forgot my password. I live in Rome.", NULL},
	{"call 4111 1111 1111 1112", NULL},
	{"1234567890123456", NULL},
	{"order 0000 0000 0000 0000", NULL},
	{"the token is expired", NULL},
	{"DE00 3704 0044 0532 0130 00", NULL},
	{"I use a pin board", NULL},
	{"risk-averse-investors-like-bonds", NULL},
	{"see https://example.org:8080/a@b", NULL},
	{"", NULL},
};

static void
secrets_are_taken_out_and_nothing_else(void **state)
{
	struct arena arena = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *kind;
		const char *wanted =
			cases[i].redacted ? cases[i].redacted : cases[i].text;
		struct slice got =
			memory_redacted(slice_of(cases[i].text), &arena, &kind);

		if (!slice_is(got, wanted))
			fail_msg("\"%s\": \"%.*s\"", cases[i].text,
				 SLICE_ARG(got));
		assert_int_equal(kind != NULL, cases[i].redacted != NULL);
	}
	arena_clear(&arena);
}

static void
more_secrets_than_can_be_listed_are_all_kept_back(void **state)
{
	struct arena arena = {0};
	char text[200 * 32] = "";
	const char *kind;

	(void)state;
	for (int i = 0; i < 200; i++)
		strcat(text, "password: hunter99x; ");
	struct slice got = memory_redacted(slice_of(text), &arena, &kind);
	assert_int_equal(slice_find(got, slice_of("hunter99x")), got.len);
	arena_clear(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_taken_out_and_nothing_else),
		cmocka_unit_test(
			more_secrets_than_can_be_listed_are_all_kept_back),
	};
	return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
