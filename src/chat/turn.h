/*
 * turn.h - a turn under way, shared by the files that take its steps.
 *
 *	turn.c		reads the path, asks memory, begins
 *	turn_question.c	keeps the question, and what it wishes to be kept
 *	turn_stream.c	the model's text goes on and into the journal
 *	turn_answer.c	keeps the answer, tells the front end
 *	turn_voice.c	who answers, and how
 *
 * Everything that the turn owns lives in its arena or its buffers; the writer
 * thread touches only fields that no one else does while a change is queued
 * (`busy`).  A cancel that comes then waits for it.  Whatever tells the sink
 * that it is over frees the turn: turn_failed() and the end of
 * turn_store_answer().
 */
#ifndef CHAT_TURN_H
#define CHAT_TURN_H

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "prompt.h"

struct chat_turn {
	struct chat chat;
	struct chat_request request;
	struct sink sink;
	struct arena arena;
	struct conversation conversation;
	bool make_conversation;
	struct message question;
	struct message answer;
	struct memory_said said; /* the question, as learning sees it */
	const struct memory_fact *wishes;
	size_t wish_count;
	struct memory_learned *learned; /* what was kept of them ... */
	size_t kept;                    /* ... so many */
	const char *secret; /* the kind of one in the question, or NULL */
	struct memory_results results;
	bool *used;
	struct prompt prompt;
	const char *asked;   /* the model that the request named; NULL: q's */
	int64_t recalled_at; /* when memory was asked */
	struct message *path;
	size_t path_count;
	struct prompt_images *images; /* one each, and the question's */
	struct buf text;              /* of the answer, verbatim */
	struct buf addition;          /* to the journal: a copy for the
					 writer */
	size_t added;                 /* bytes of `text` before it ... */
	size_t adding;                /* ... and in it */
	int64_t *added_at;            /* when, each time */
	size_t added_count;
	struct llm_call *call;
	struct llm_usage usage;
	struct chat_upstream upstream;
	struct loop_timer *timer;
	struct loop_timer *idle; /* when there is time for other things */
	char owner[64];
	bool busy; /* a change is with the writer */
	bool cancelled;
	bool ended;            /* the model's stream is over */
	struct error *failure; /* NULL: it went well; in the arena, as most
				  turns need none */
	struct slice finish_reason;
};

/* Tells the sink and frees the turn. */
void turn_failed(struct chat_turn *turn, const struct error *err);
void turn_drop(struct chat_turn *turn);
/* Keep why the turn fails; the first reason counts. */
void turn_blame(struct chat_turn *turn, const struct error *err);

/* What the request leaves open is as the voice, if there is one, has it. */
void turn_speak_as(struct chat_turn *turn, const struct voice *voice);

/* What the question asks to be kept, and the kind of secret in it. */
void turn_find_wishes(struct chat_turn *turn);
/* Queues the question to the writer; when it is durable the answer begins. */
bool turn_store_question(struct chat_turn *turn, struct error *err);
/* The timer's: embeds what is new while the model thinks. */
void turn_idle_due(void *arg);

/* `model`, the prompt, and what the caller asked for; borrowed of the turn. */
struct llm_request turn_request(const struct chat_turn *turn,
				const char *model);
void turn_ask_model(struct chat_turn *turn);
/* The timer's: writes down how far the answer has come. */
void turn_journal_due(void *arg);

void turn_answer_from_memory(struct chat_turn *turn);
/* Queues the answer to the writer; the front end hears of it when it is
 * durable. */
void turn_store_answer(struct chat_turn *turn);

#endif
