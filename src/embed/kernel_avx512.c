/* 12 rows by 2 vectors of 16: 24 of the 32 registers hold sums. */
#include "embed/kernel.h"

#if defined(__x86_64__)

#define LANES 16
#define ROWS 12
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,fma,avx2")))
#include "embed/kernel_body.h"

static bool
runs_here(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl");
}

const struct kernel kernel_avx512 = {"avx512", runs_here, PANEL,   multiply,
				     pack,     gelu,      softmax, normalise};

#else
typedef int not_empty;
#endif
