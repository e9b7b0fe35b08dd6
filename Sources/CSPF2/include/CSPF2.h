// libspf2 behind a DNS layer of our own.
#ifndef CSPF2_H
#define CSPF2_H
#endif
