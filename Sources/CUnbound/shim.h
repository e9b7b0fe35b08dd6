#include <sys/eventfd.h>
#include <unbound.h>
