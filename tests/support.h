/* support.h - what the tests share. */
#ifndef SUPPORT_H
#define SUPPORT_H

/* A folder of one's own; folder_drop() removes it with all that is in it. */
char *folder_make(void);
void folder_drop(char **path);

/* The path of the one file in it whose name begins so; NULL: there is none. */
char *folder_file(const char *path, const char *prefix);

#endif
