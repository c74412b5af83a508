/*
 * The reference's categories are Unicode 8's: newer accents are letters to
 * it, newer punctuation does not split words, newer format characters stay.
 * A model learned from texts that were cut like that, so it is kept.  The
 * tables list the differences to Unicode 15, found by asking the reference
 * about every code point.
 */
#include "embed/unicode.h"

#include <utf8proc.h>

struct range {
	uint32_t first, last;
};

/* Non-spacing marks that stay. */
static const struct range letter_marks[] = {
	{0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8E1},
	{0x9FE, 0x9FE},     {0xAFA, 0xAFF},     {0xB55, 0xB55},
	{0xC04, 0xC04},     {0xC3C, 0xC3C},     {0xD00, 0xD00},
	{0xD3B, 0xD3C},     {0xD81, 0xD81},     {0xEBA, 0xEBA},
	{0xECE, 0xECE},     {0x180F, 0x180F},   {0x1885, 0x1886},
	{0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFB},   {0xA82C, 0xA82C},
	{0xA8C5, 0xA8C5},   {0xA8FF, 0xA8FF},   {0xA9BD, 0xA9BD},
	{0x10D24, 0x10D27}, {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF},
	{0x10F46, 0x10F50}, {0x10F82, 0x10F85}, {0x11070, 0x11070},
	{0x11073, 0x11074}, {0x110C2, 0x110C2}, {0x111C9, 0x111C9},
	{0x111CF, 0x111CF}, {0x1123E, 0x1123E}, {0x11241, 0x11241},
	{0x1133B, 0x1133B}, {0x11438, 0x1143F}, {0x11442, 0x11444},
	{0x11446, 0x11446}, {0x1145E, 0x1145E}, {0x1182F, 0x11837},
	{0x11839, 0x1183A}, {0x1193B, 0x1193C}, {0x1193E, 0x1193E},
	{0x11943, 0x11943}, {0x119D4, 0x119D7}, {0x119DA, 0x119DB},
	{0x119E0, 0x119E0}, {0x11A01, 0x11A0A}, {0x11A33, 0x11A38},
	{0x11A3B, 0x11A3E}, {0x11A47, 0x11A47}, {0x11A51, 0x11A56},
	{0x11A59, 0x11A5B}, {0x11A8A, 0x11A96}, {0x11A98, 0x11A99},
	{0x11C30, 0x11C36}, {0x11C38, 0x11C3D}, {0x11C3F, 0x11C3F},
	{0x11C92, 0x11CA7}, {0x11CAA, 0x11CB0}, {0x11CB2, 0x11CB3},
	{0x11CB5, 0x11CB6}, {0x11D31, 0x11D36}, {0x11D3A, 0x11D3A},
	{0x11D3C, 0x11D3D}, {0x11D3F, 0x11D45}, {0x11D47, 0x11D47},
	{0x11D90, 0x11D91}, {0x11D95, 0x11D95}, {0x11D97, 0x11D97},
	{0x11EF3, 0x11EF4}, {0x11F00, 0x11F01}, {0x11F36, 0x11F3A},
	{0x11F40, 0x11F40}, {0x11F42, 0x11F42}, {0x13440, 0x13440},
	{0x13447, 0x13455}, {0x16F4F, 0x16F4F}, {0x16FE4, 0x16FE4},
	{0x1CF00, 0x1CF2D}, {0x1CF30, 0x1CF46}, {0x1E000, 0x1E006},
	{0x1E008, 0x1E018}, {0x1E01B, 0x1E021}, {0x1E023, 0x1E024},
	{0x1E026, 0x1E02A}, {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136},
	{0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF},
	{0x1E944, 0x1E94A},
};

/* Punctuation that does not split. */
static const struct range letter_punctuation[] = {
	{0x61D, 0x61D},     {0x9FD, 0x9FD},     {0xA76, 0xA76},
	{0xC77, 0xC77},     {0xC84, 0xC84},     {0x1B7D, 0x1B7E},
	{0x2E43, 0x2E4F},   {0x2E52, 0x2E5D},   {0x10EAD, 0x10EAD},
	{0x10F55, 0x10F59}, {0x10F86, 0x10F89}, {0x1144B, 0x1144F},
	{0x1145A, 0x1145B}, {0x1145D, 0x1145D}, {0x11660, 0x1166C},
	{0x116B9, 0x116B9}, {0x1183B, 0x1183B}, {0x11944, 0x11946},
	{0x119E2, 0x119E2}, {0x11A3F, 0x11A46}, {0x11A9A, 0x11A9C},
	{0x11A9E, 0x11AA2}, {0x11B00, 0x11B09}, {0x11C41, 0x11C45},
	{0x11C70, 0x11C71}, {0x11EF7, 0x11EF8}, {0x11F43, 0x11F4F},
	{0x11FFF, 0x11FFF}, {0x12FF1, 0x12FF2}, {0x16E97, 0x16E9A},
	{0x16FE2, 0x16FE2}, {0x1E95E, 0x1E95F},
};

/* Format characters that are not dropped. */
static const struct range kept_formats[] = {
	{0x890, 0x891},
	{0x8E2, 0x8E2},
	{0x110CD, 0x110CD},
	{0x13430, 0x1343F},
};

/* The reference's CJK blocks, with its gap at U+2B820. */
static const struct range ideographs[] = {
	{0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},
	{0x20000, 0x2A6DF}, {0x2A700, 0x2B81F}, {0x2B920, 0x2CEAF},
	{0x2F800, 0x2FA1F},
};

static bool
among(uint32_t c, const struct range *ranges, size_t n)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (c > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && c >= ranges[low].first;
}

#define AMONG(c, ranges) among(c, ranges, COUNT(ranges))

static utf8proc_category_t
category(uint32_t c)
{
	return utf8proc_category((utf8proc_int32_t)c);
}

bool
unicode_is_dropped(uint32_t c)
{
	if (c == 0xFFFD)
		return true;
	switch (category(c)) {
	case UTF8PROC_CATEGORY_CC:
		return c != '\t' && c != '\n' && c != '\r';
	case UTF8PROC_CATEGORY_CF:
		return !AMONG(c, kept_formats);
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
		return true;
	default:
		return false;
	}
}

bool
unicode_is_space(uint32_t c)
{
	utf8proc_category_t kind = category(c);

	return c == '\t' || c == '\n' || c == '\r' ||
	       kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL ||
	       kind == UTF8PROC_CATEGORY_ZP;
}

bool
unicode_is_punctuation(uint32_t c)
{
	utf8proc_category_t kind = category(c);

	/* All of ASCII's signs, "$" and "~" too. */
	if (c < 0x80)
		return c > ' ' && c < 0x7F && kind >= UTF8PROC_CATEGORY_PC;
	if (c == 0x166D || c == 0x111C9) /* were punctuation once */
		return true;
	return kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO &&
	       !AMONG(c, letter_punctuation);
}

bool
unicode_is_mark(uint32_t c)
{
	if (c == 0x1734) /* was non-spacing once */
		return true;
	return category(c) == UTF8PROC_CATEGORY_MN && !AMONG(c, letter_marks);
}

bool
unicode_is_ideograph(uint32_t c)
{
	return AMONG(c, ideographs);
}

size_t
unicode_decompose(uint32_t c, uint32_t out[8])
{
	utf8proc_int32_t parts[8];
	int boundary = 0;
	utf8proc_ssize_t n = 1;

	parts[0] = (utf8proc_int32_t)c;
	if (c >= 0xC0 && c != 0x11938) /* younger than its tables */
		n = utf8proc_decompose_char((utf8proc_int32_t)c, parts, 8,
					    UTF8PROC_DECOMPOSE, &boundary);
	if (n < 1 || n > 8) { /* no character needs more than four */
		parts[0] = (utf8proc_int32_t)c;
		n = 1;
	}
	for (utf8proc_ssize_t i = 0; i < n; i++)
		out[i] = (uint32_t)parts[i];
	return (size_t)n;
}

unsigned
unicode_class(uint32_t c)
{
	if (c < 0x300)
		return 0;
	return (unsigned)utf8proc_get_property((utf8proc_int32_t)c)
		->combining_class;
}

size_t
unicode_lower(uint32_t c, uint32_t out[2])
{
	out[0] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
	if (c != 0x130) /* the only one that becomes two */
		return 1;
	out[0] = 'i';
	out[1] = 0x307;
	return 2;
}
