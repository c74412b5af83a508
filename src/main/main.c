/* The program: everything is in the library. */
#include "mneme/cli.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
