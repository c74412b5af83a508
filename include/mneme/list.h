/*
 * list.h - an intrusive list: doubly linked, its links live in the elements.
 *
 * A list is a ring through its head; an element may unlink itself without
 * knowing the list, and unlinking twice does no harm.
 */
#ifndef MNEME_LIST_H
#define MNEME_LIST_H

#include "mneme/base.h"

struct list {
	struct list *next;
	struct list *prev;
};

static inline void
list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool
list_empty(const struct list *l)
{
	return !l->next || l->next == l;
}

static inline void
list_unlink(struct list *l)
{
	if (!l->next)
		return;
	l->next->prev = l->prev;
	l->prev->next = l->next;
	list_init(l);
}

/* Put `item` before `at`; before the head is the end. */
static inline void
list_insert(struct list *at, struct list *item)
{
	item->next = at;
	item->prev = at->prev;
	at->prev->next = item;
	at->prev = item;
}

/* Step through a list; the element stepped to may be unlinked, no other. */
#define LIST_EACH(head, at) \
	for (struct list *at = (head)->next, *at##_next = at->next; \
	     at != (head); at = at##_next, at##_next = at->next)

#endif
