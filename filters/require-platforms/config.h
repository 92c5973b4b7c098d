// The `config:` block: {"platforms": ["linux/amd64", "linux/arm/v7"]}.

#ifndef CONFIG_H
#define CONFIG_H

#include "bindings/tag_filter.h"

// Most platforms that can be asked for; there are not many more.
#define PLATFORMS_MAX 32

// A part of the text of the configuration.
typedef struct {
  const uint8_t *ptr;
  size_t len;
} part_t;

// `variant` is empty where any will do.
typedef struct {
  part_t whole, os, architecture, variant;
} wanted_t;

typedef struct {
  wanted_t platforms[PLATFORMS_MAX];
  size_t len;
} config_t;

// Reads `text`, of which `config` keeps parts; or says in `err` what is wrong, and returns false.
bool config_read(const tag_filter_string_t *text, config_t *config, tag_filter_string_t *err);

// Memory for `len` bytes, zeroed. There is always some, or the filter ends.
void *need(size_t len);

// The text of `before`, `middle` and `after`, one after the other.
void join(tag_filter_string_t *ret, const char *before, part_t middle, const char *after);

#endif
