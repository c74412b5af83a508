/* tiny_model FOLDER - write the tests' sentence model of two layers there. */
#include <stdio.h>

#include "support_model.h"

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: tiny_model FOLDER\n");
		return 2;
	}
	tiny_model(argv[1]);
	return 0;
}
