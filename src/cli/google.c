/*
 * mneme profile google: a person signs in to Google in the browser, and from
 * then on POST /auth/google leads to this profile.
 *
 * RFC 8252 with PKCE (RFC 7636): the browser comes back to a listener on
 * loopback with a code, which only who knows the verifier can trade.  Then two
 * requests, to Google for its token and to Firebase for ours.  `state` ties the
 * browser's return to this run, `nonce` the token.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "mneme/auth.h"
#include "mneme/base64.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/digest.h"
#include "mneme/fetch.h"
#include "mneme/filter.h"
#include "mneme/http.h"
#include "mneme/json.h"
#include "mneme/loop.h"
#include "mneme/store.h"

#define PATIENCE (5 * CLOCK_MINUTE)

enum { WORD = 44, ANSWER_MAX = 256 << 10, URL_MAX = 8 << 10 };

struct signing {
	struct cli *cli;
	struct loop *loop;
	struct fetch *fetch;
	struct http_server *server;
	struct loop_timer *timer;
	unsigned port;
	char verifier[WORD], state[WORD], nonce[WORD];
	const char *client, *project, *key, *base;
	struct buf secret, answer;
	struct fetch_call *call;
	void (*then)(struct signing *s, const json_t *json);
	int status;
	struct slice id_token; /* Firebase's, in the arena */
	struct error err;
	bool over;
};

static void
finish(struct signing *s, enum error_code code, const char *why)
{
	if (code && !s->err.code)
		error_set(&s->err, code, "%s", why);
	s->over = true;
	loop_stop(s->loop);
}

/* 32 random bytes as text. */
static void
make_word(char out[WORD])
{
	SCOPED(buf_clear) struct buf text;
	uint8_t bytes[32];

	buf_init(&text, WORD);
	random_bytes(bytes, sizeof(bytes));
	base64url_write(slice_make(bytes, sizeof(bytes)), &text);
	snprintf(out, WORD, "%s", buf_text(&text));
}

static void
add_encoded(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || strchr("-._~", c))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}

static void
add_pair(struct buf *out, const char *name, struct slice value)
{
	if (out->len && !strchr("?&", out->data[out->len - 1]))
		buf_addc(out, '&');
	buf_addf(out, "%s=", name);
	add_encoded(out, value);
}

static void
redirect(const struct signing *s, struct buf *out)
{
	buf_addf(out, "http://127.0.0.1:%u/", s->port);
}

/* ---- requests */

static void
on_head(void *arg, const struct fetch_head *head)
{
	((struct signing *)arg)->status = head->status;
}

static bool
on_body(void *arg, struct slice bytes)
{
	return buf_add_slice(&((struct signing *)arg)->answer, bytes);
}

static void
on_end(void *arg, const struct error *err)
{
	struct signing *s = arg;
	SCOPED(json_drop) json_t *json = NULL;

	s->call = NULL;
	if (err) {
		finish(s, err->code, err->text);
		return;
	}
	json = json_read(buf_slice(&s->answer), &s->err);
	if (json && s->status == 200) {
		s->then(s, json);
		return;
	}
	s->err.code = ERROR_NONE;
	struct slice why = json_text(json, "error_description");
	char text[256];
	snprintf(text, sizeof(text), "Google refused (status %d): %.*s",
		 s->status, (int)MIN(why.len, (size_t)160),
		 why.data ? why.data : "");
	finish(s, ERROR_AUTH, text);
}

static void
post(struct signing *s, const char *url, const char *type, struct slice body,
     void (*then)(struct signing *, const json_t *))
{
	const struct fetch_header header = {"Content-Type", type};
	const struct fetch_request request = {
		.method = "POST",
		.url = url,
		.headers = &header,
		.header_count = 1,
		.body = body,
		.body_max = ANSWER_MAX,
	};
	const struct fetch_events events = {on_head, on_body, on_end, s};
	struct error err = {0};

	buf_reset(&s->answer);
	s->status = 0;
	s->then = then;
	s->call = fetch_start(s->fetch, &request, &events, &err);
	if (!s->call)
		finish(s, err.code, err.text);
}

static void
have_firebase(struct signing *s, const json_t *json)
{
	struct slice token = json_text(json, "idToken");

	if (!token.len) {
		finish(s, ERROR_UPSTREAM, "Firebase gave no token");
		return;
	}
	s->id_token = arena_copy(&s->cli->arena, token);
	finish(s, ERROR_NONE, NULL);
}

/* Google's own token holds the nonce of this run. */
static bool
nonce_fits(const struct signing *s, struct slice token)
{
	SCOPED(buf_clear) struct buf text;
	struct slice rest = token, part = {0};

	buf_init(&text, ANSWER_MAX);
	slice_split(&rest, '.', &part);
	slice_split(&rest, '.', &part);
	if (!base64url_read(part, &text))
		return false;
	SCOPED(json_drop) json_t *claims = json_read(buf_slice(&text), NULL);
	return slice_is(json_text(claims, "nonce"), s->nonce);
}

static void
have_google(struct signing *s, const json_t *json)
{
	SCOPED(buf_clear) struct buf inner;
	SCOPED(buf_clear) struct buf body;
	SCOPED(buf_clear) struct buf url;
	struct slice token = json_text(json, "id_token");
	struct printer p;

	buf_init(&inner, ANSWER_MAX);
	buf_init(&body, ANSWER_MAX);
	buf_init(&url, URL_MAX);
	if (!token.len || !nonce_fits(s, token)) {
		finish(s, ERROR_AUTH, "Google's token is not for this run");
		return;
	}
	add_pair(&inner, "id_token", token);
	add_pair(&inner, "providerId", slice_of("google.com"));
	printer_init(&p, PRINTER_JSON, &body);
	printer_map(&p);
	printer_add_string(&p, "postBody", buf_slice(&inner));
	printer_add_word(&p, "requestUri", "http://localhost");
	printer_add_bool(&p, "returnSecureToken", true);
	printer_end(&p);
	buf_addf(&url, "%s%s?",
		 s->base ? s->base : "https://identitytoolkit.googleapis.com",
		 "/v1/accounts:signInWithIdp");
	add_pair(&url, "key", slice_of(s->key));
	post(s, buf_text(&url), "application/json", buf_slice(&body),
	     have_firebase);
}

static void
trade_code(struct signing *s, struct slice code)
{
	SCOPED(buf_clear) struct buf body;
	SCOPED(buf_clear) struct buf back;
	SCOPED(free_pointer)
	char *url = xasprintf("%s/token", s->base ? s->base
						  : "https://"
						    "oauth2.googleapis.com");

	buf_init(&body, URL_MAX * 2);
	buf_init(&back, 64);
	redirect(s, &back);
	add_pair(&body, "code", code);
	add_pair(&body, "client_id", slice_of(s->client));
	add_pair(&body, "client_secret", buf_slice(&s->secret));
	add_pair(&body, "redirect_uri", buf_slice(&back));
	add_pair(&body, "grant_type", slice_of("authorization_code"));
	add_pair(&body, "code_verifier", slice_of(s->verifier));
	post(s, url, "application/x-www-form-urlencoded", buf_slice(&body),
	     have_google);
}

/* ---- the browser comes back */

static void
page(struct http_exchange *x, int status, const char *text)
{
	SCOPED(free_pointer)
	char *html = xasprintf("<!doctype html><meta charset=\"utf-8\">"
			       "<title>mneme</title><p>%s</p>\n",
			       text);

	http_add(x, "Content-Security-Policy", slice_of("default-src 'none'"));
	http_answer(x, status, "text/html; charset=utf-8", slice_of(html));
}

static void
on_request(void *arg, struct http_exchange *x)
{
	struct signing *s = arg;
	struct slice rest = x->query, code = {0}, state = {0}, refused = {0};
	struct http_pair pair;
	struct error err = {0};

	while (http_pair_next(&rest, &x->arena, &pair, &err)) {
		if (slice_is(pair.name, "code"))
			code = pair.value;
		else if (slice_is(pair.name, "state"))
			state = pair.value;
		else if (slice_is(pair.name, "error"))
			refused = pair.value;
	}
	if (x->method != HTTP_GET || !slice_is(x->path, "/") || s->then ||
	    state.len != strlen(s->state) ||
	    !digest_same(state.data, s->state, state.len)) {
		page(x, 404, "This is not what mneme waits for.");
		return;
	}
	code = arena_copy(&s->cli->arena, code);
	if (refused.len || !code.len) {
		page(x, 200, "Nothing was changed. You can close this page.");
		finish(s, ERROR_AUTH, "the sign-in was refused");
		return;
	}
	page(x, 200, "mneme goes on in the terminal. You can close this page.");
	trade_code(s, code);
}

static void
on_patience(void *arg)
{
	finish(arg, ERROR_CANCELLED, "nobody signed in within five minutes");
}

static bool
show_address(struct signing *s, struct error *err)
{
	SCOPED(buf_clear) struct buf url;
	SCOPED(buf_clear) struct buf back;
	SCOPED(buf_clear) struct buf challenge;
	uint8_t hash[DIGEST_BYTES];

	buf_init(&url, URL_MAX);
	buf_init(&back, 64);
	buf_init(&challenge, WORD);
	if (!digest_sha256(slice_of(s->verifier), hash, err))
		return false;
	base64url_write(slice_make(hash, sizeof(hash)), &challenge);
	redirect(s, &back);
	buf_addf(&url, "%s?",
		 s->base ? s->base
			 : "https://accounts.google.com/o/oauth2/v2/auth");
	add_pair(&url, "client_id", slice_of(s->client));
	add_pair(&url, "redirect_uri", buf_slice(&back));
	add_pair(&url, "response_type", slice_of("code"));
	add_pair(&url, "scope", slice_of("openid email profile"));
	add_pair(&url, "code_challenge", buf_slice(&challenge));
	add_pair(&url, "code_challenge_method", slice_of("S256"));
	add_pair(&url, "state", slice_of(s->state));
	add_pair(&url, "nonce", slice_of(s->nonce));
	fprintf(stderr,
		"mneme: sign in at this address, in a browser on this "
		"machine:\n%s\n",
		buf_text(&url));
	fflush(stderr);
	return true;
}

/* ---- the command */

static const char *
needed(struct cli *cli, enum config_option option, struct error *err)
{
	const char *text = config_text(cli->config, option);

	if (text && *text)
		return text;
	error_set(err, ERROR_SETUP, "set %s first (mneme config set)",
		  config_rows[option].name);
	return NULL;
}

static bool
read_settings(struct signing *s, struct error *err)
{
	struct cli *cli = s->cli;

	s->base = config_text(cli->config, CONFIG_GOOGLE_URL);
	return (s->client = needed(cli, CONFIG_GOOGLE_CLIENT_ID, err)) &&
	       (s->project = needed(cli, CONFIG_FIREBASE_PROJECT_ID, err)) &&
	       (s->key = needed(cli, CONFIG_FIREBASE_API_KEY, err)) &&
	       config_secret(cli->config, CONFIG_GOOGLE_CLIENT_SECRET,
			     &s->secret, err);
}

static bool
sign_in(struct signing *s, struct error *err)
{
	const struct http_handler handler = {.request = on_request, .arg = s};
	const struct http_settings settings = {0};
	const struct fetch_settings wire = {
		.connect_timeout = 10 * CLOCK_SECOND,
		.idle_timeout = 30 * CLOCK_SECOND,
	};

	if (!read_settings(s, err) || !(s->loop = loop_create(err)))
		return false;
	make_word(s->verifier);
	make_word(s->state);
	make_word(s->nonce);
	s->fetch = fetch_create(s->loop, &wire);
	s->timer = loop_timer(s->loop, on_patience, s);
	s->server = http_server_create(s->loop, &settings, &handler);
	if (!http_listen(s->server, "127.0.0.1", 0, NULL, &s->port, err) ||
	    !show_address(s, err))
		return false;
	loop_timer_set(s->timer, PATIENCE);
	if (!s->over)
		loop_run(s->loop);
	return !s->err.code || error_set(err, s->err.code, "%s", s->err.text);
}

struct linking {
	struct id profile;
	struct identity identity;
};

static bool
link_identity(struct store_txn *txn, void *arg, struct error *err)
{
	struct linking *l = arg;

	return record_identity_put(txn, l->profile, &l->identity, err);
}

static void
close_signing(struct signing *s)
{
	if (s->call)
		fetch_cancel(&s->call);
	http_server_destroy(&s->server);
	loop_timer_drop(&s->timer);
	fetch_destroy(&s->fetch);
	loop_destroy(&s->loop);
	explicit_bzero(s->verifier, sizeof(s->verifier));
	if (s->secret.data)
		explicit_bzero(s->secret.data, s->secret.len);
	buf_clear(&s->secret);
	buf_clear(&s->answer);
}

bool
cli_profile_google(struct cli *cli, struct error *err)
{
	struct signing s = {.cli = cli};
	struct linking link = {.profile = cli->profile.id};

	buf_init(&s.secret, 4096);
	buf_init(&s.answer, ANSWER_MAX);
	bool good = sign_in(&s, err) &&
		    auth_google_identity(s.id_token, s.project, &cli->arena,
					 &link.identity, err) &&
		    store_write(cli->store, link_identity, &link, err);
	close_signing(&s);
	if (!good)
		return false;
	buf_adds(&cli->out, "signed in as ");
	cli_show_line(cli, link.identity.email, AUTH_EMAIL_MAX);
	buf_addc(&cli->out, '\n');
	return true;
}
