/*
 * action.c - the table.
 */
#include "tui/action.h"

#include <assert.h>

const char *const context_names[] = {
	[CONTEXT_ANYWHERE] = "Anywhere",
	[CONTEXT_CHAT] = "The chat",
	[CONTEXT_EDIT] = "Writing",
	[CONTEXT_BROWSE] = "A message chosen",
	[CONTEXT_LIST] = "Lists",
	[CONTEXT_ROWS] = "Lists: the chosen row",
	[CONTEXT_FOUND] = "A place found in the transcript",
};
static_assert(COUNT(context_names) == CONTEXT_COUNT, "name each");

#define ANYWHERE CONTEXT_ANYWHERE
#define CHAT CONTEXT_CHAT
#define EDIT CONTEXT_EDIT
#define BROWSE CONTEXT_BROWSE
#define LIST CONTEXT_LIST
#define ROWS CONTEXT_ROWS
#define FOUND CONTEXT_FOUND
#define QUIET NULL, true

/* clang-format off */
const struct action_row action_rows[] = {
	[ACTION_NONE] = {"", ANYWHERE, "", "", QUIET},
	[ACTION_HELP] = {"help", ANYWHERE, "F1 browse:?",
		"show the keys and commands"},
	[ACTION_PALETTE] = {"palette", ANYWHERE, "C-p F2",
		"choose a command by its name"},
	[ACTION_CLOSE] = {"close", ANYWHERE, "Esc C-g",
		"leave what is open", QUIET},
	[ACTION_INTERRUPT] = {"interrupt", ANYWHERE, "C-c",
		"stop the answer, else clear the line, else say how to quit",
		QUIET},
	[ACTION_SUSPEND] = {"suspend", ANYWHERE, "C-z",
		"go back to the shell for a while"},
	[ACTION_REDRAW] = {"redraw", ANYWHERE, "C-l",
		"draw the screen anew"},
	[ACTION_QUIT] = {"quit", ANYWHERE, "C-q",
		"leave; what is being written is kept"},
	[ACTION_CONVERSATIONS] = {"conversations", ANYWHERE, "F4",
		"list the conversations, beside the chat where there is room"},
	[ACTION_SEARCH] = {"search", ANYWHERE, "C-f",
		"search everything ever said, by words and meaning", "TEXT"},
	[ACTION_MEMORIES] = {"memories", ANYWHERE, "F5",
		"see and correct what is remembered"},

	[ACTION_SEND] = {"send", EDIT, "Enter",
		"send what is written; queued while an answer comes", QUIET},
	[ACTION_STOP] = {"stop", CHAT, "Esc",
		"stop the answer and keep what came"},
	[ACTION_NEW] = {"new", CHAT, "F3",
		"begin a new conversation"},
	[ACTION_BROWSE] = {"browse", CHAT, "S-Tab",
		"choose a message; then single keys act on it; Tab does it too "
		"where there is nothing to complete"},
	[ACTION_REGENERATE] = {"regenerate", CHAT, "M-r browse:r",
		"answer again; the other answer stays as a branch"},
	[ACTION_EDIT_MESSAGE] = {"edit", CHAT, "M-e browse:e browse:Enter",
		"change a question and ask it instead, as a branch"},
	[ACTION_CONTINUE] = {"continue", CHAT, "M-c browse:c",
		"let a cut answer go on"},
	[ACTION_FORK] = {"fork", CHAT, "M-k browse:f",
		"begin a conversation that shares what was said up to here"},
	[ACTION_BRANCH_BACK] = {"branch-back", CHAT, "M-Comma browse:Left "
		"browse:[",
		"show the branch before"},
	[ACTION_BRANCH_ON] = {"branch-on", CHAT, "M-. browse:Right browse:]",
		"show the next branch"},
	[ACTION_USED] = {"used", CHAT, "M-m browse:m",
		"show the memories that an answer rests on, and why"},
	[ACTION_MEMORY_MODE] = {"memory-mode", CHAT, "",
		"full, read (recalled from, not learned from) or off, for this "
		"conversation",
		"MODE"},
	[ACTION_INCOGNITO] = {"incognito", CHAT, "",
		"begin a conversation of which nothing is stored, or end it"},
	[ACTION_MODEL] = {"model", CHAT, "",
		"choose the model that answers", "NAME"},
	[ACTION_THEME] = {"theme", CHAT, "",
		"choose the colours", "NAME"},
	[ACTION_PROFILE] = {"profile", CHAT, "",
		"be another person of this store, or add one", "NAME"},
	[ACTION_UNLEARN] = {"unlearn", CHAT, "M-u",
		"take back what was learned last"},
	[ACTION_UNFOLD] = {"unfold", CHAT, "M-o browse:o",
		"show all of a long message of yours, or its beginning again"},
	[ACTION_SETUP] = {"setup", CHAT, "",
		"set up a model: who runs it, the key, a test"},
	[ACTION_PAGE_UP] = {"page-up", CHAT, "PageUp",
		"scroll a page back", QUIET},
	[ACTION_PAGE_DOWN] = {"page-down", CHAT, "PageDown",
		"scroll a page on", QUIET},
	[ACTION_SCROLL_UP] = {"scroll-up", CHAT, "S-Up C-Up WheelUp",
		"scroll a line back", QUIET},
	[ACTION_SCROLL_DOWN] = {"scroll-down", CHAT, "S-Down C-Down WheelDown",
		"scroll a line on", QUIET},
	[ACTION_TOP] = {"top", CHAT, "M-PageUp C-PageUp",
		"to the beginning of the conversation", QUIET},
	[ACTION_BOTTOM] = {"bottom", CHAT, "M-PageDown C-PageDown",
		"to its end, and follow", QUIET},
	[ACTION_TURN_BACK] = {"turn-back", CHAT, "M-Up browse:K",
		"to the question before", QUIET},
	[ACTION_TURN_ON] = {"turn-on", CHAT, "M-Down browse:J",
		"to the next question", QUIET},
	[ACTION_FIND] = {"find", CHAT, "M-/ F7 browse:/",
		"find a text in this conversation", "TEXT"},
	[ACTION_COPY] = {"copy", CHAT, "F6 browse:y",
		"copy, save or pipe a message or a block of code"},
	[ACTION_EXPORT] = {"export", CHAT, "",
		"write this conversation to a file: .md, .json or .txt",
		"FILE"},

	[ACTION_NEW_LINE] = {"new-line", EDIT, "C-j M-Enter S-Enter C-Enter",
		"break the line", QUIET},
	[ACTION_COMPLETE] = {"complete", EDIT, "Tab",
		"complete the command after a / or the file after an @", QUIET},
	[ACTION_HISTORY_SEARCH] = {"history", EDIT, "C-r",
		"search what was sent before"},
	[ACTION_EDITOR] = {"editor", EDIT, "C-o",
		"write in $EDITOR"},
	[ACTION_LINE_START] = {"line-start", EDIT, "C-a Home",
		"to the line's start", QUIET},
	[ACTION_LINE_END] = {"line-end", EDIT, "C-e End",
		"to the line's end", QUIET},
	[ACTION_BACK] = {"back", EDIT, "Left C-b",
		"a character back", QUIET},
	[ACTION_FORWARD] = {"forward", EDIT, "Right",
		"a character on", QUIET},
	[ACTION_WORD_BACK] = {"word-back", EDIT, "M-b C-Left M-Left",
		"a word back", QUIET},
	[ACTION_WORD_FORWARD] = {"word-forward", EDIT, "M-f C-Right M-Right",
		"a word on", QUIET},
	[ACTION_TEXT_START] = {"text-start", EDIT, "M-< C-Home",
		"to the start of the text", QUIET},
	[ACTION_TEXT_END] = {"text-end", EDIT, "M-> C-End",
		"to the end of the text", QUIET},
	[ACTION_UP] = {"up", EDIT, "Up",
		"a line up; from the first, to what was sent before", QUIET},
	[ACTION_DOWN] = {"down", EDIT, "Down",
		"a line down; from the last, to what was sent after", QUIET},
	[ACTION_HISTORY_BACK] = {"history-back", EDIT, "M-p",
		"what was sent before", QUIET},
	[ACTION_HISTORY_FORWARD] = {"history-forward", EDIT, "C-n M-n",
		"what was sent after", QUIET},
	[ACTION_DELETE_BACK] = {"delete-back", EDIT,
		"Backspace S-Backspace C-h",
		"delete the character before", QUIET},
	[ACTION_DELETE_FORWARD] = {"delete-forward", EDIT, "Delete",
		"delete the character under the cursor", QUIET},
	[ACTION_DELETE_OR_QUIT] = {"delete-or-quit", EDIT, "C-d",
		"delete the character under the cursor; on an empty text, "
		"quit", QUIET},
	[ACTION_KILL_LINE] = {"kill-line", EDIT, "C-k",
		"cut to the line's end", QUIET},
	[ACTION_KILL_LINE_BACK] = {"kill-line-back", EDIT, "C-u",
		"cut to the line's start", QUIET},
	[ACTION_RUB_WORD] = {"rub-word", EDIT, "C-w",
		"cut back to a blank", QUIET},
	[ACTION_KILL_WORD] = {"kill-word", EDIT, "M-d C-Delete",
		"cut the word ahead", QUIET},
	[ACTION_KILL_WORD_BACK] = {"kill-word-back", EDIT,
		"M-Backspace C-Backspace",
		"cut the word behind", QUIET},
	[ACTION_YANK] = {"yank", EDIT, "C-y",
		"put in what was cut", QUIET},
	[ACTION_TRANSPOSE] = {"transpose", EDIT, "C-t",
		"let two characters change places", QUIET},
	[ACTION_UNDO] = {"undo", EDIT, "C-_ C-/ C--",
		"take the last change back", QUIET},

	[ACTION_MESSAGE_BACK] = {"message-back", BROWSE, "Up k",
		"the message before", QUIET},
	[ACTION_MESSAGE_ON] = {"message-on", BROWSE, "Down j",
		"the next message", QUIET},
	[ACTION_WRITE] = {"write", BROWSE, "Esc Tab i q C-g",
		"back to writing", QUIET},

	[ACTION_NEXT] = {"next", LIST, "Down C-n",
		"the next row", QUIET},
	[ACTION_PREVIOUS] = {"previous", LIST, "Up C-p",
		"the row before", QUIET},
	[ACTION_NEXT_PAGE] = {"next-page", LIST, "PageDown",
		"a page down", QUIET},
	[ACTION_PREVIOUS_PAGE] = {"previous-page", LIST, "PageUp",
		"a page up", QUIET},
	[ACTION_FIRST] = {"first", LIST, "Home",
		"the first row", QUIET},
	[ACTION_LAST] = {"last", LIST, "End",
		"the last row", QUIET},
	[ACTION_CHOOSE] = {"choose", LIST, "Enter",
		"take the chosen row", QUIET},

	[ACTION_ROW_RENAME] = {"row-rename", ROWS, "M-r",
		"give the conversation another title", QUIET},
	[ACTION_ROW_EDIT] = {"row-edit", ROWS, "M-e",
		"correct the memory", QUIET},
	[ACTION_ROW_PIN] = {"row-pin", ROWS, "M-p",
		"pin or unpin", QUIET},
	[ACTION_ROW_ARCHIVE] = {"row-archive", ROWS, "M-a",
		"put the conversation away, or bring it back; list memories "
		"that no longer count too", QUIET},
	[ACTION_ROW_DELETE] = {"row-delete", ROWS, "M-d Delete",
		"delete the conversation, ten seconds later; forget the "
		"memory", QUIET},
	[ACTION_ROW_UNDO] = {"row-undo", ROWS, "M-z",
		"keep what was to be deleted", QUIET},
	[ACTION_ROW_RESTORE] = {"row-restore", ROWS, "M-u",
		"make the memory what it was before", QUIET},
	[ACTION_ROW_HISTORY] = {"row-history", ROWS, "M-h",
		"show every version of the memory, or no longer", QUIET},
	[ACTION_ROW_SOURCE] = {"row-source", ROWS, "M-s",
		"to the message that the memory comes from", QUIET},
	[ACTION_ROW_COPY] = {"row-copy", ROWS, "M-c",
		"copy to the clipboard", QUIET},
	[ACTION_ROW_SAVE] = {"row-save", ROWS, "M-w",
		"write to a file", QUIET},
	[ACTION_ROW_PIPE] = {"row-pipe", ROWS, "M-|",
		"give it to a command", QUIET},
	[ACTION_ROW_FILTER] = {"row-filter", ROWS, "Tab",
		"list other ones: archived, of another type", QUIET},
	[ACTION_ROW_AS_OF] = {"row-as-of", ROWS, "M-t",
		"list the memories as they were at a time", QUIET},

	[ACTION_FOUND_NEXT] = {"found-next", FOUND, "n Enter Up",
		"the next one, further back", QUIET},
	[ACTION_FOUND_PREVIOUS] = {"found-previous", FOUND, "N Down",
		"the one before, further on", QUIET},
	[ACTION_FOUND_AGAIN] = {"found-again", FOUND, "/",
		"find another text", QUIET},
};
/* clang-format on */
static_assert(COUNT(action_rows) == ACTION_COUNT, "a row an action");

bool
action_find(struct slice name, enum action *action)
{
	for (size_t i = 1; i < COUNT(action_rows); i++) {
		if (slice_is(name, action_rows[i].name)) {
			*action = (enum action)i;
			return true;
		}
	}
	return false;
}

bool
action_slash(struct slice text, bool *known, enum action *action,
	     struct slice *operand)
{
	struct slice rest = text, name;

	if (!slice_starts(text, "/"))
		return false;
	for (size_t i = 1; i < text.len; i++) {
		char c = text.data[i];

		if (c == ' ' || c == '\n')
			break;
		if ((c < 'a' || c > 'z') && c != '-')
			return false;
	}
	rest = slice_make(text.data + 1, text.len - 1);
	name = rest;
	while (rest.len > 0 && *rest.data != ' ' && *rest.data != '\n')
		rest = slice_make(rest.data + 1, rest.len - 1);
	name.len -= rest.len;
	*operand = slice_trim(rest);
	*known = action_find(name, action) && !action_rows[*action].quiet;
	return name.len > 0;
}
