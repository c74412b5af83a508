/*
 * lines.h - the records of `import` and `export` as JSON Lines.
 *
 * Ids may be anybody's strings: import keeps them as external ids, export
 * writes the external id where there is one and ours otherwise, so that an
 * export of an import of an export is equal to the first byte for byte.
 */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "cli.h"
#include "mneme/json.h"

struct store_txn;

void lines_conversation(struct printer *p, const struct conversation *c);
void lines_message(struct printer *p, const struct conversation *c,
		   const struct message *m, struct slice parent);
void lines_memory(struct printer *p, const struct memory *m);

enum line_outcome { LINE_ADDED, LINE_KNOWN };

/* Store one record.  ERROR_INVALID says which member is wrong; a known id with
 * other content is ERROR_CONFLICT. */
bool lines_store(struct store_txn *txn, struct id profile, const json_t *line,
		 struct arena *arena, enum line_outcome *outcome,
		 struct error *err);

#endif
