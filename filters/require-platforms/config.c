// Reads the configuration, which is JSON that the host wrote: an object with one list of texts. Just
// enough of JSON for that; what is more is refused.

#include "config.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *at, *end;
} reader_t;

void *need(size_t len) {
  void *memory = calloc(len > 0 ? len : 1, 1);
  if (memory == NULL) __builtin_trap();
  return memory;
}

void join(tag_filter_string_t *ret, const char *before, part_t middle, const char *after) {
  size_t first = strlen(before), last = strlen(after);
  ret->len = first + middle.len + last;
  ret->ptr = need(ret->len);
  memcpy(ret->ptr, before, first);
  memcpy(ret->ptr + first, middle.ptr, middle.len);
  memcpy(ret->ptr + first + middle.len, after, last);
}

// Goes on to `wanted`, past blanks, and past it.
static bool take(reader_t *reader, uint8_t wanted) {
  while (reader->at < reader->end && memchr(" \t\r\n", *reader->at, 4)) reader->at++;
  if (reader->at == reader->end || *reader->at != wanted) return false;
  reader->at++;
  return true;
}

// Reads a text without escapes: neither our key nor a platform has any.
static bool text(reader_t *reader, part_t *part) {
  if (!take(reader, '"')) return false;
  part->ptr = reader->at;
  while (reader->at < reader->end && *reader->at != '"') {
    if (*reader->at++ == '\\') return false;
  }
  part->len = (size_t)(reader->at - part->ptr);
  return take(reader, '"');
}

// Cuts off what is before the next slash.
static part_t cut(part_t *rest) {
  const uint8_t *slash = rest->len > 0 ? memchr(rest->ptr, '/', rest->len) : NULL;
  part_t before = {rest->ptr, slash ? (size_t)(slash - rest->ptr) : rest->len};
  size_t used = before.len + (slash ? 1 : 0);
  rest->ptr += used;
  rest->len -= used;
  return before;
}

// `os/architecture` or `os/architecture/variant`.
static bool platform(part_t whole, wanted_t *wanted) {
  part_t rest = whole;
  wanted->whole = whole;
  wanted->os = cut(&rest);
  wanted->architecture = cut(&rest);
  bool has_variant = rest.len > 0;
  wanted->variant = cut(&rest);
  bool ends_in_slash = whole.len > 0 && whole.ptr[whole.len - 1] == '/';
  return wanted->os.len > 0 && wanted->architecture.len > 0 && rest.len == 0 && !ends_in_slash &&
         (!has_variant || wanted->variant.len > 0);
}

static bool platforms(reader_t *reader, config_t *config, tag_filter_string_t *err) {
  if (!take(reader, '[')) {
    tag_filter_string_dup(err, "config.platforms: expected a list");
    return false;
  }
  if (take(reader, ']')) return true;
  do {
    part_t whole;
    if (config->len == PLATFORMS_MAX) {
      tag_filter_string_dup(err, "config.platforms: more than 32");
      return false;
    }
    if (!text(reader, &whole)) {
      tag_filter_string_dup(err, "config.platforms: expected texts such as linux/amd64");
      return false;
    }
    if (!platform(whole, &config->platforms[config->len++])) {
      join(err, "config.platforms: `", whole, "` is not os/architecture or os/architecture/variant");
      return false;
    }
  } while (take(reader, ','));
  if (take(reader, ']')) return true;
  tag_filter_string_dup(err, "config.platforms: the list does not end");
  return false;
}

bool config_read(const tag_filter_string_t *json, config_t *config, tag_filter_string_t *err) {
  reader_t reader = {json->ptr, json->ptr + json->len};
  config->len = 0;
  bool is_object = take(&reader, '{');
  if (is_object && !take(&reader, '}')) {
    do {
      part_t key;
      if (!text(&reader, &key) || !take(&reader, ':')) {
        tag_filter_string_dup(err, "config: unknown key, expected `platforms`");
        return false;
      }
      if (key.len != strlen("platforms") || memcmp(key.ptr, "platforms", key.len) != 0) {
        join(err, "config.", key, ": unknown key, expected `platforms`");
        return false;
      }
      if (!platforms(&reader, config, err)) return false;
    } while (take(&reader, ','));
    is_object = take(&reader, '}');
  }
  if (is_object && config->len > 0) return true;
  tag_filter_string_dup(err, is_object ? "config.platforms: at least one is needed" : "config: this is no object");
  return false;
}
