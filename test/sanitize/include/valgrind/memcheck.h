/*-------------------------------------------------------------------------
 *
 * memcheck.h
 *	  What PostgreSQL tells valgrind about its memory, told to AddressSanitizer.
 *
 * PostgreSQL says of each palloc'ed piece where it begins and ends, if it is built
 * with USE_VALGRIND.  So AddressSanitizer notices a byte too many of palloc'ed
 * memory, and the use of memory whose context has gone, not only of what was
 * malloc'ed.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SANITIZE_MEMCHECK_H
#define PINTEREST_SANITIZE_MEMCHECK_H

extern void __asan_poison_memory_region(const volatile void *addr, unsigned long size);
extern void __asan_unpoison_memory_region(const volatile void *addr, unsigned long size);

#define VALGRIND_MAKE_MEM_NOACCESS(addr, size) \
	__asan_poison_memory_region(addr, size)
#define VALGRIND_MAKE_MEM_DEFINED(addr, size) \
	__asan_unpoison_memory_region(addr, size)
#define VALGRIND_MAKE_MEM_UNDEFINED(addr, size) \
	__asan_unpoison_memory_region(addr, size)
#define VALGRIND_MEMPOOL_ALLOC(context, addr, size) \
	__asan_unpoison_memory_region(addr, size)
#define VALGRIND_MEMPOOL_CHANGE(context, optr, nptr, size) \
	__asan_unpoison_memory_region(nptr, size)

/* The rest has no counterpart, or is said again by one of the above. */
#define VALGRIND_CREATE_MEMPOOL(context, redzones, zeroed) do {} while (0)
#define VALGRIND_DESTROY_MEMPOOL(context) do {} while (0)
#define VALGRIND_MEMPOOL_FREE(context, addr) do {} while (0)
#define VALGRIND_MEMPOOL_TRIM(context, addr, size) do {} while (0)
#define VALGRIND_MOVE_MEMPOOL(from, to) do {} while (0)
#define VALGRIND_CHECK_MEM_IS_DEFINED(addr, size) \
	do { (void) (addr); (void) (size); } while (0)
#define VALGRIND_GET_VBITS(addr, bits, size) 0
#define VALGRIND_COUNT_ERRORS 0
#define VALGRIND_PRINTF(...) 0

#endif							/* PINTEREST_SANITIZE_MEMCHECK_H */
