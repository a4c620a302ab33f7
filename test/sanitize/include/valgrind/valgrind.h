/* see memcheck.h */
#include <valgrind/memcheck.h>
