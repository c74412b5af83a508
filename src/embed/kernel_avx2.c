/* 6 rows by 2 vectors of 8: 12 of the 16 registers hold sums. */
#include "embed/kernel.h"

#if defined(__x86_64__)

#define LANES 8
#define ROWS 6
#define TARGET __attribute__((target("avx2,fma")))
#include "embed/kernel_body.h"

static bool
runs_here(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const struct kernel kernel_avx2 = {"avx2", runs_here, PANEL,   multiply,
				   pack,   gelu,      softmax, normalise};

#else
typedef int not_empty;
#endif
