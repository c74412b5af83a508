#include "embed/kernel.h"

const struct kernel *const kernels[] = {
#if defined(__x86_64__)
	&kernel_avx512,
	&kernel_avx2,
#endif
	&kernel_portable,
	NULL,
};

const struct kernel *
kernel_best(void)
{
	size_t at = 0, last = COUNT(kernels) - 2; /* runs everywhere */

	while (at < last && !kernels[at]->runs_here())
		at++;
	return kernels[at];
}
