/*
 * docs.c - /docs: the table of routes as one page, which needs no other file,
 * no script and no network.
 */
#include "api/private.h"
#include "api/schemas.h"

static const char head[] =
	"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta "
	"charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<title>mneme: the API</title>\n<style>\n"
	":root{color-scheme:light dark}\n"
	"body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:auto;"
	"padding:1rem}\n"
	"code,pre{font:14px/1.4 ui-monospace,monospace}\n"
	"pre{overflow-x:auto;padding:.6rem;border:1px solid #8886;"
	"border-radius:.3rem}\n"
	"table{border-collapse:collapse;width:100%}\n"
	"td,th{text-align:left;vertical-align:top;padding:.2rem .6rem;"
	"border-bottom:1px solid #8884}\n"
	"details{margin:.4rem 0;padding:.3rem .6rem;border:1px solid #8886;"
	"border-radius:.3rem}\n"
	"summary{cursor:pointer}\n"
	".m{display:inline-block;min-width:4.5rem;font-weight:bold}\n"
	"</style>\n</head>\n<body>\n<h1>mneme</h1>\n";

static void
escape(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '<')
			buf_adds(out, "&lt;");
		else if (c == '&')
			buf_adds(out, "&amp;");
		else
			buf_addc(out, c);
	}
}

static void
escaped(struct buf *out, const char *text)
{
	escape(out, slice_of(text));
}

static void
intro(struct buf *out)
{
	buf_adds(out,
		 "<p>Sign in for a token, or make an API key, and send either "
		 "as <code>Authorization: Bearer</code>. Errors are problem "
		 "documents (RFC 9457); below <code>/v1</code> they have "
		 "OpenAI's shape. For programs: <a "
		 "href=\"/openapi.json\">/openapi.json</a>.</p>\n<pre>");
	escaped(out, "curl -s http://127.0.0.1:8000/auth/register \\\n"
		     "  -H 'Content-Type: application/json' \\\n"
		     "  -d '{\"email\":\"ada@example.org\",\"username\":"
		     "\"ada\",\"password\":\"correct horse\"}'\n\n"
		     "curl -N http://127.0.0.1:8000/chat/send \\\n"
		     "  -H \"Authorization: Bearer $TOKEN\" \\\n"
		     "  -H 'Content-Type: application/json' \\\n"
		     "  -d '{\"content\":\"I like green tea\","
		     "\"stream\":true}'");
	buf_adds(out, "</pre>\n");
}

static const char *const kind_names[] = {
	[SCHEMA_STRING] = "string", [SCHEMA_INTEGER] = "integer",
	[SCHEMA_NUMBER] = "number", [SCHEMA_BOOLEAN] = "boolean",
	[SCHEMA_OBJECT] = "object", [SCHEMA_LIST] = "list",
	[SCHEMA_ANY] = "anything",
};

static void
field_row(struct buf *out, const struct schema_field *f)
{
	buf_adds(out, "<tr><td><code>");
	escaped(out, f->name);
	buf_addf(out, "</code>%s<td>",
		 f->flags & FIELD_NEEDED ? " (needed)" : "");
	if (f->of)
		buf_addf(out, "%s<a href=\"#%s\">%s</a>",
			 f->kind == SCHEMA_LIST ? "list of " : "", f->of->name,
			 f->of->name);
	else
		buf_adds(out, kind_names[f->kind]);
	buf_adds(out, "<td>");
	if (f->help)
		escaped(out, f->help);
	if (f->choices) {
		buf_adds(out, f->help ? "; one of <code>" : "one of <code>");
		escaped(out, f->choices);
		buf_adds(out, "</code>");
	} else if (f->high > 0) {
		buf_addf(out, "%s%g to %g", f->help ? "; " : "", f->low,
			 f->high);
	}
	buf_adds(out, "\n");
}

static void
table(struct buf *out, const char *title, const struct schema *schema)
{
	if (!schema || schema->count == 0)
		return;
	buf_addf(out, "<p>%s</p>\n<table>\n", title);
	for (size_t i = 0; i < schema->count; i++)
		field_row(out, &schema->fields[i]);
	buf_adds(out, "</table>\n");
}

static void
example(struct buf *out, const struct schema *schema)
{
	SCOPED(buf_clear) struct buf json;
	struct printer p;

	buf_init(&json, 64 << 10);
	printer_init(&p, PRINTER_JSON, &json);
	schema_print_example(&p, schema);
	buf_adds(out, "<pre>");
	escape(out, buf_slice(&json));
	buf_adds(out, "</pre>\n");
}

static void
route_entry(struct buf *out, const struct route *r)
{
	static const char *const with[] = {
		[ANYONE] = "Open to anyone.",
		[READER] = "With a token or any key.",
		[WRITER] = "With a token, or a key that may write.",
		[SIGNED_IN] = "With a token; no key does.",
	};

	buf_addf(out, "<details><summary><code><span class=\"m\">%s</span> ",
		 http_methods[r->method]);
	escaped(out, r->path);
	buf_adds(out, "</code> &middot; ");
	escaped(out, r->summary);
	buf_addf(out, "</summary>\n<p>%s Answers %d", with[r->access],
		 r->status);
	if (r->answer)
		buf_addf(out, " with %s<a href=\"#%s\">%s</a>",
			 r->flags & ROUTE_LIST ? "a list of " : "",
			 r->answer->name, r->answer->name);
	if ((r->flags & ROUTE_EVENTS) && r->body)
		buf_adds(out, ", or with server-sent events where "
			      "<code>stream</code> is true");
	buf_adds(out, ".</p>\n");
	table(out, "Query:", r->query);
	table(out, "Body:", r->body);
	if (r->body)
		example(out, r->body);
	buf_adds(out, "</details>\n");
}

static void
print_docs(struct buf *out)
{
	const char *tag = "";

	buf_adds(out, head);
	intro(out);
	for (size_t i = 0; i < route_count; i++) {
		if (strcmp(tag, routes[i].tag) != 0)
			buf_addf(out, "<h2>%s</h2>\n", routes[i].tag);
		tag = routes[i].tag;
		route_entry(out, &routes[i]);
	}
	buf_adds(out, "<h2>Objects</h2>\n");
	for (size_t i = 0; i < schema_count; i++) {
		buf_addf(out, "<h3 id=\"%s\">%s</h3>\n", schemas[i]->name,
			 schemas[i]->name);
		if (schemas[i]->help) {
			buf_adds(out, "<p>");
			escaped(out, schemas[i]->help);
			buf_adds(out, "</p>\n");
		}
		table(out, "Fields:", schemas[i]);
	}
	buf_adds(out, "</body>\n</html>\n");
}

void
api_docs(struct call *call)
{
	struct buf *out = &call->api->docs;

	if (out->len == 0)
		print_docs(out);
	http_add(call->x, "Content-Security-Policy",
		 slice_of("default-src 'none'; style-src 'unsafe-inline'"));
	answer_bytes(call, 200, "text/html; charset=utf-8", buf_slice(out));
}
