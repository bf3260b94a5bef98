/* Sample kernel: nothing of x86.h is needed. */
