/* The program: everything is in the library. */
#include <stdio.h>

int
main(void)
{
	puts("mneme " MNEME_VERSION);
	return 0;
}
