/* plain_commands.c - the table: help and the manual page come from it. */
#include "plain_private.h"

const struct plain_command plain_commands[] = {
	{"conversations", "[TEXT]",
	 "list the conversations, or those whose title has the text",
	 plain_conversations},
	{"new", "", "begin a new conversation", plain_new},
	{"open", "ID|last", "go on with another one", plain_open},
	{"show", "[N]",
	 "this conversation, or a turn of it; the turns are numbered",
	 plain_show},
	{"find", "TEXT", "the lines of this conversation that have the text",
	 plain_find},
	{"search", "TEXT", "search everything ever said, by words and meaning",
	 plain_search},
	{"regenerate", "[N]",
	 "answer again; the other answer stays as a branch", plain_regenerate},
	{"again", "[N]", "the same", plain_regenerate},
	{"continue", "", "let a cut or stopped answer go on", plain_continue},
	{"edit", "[N] [TEXT]",
	 "change a question and ask it instead, as a branch", plain_edit},
	{"fork", "[N]",
	 "begin a conversation that shares what was said up to here",
	 plain_fork},
	{"branch-back", "[N]", "go over to the branch before",
	 plain_branch_back},
	{"branch-on", "[N]", "go over to the next branch", plain_branch_on},
	{"memories", "[TEXT]",
	 "what is remembered, or what of it has the text; /memory edit, pin "
	 "and forget correct it",
	 plain_memories},
	{"used", "[N]", "the memories that an answer rests on, and why",
	 plain_used},
	{"unlearn", "", "take back what was learned last", plain_unlearn},
	{"memory-mode", "[full|read|off]",
	 "recall and learn in this conversation, only recall, or neither",
	 plain_memory_mode},
	{"incognito", "",
	 "begin a conversation of which nothing is stored, or end it",
	 plain_incognito},
	{"model", "[NAME]", "let another model answer; alone, list them",
	 plain_model},
	{"profile", "[NAME]",
	 "be another person of this store, or add one; alone, list them",
	 plain_profile},
	{"setup", "", "set up a model: who runs it, the key, a test",
	 plain_setup},
	{"copy", "[N] [code [K]] [FILE | |COMMAND]",
	 "an answer, or a block of code in it, to the clipboard, a file, a "
	 "command",
	 plain_copy},
	{"export", "FILE", "write this conversation to a .md, .json or .txt",
	 plain_export},
	{"editor", "[TEXT]", "write in $EDITOR", plain_editor},
	{"history", "[TEXT]", "what was sent before", plain_history},
	{"help", "[COMMAND]",
	 "this list, or what a command of the program does", plain_help},
	{"quit", "", "leave", plain_quit},
};
const size_t plain_command_count = COUNT(plain_commands);

const struct plain_absent plain_absent[] = {
	{"palette", "There is no palette here; /help lists every command."},
	{"suspend", "Ctrl-Z does that."},
	{"redraw", "Nothing is drawn here; /show prints the conversation."},
	{"stop", "Ctrl-C stops an answer and keeps what came."},
	{"browse", "There is no cursor to choose with: /show numbers the "
		   "turns, and /edit, /fork, /used and /copy take a number."},
	{"theme", "There are no colours here."},
	{"unfold", "Nothing is folded here; /show N prints a turn whole."},
};
const size_t plain_absent_count = COUNT(plain_absent);

void
plain_print_commands(struct buf *out)
{
	for (size_t i = 0; i < plain_command_count; i++) {
		const struct plain_command *c = &plain_commands[i];
		SCOPED(free_pointer)
		char *left = xasprintf("/%s%s%s", c->name,
				       *c->operand ? " " : "", c->operand);

		buf_addf(out, "  %-24s  %s\n", left, c->help);
	}
}
