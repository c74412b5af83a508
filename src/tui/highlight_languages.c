/*
 * highlight_languages.c - the table of languages.
 */
#include "tui/highlight_private.h"
#include "tui/theme.h"

/* clang-format off */
#define QUOTES  {"\"", "\"", true, false}, {"'", "'", true, false}
#define C_COMMENTS .line_comments = "//", .block_open = "/*", \
	.block_close = "*/"

#define C_KEYWORDS \
	"auto break case const continue default do else enum extern for goto " \
	"if inline register restrict return sizeof static struct switch " \
	"typedef union volatile while _Alignas _Alignof _Atomic _Generic " \
	"_Noreturn _Static_assert _Thread_local static_assert typeof"
#define C_TYPES \
	"void char short int long float double signed unsigned bool _Bool " \
	"size_t ssize_t ptrdiff_t intptr_t uintptr_t int8_t int16_t int32_t " \
	"int64_t uint8_t uint16_t uint32_t uint64_t off_t time_t FILE wchar_t"
#define JS_KEYWORDS \
	"async await break case catch class const continue debugger default " \
	"delete do else export extends finally for from function get if " \
	"import in instanceof let new of return set static super switch this " \
	"throw try typeof var void while with yield"
#define JVM_CONSTANTS "true false null this super"
/* clang-format on */

static bool
starts(struct slice line, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_starts(line, words[i]))
			return true;
	return false;
}

static void
diff_line(struct slice line, int *role, size_t *head)
{
	static const char *const files[] = {
		"diff ", "index ",  "--- ",    "+++ ",        "new file",
		"old ",  "rename ", "deleted", "similarity ", "Binary ",
	};

	*head = line.len;
	if (starts(line, files, COUNT(files)))
		*role = ROLE_KEYWORD;
	else if (slice_starts(line, "@@"))
		*role = ROLE_TYPE;
	else if (slice_starts(line, "+"))
		*role = ROLE_ADDED;
	else if (slice_starts(line, "-"))
		*role = ROLE_REMOVED;
}

static void
markdown_line(struct slice line, int *role, size_t *head)
{
	size_t at = 0;

	*head = line.len;
	if (slice_starts(line, "#")) {
		*role = ROLE_KEYWORD;
		return;
	}
	while (at < line.len && line.data[at] == ' ')
		at++;
	line = slice_make(line.data + at, line.len - at);
	if (slice_starts(line, "```") || slice_starts(line, "~~~"))
		*role = ROLE_KEYWORD;
	else if (slice_starts(line, ">"))
		*role = ROLE_COMMENT;
	else if (slice_starts(line, "- ") || slice_starts(line, "* ") ||
		 slice_starts(line, "+ ") || slice_starts(line, "|")) {
		*role = ROLE_FUNCTION;
		*head = at + 1;
	}
}

static void
console_line(struct slice line, int *role, size_t *head)
{
	*head = 1;
	if (slice_starts(line, "$ ") || slice_starts(line, "# ") ||
	    slice_starts(line, "> ") || slice_starts(line, "% "))
		*role = ROLE_KEYWORD;
}

/* clang-format off */
const struct language languages[] = {
	{
		.names = "c h", C_COMMENTS,
		.strings = {QUOTES},
		.keywords = C_KEYWORDS, .types = C_TYPES,
		.constants = "NULL true false EOF stdin stdout stderr errno",
		.flags = LANGUAGE_DIRECTIVES,
	}, {
		.names = "cpp c++ cc cxx hpp hh hxx", C_COMMENTS,
		.strings = {{"R\"(", ")\"", false, true}, QUOTES},
		.keywords = C_KEYWORDS " alignas alignof and catch class "
			"concept constexpr consteval constinit const_cast "
			"co_await co_return co_yield decltype delete "
			"dynamic_cast explicit export final friend mutable "
			"namespace new noexcept not operator or override "
			"private protected public reinterpret_cast requires "
			"static_cast template this throw try typeid typename "
			"using virtual",
		.types = C_TYPES " std string vector map set pair array "
			"optional variant tuple function unique_ptr "
			"shared_ptr string_view span char8_t char16_t "
			"char32_t",
		.constants = "nullptr true false NULL",
		.flags = LANGUAGE_DIRECTIVES,
	}, {
		.names = "python py python3 pyi", .line_comments = "#",
		.strings = {{"\"\"\"", "\"\"\"", true, true},
			    {"'''", "'''", true, true}, QUOTES},
		.keywords = "and as assert async await break case class "
			"continue def del elif else except finally for from "
			"global if import in is lambda match nonlocal not or "
			"pass raise return try while with yield",
		.types = "int float str bool bytes list dict set tuple object "
			"type complex frozenset bytearray",
		.constants = "None True False self cls __name__ NotImplemented",
		.flags = LANGUAGE_AT,
	}, {
		.names = "javascript js jsx mjs cjs node", C_COMMENTS,
		.strings = {QUOTES, {"`", "`", true, true}},
		.keywords = JS_KEYWORDS,
		.types = "Array Object String Number Boolean Map Set Promise "
			"Date RegExp Error Symbol BigInt JSON Math console",
		.constants = "true false null undefined NaN Infinity",
		.flags = LANGUAGE_AT,
	}, {
		.names = "typescript ts tsx mts", C_COMMENTS,
		.strings = {QUOTES, {"`", "`", true, true}},
		.keywords = JS_KEYWORDS " abstract as asserts declare enum "
			"implements infer interface is keyof namespace "
			"private protected public readonly satisfies type "
			"unique",
		.types = "any bigint boolean never number object string "
			"symbol unknown void Array Record Partial Required "
			"Pick Omit Map Set Promise Date Error",
		.constants = "true false null undefined NaN Infinity",
		.flags = LANGUAGE_AT,
	}, {
		.names = "go golang", C_COMMENTS,
		.strings = {QUOTES, {"`", "`", false, true}},
		.keywords = "break case chan const continue default defer "
			"else fallthrough for func go goto if import "
			"interface map package range return select struct "
			"switch type var",
		.types = "any bool byte comparable complex64 complex128 error "
			"float32 float64 int int8 int16 int32 int64 rune "
			"string uint uint8 uint16 uint32 uint64 uintptr",
		.constants = "true false nil iota",
	}, {
		.names = "rust rs", C_COMMENTS,
		.strings = {{"r#\"", "\"#", false, true},
			    {"\"", "\"", true, true}},
		.keywords = "as async await break const continue crate dyn "
			"else enum extern fn for if impl in let loop match "
			"mod move mut pub ref return static struct super "
			"trait type union unsafe use where while",
		.types = "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 "
			"u16 u32 u64 u128 usize",
		.constants = "true false self Self None Some Ok Err",
		.flags = LANGUAGE_LIFETIMES | LANGUAGE_BANG |
			 LANGUAGE_UPPER_TYPES,
	}, {
		.names = "java", C_COMMENTS,
		.strings = {{"\"\"\"", "\"\"\"", true, true}, QUOTES},
		.keywords = "abstract assert break case catch class const "
			"continue default do else enum extends final finally "
			"for goto if implements import instanceof interface "
			"native new package permits private protected public "
			"record return sealed static strictfp switch "
			"synchronized throw throws transient try var void "
			"volatile while yield",
		.types = "boolean byte char double float int long short",
		.constants = JVM_CONSTANTS,
		.flags = LANGUAGE_AT | LANGUAGE_UPPER_TYPES,
	}, {
		.names = "kotlin kt kts", C_COMMENTS,
		.strings = {{"\"\"\"", "\"\"\"", false, true}, QUOTES},
		.keywords = "as break by catch class companion const "
			"constructor continue data do else enum finally for "
			"fun if import in init interface internal is lateinit "
			"object open operator out override package private "
			"protected public return sealed suspend throw try "
			"typealias val var vararg when where while",
		.constants = JVM_CONSTANTS " it",
		.flags = LANGUAGE_AT | LANGUAGE_UPPER_TYPES,
	}, {
		.names = "csharp c# cs", C_COMMENTS,
		.strings = {{"@\"", "\"", false, true}, QUOTES},
		.keywords = "abstract as async await base break case catch "
			"checked class const continue default delegate do "
			"else enum event explicit extern finally fixed for "
			"foreach get goto if implicit in init interface "
			"internal is lock namespace new operator out override "
			"params partial private protected public readonly "
			"record ref return sealed set sizeof stackalloc "
			"static struct switch throw try typeof unchecked "
			"unsafe using var virtual void volatile when where "
			"while yield",
		.types = "bool byte char decimal double dynamic float int "
			"long object sbyte short string uint ulong ushort",
		.constants = "true false null this",
		.flags = LANGUAGE_DIRECTIVES | LANGUAGE_UPPER_TYPES,
	}, {
		.names = "swift", C_COMMENTS,
		.strings = {{"\"\"\"", "\"\"\"", true, true},
			    {"\"", "\"", true, false}},
		.keywords = "actor any as associatedtype async await break "
			"case catch class continue default defer deinit do "
			"else enum extension fallthrough fileprivate final "
			"for func guard if import in init inout internal is "
			"lazy let mutating open operator override private "
			"protocol public repeat return some static struct "
			"subscript switch throw throws try typealias var "
			"weak where while",
		.constants = "true false nil self Self super",
		.flags = LANGUAGE_AT | LANGUAGE_UPPER_TYPES,
	}, {
		.names = "ruby rb", .line_comments = "#",
		.strings = {QUOTES, {"`", "`", true, false}},
		.keywords = "alias and begin break case class def defined do "
			"else elsif end ensure for if in module next not or "
			"redo require require_relative rescue retry return "
			"super then undef unless until when while yield "
			"attr_accessor attr_reader include extend",
		.constants = "true false nil self",
		.flags = LANGUAGE_AT | LANGUAGE_DOLLAR | LANGUAGE_UPPER_TYPES,
	}, {
		.names = "php", .line_comments = "// #",
		.block_open = "/*", .block_close = "*/",
		.strings = {QUOTES},
		.keywords = "abstract and array as break case catch class "
			"clone const continue declare default do echo else "
			"elseif enum extends final finally fn for foreach "
			"function global if implements include instanceof "
			"interface isset list match namespace new or print "
			"private protected public readonly require return "
			"static switch throw trait try unset use var while "
			"yield",
		.types = "bool float int string void mixed object callable",
		.constants = "true false null TRUE FALSE NULL self parent",
		.flags = LANGUAGE_DOLLAR,
	}, {
		.names = "lua", .line_comments = "--",
		.block_open = "--[[", .block_close = "]]",
		.strings = {QUOTES, {"[[", "]]", false, true}},
		.keywords = "and break do else elseif end for function goto "
			"if in local not or repeat return then until while",
		.constants = "true false nil self",
	}, {
		.names = "bash sh shell zsh ksh fish", .line_comments = "#",
		.strings = {{"\"", "\"", true, true}, {"'", "'", false, true}},
		.keywords = "if then elif else fi for while until do done "
			"case esac in function select return break continue "
			"exit local export readonly declare unset set shift "
			"source eval exec trap",
		.types = "echo printf cd test read cat grep sed awk find "
			"mkdir rm cp mv ls chmod chown curl sudo apt apt-get "
			"git docker pip npm make kill sleep xargs sort head "
			"tail tar ssh",
		.constants = "true false",
		.flags = LANGUAGE_DOLLAR | LANGUAGE_WORD_COMMENTS |
			 LANGUAGE_HYPHENS,
	}, {
		.names = "console shell-session sh-session terminal",
		.by_lines = console_line,
	}, {
		.names = "dockerfile docker containerfile",
		.line_comments = "#",
		.strings = {QUOTES},
		.keywords = "FROM RUN CMD LABEL EXPOSE ENV ADD COPY "
			"ENTRYPOINT VOLUME USER WORKDIR ARG ONBUILD "
			"STOPSIGNAL HEALTHCHECK SHELL AS",
		.flags = LANGUAGE_DOLLAR | LANGUAGE_WORD_COMMENTS,
	}, {
		.names = "makefile make mk", .line_comments = "#",
		.strings = {QUOTES},
		.keywords = "ifeq ifneq ifdef ifndef else endif include "
			"define endef export override",
		.flags = LANGUAGE_DOLLAR | LANGUAGE_KEYS | LANGUAGE_EQUALS,
	}, {
		.names = "cmake", .line_comments = "#",
		.strings = {{"\"", "\"", true, true}},
		.keywords = "if elseif else endif foreach endforeach while "
			"endwhile function endfunction macro endmacro return "
			"set unset include project option find_package",
		.constants = "ON OFF TRUE FALSE AND OR NOT REQUIRED PUBLIC "
			"PRIVATE INTERFACE",
		.flags = LANGUAGE_DOLLAR,
	}, {
		.names = "json jsonc json5 jsonl ndjson", C_COMMENTS,
		.strings = {QUOTES},
		.constants = "true false null",
		.flags = LANGUAGE_KEYS,
	}, {
		.names = "yaml yml", .line_comments = "#",
		.strings = {QUOTES},
		.constants = "true false null yes no on off",
		.flags = LANGUAGE_KEYS | LANGUAGE_WORD_COMMENTS |
			 LANGUAGE_HYPHENS,
	}, {
		.names = "toml", .line_comments = "#",
		.strings = {{"\"\"\"", "\"\"\"", true, true},
			    {"'''", "'''", false, true},
			    {"\"", "\"", true, false},
			    {"'", "'", false, false}},
		.constants = "true false inf nan",
		.flags = LANGUAGE_SECTIONS | LANGUAGE_EQUALS | LANGUAGE_HYPHENS,
	}, {
		.names = "ini conf cfg dotenv env properties systemd",
		.line_comments = "# ;",
		.strings = {QUOTES},
		.constants = "true false yes no on off",
		.flags = LANGUAGE_SECTIONS | LANGUAGE_EQUALS |
			 LANGUAGE_HYPHENS | LANGUAGE_WORD_COMMENTS,
	}, {
		.names = "sql sqlite postgres postgresql mysql plpgsql",
		.line_comments = "--",
		.block_open = "/*", .block_close = "*/",
		.strings = {{"'", "'", false, true}, {"\"", "\"", false, false}},
		.keywords = "add all alter analyze and any as asc begin "
			"between by cascade case check column commit "
			"conflict constraint create cross database default "
			"delete desc distinct do drop else end except exists "
			"explain fetch foreign from full function grant "
			"group having if ilike in index inner insert "
			"intersect into is join key left like limit not "
			"nothing offset on or order outer over partition "
			"primary procedure recursive references replace "
			"returning revoke right rollback row rows schema "
			"select set table then to transaction trigger "
			"truncate union unique update using vacuum values "
			"view when where window with",
		.types = "bigint bigserial blob boolean bytea char date "
			"decimal double float int integer interval json "
			"jsonb numeric real serial smallint text time "
			"timestamp timestamptz uuid varchar",
		.constants = "true false null",
		.flags = LANGUAGE_CASELESS,
	}, {
		.names = "html htm xml svg xhtml vue svelte",
		.block_open = "<!--", .block_close = "-->",
		.tags = true,
	}, {
		.names = "css scss sass less", C_COMMENTS,
		.strings = {QUOTES},
		.constants = "important inherit initial none auto",
		.flags = LANGUAGE_AT | LANGUAGE_KEYS | LANGUAGE_HYPHENS |
			 LANGUAGE_HASH | LANGUAGE_DOLLAR,
	}, {
		.names = "diff patch", .by_lines = diff_line,
	}, {
		.names = "markdown md mdx", .by_lines = markdown_line,
	},
};
/* clang-format on */

const size_t language_count = COUNT(languages);
