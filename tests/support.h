/* support.h - what the tests share. */
#ifndef SUPPORT_H
#define SUPPORT_H

/* A folder of one's own; folder_drop() removes it with all that is in it. */
char *folder_make(void);
void folder_drop(char **path);

#endif
