/*
 * cli.h - the command line: words in, a command run, an exit status out.
 */
#ifndef MNEME_CLI_H
#define MNEME_CLI_H

/* Run the command that argv names; returns 0 or the exit status of its error
 * (error.h).  Output goes to stdout, everything else to stderr. */
int cli_main(int argc, char **argv);

#endif
