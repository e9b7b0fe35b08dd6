#include "CSPF2.h"
