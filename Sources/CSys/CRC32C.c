// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later
#include "CSys.h"

#include <pthread.h>
#include <string.h>

static uint32_t table[256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void make_table(void) {
    for (uint32_t octet = 0; octet < 256; octet++) {
        uint32_t crc = octet;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
        table[octet] = crc;
    }
}

static uint32_t by_table(uint32_t crc, const unsigned char *data, size_t count) {
    pthread_once(&table_once, make_table);
    while (count--) crc = table[(crc ^ *data++) & 0xff] ^ crc >> 8;
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_machine(uint32_t crc, const unsigned char *data, size_t count) {
    uint64_t wide = crc;
    for (; count >= 8; count -= 8, data += 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    while (count--) crc = __builtin_ia32_crc32qi(crc, *data++);
    return crc;
}

static int has_machine(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>

__attribute__((target("crc"))) static uint32_t by_machine(uint32_t crc, const unsigned char *data, size_t count) {
    for (; count >= 8; count -= 8, data += 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        crc = __builtin_arm_crc32cd(crc, word);
    }
    while (count--) crc = __builtin_arm_crc32cb(crc, *data++);
    return crc;
}

static int has_machine(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }
#else
static uint32_t by_machine(uint32_t crc, const unsigned char *data, size_t count) { return by_table(crc, data, count); }

static int has_machine(void) { return 0; }
#endif

uint32_t csys_crc32c(uint32_t previous, const void *data, size_t count) {
    return ~(has_machine() ? by_machine(~previous, data, count) : by_table(~previous, data, count));
}

uint32_t csys_crc32c_by_table(uint32_t previous, const void *data, size_t count) {
    return ~by_table(~previous, data, count);
}
