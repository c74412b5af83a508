/*
 * memory_detail.h - all that is known of one memory, as lines.
 */
#ifndef TUI_MEMORY_DETAIL_H
#define TUI_MEMORY_DETAIL_H

#include "mneme/record.h"
#include "tui/lines.h"
#include "tui/view.h"

struct memory_detail {
	struct lines lines;
	struct id id; /* that they are of */
	int columns;
	bool made;
};

void memory_detail_drop(struct memory_detail *d);
void memory_detail_forget(struct memory_detail *d); /* read it again */

/* `history`: every version too. */
void memory_detail_draw(struct memory_detail *d, struct app *app,
			const struct memory *m, bool history,
			const struct area *area);

#endif
