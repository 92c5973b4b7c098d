// require-platforms: keeps images that exist for all platforms of a list, and drops the others with
// what they lack as the reason. What is returned is freed by the caller, so it has to be allocated.

#include "config.h"

#include <stdlib.h>
#include <string.h>

typedef crossdock_filter_types_platform_t platform_t;

static bool equal(part_t part, const tag_filter_string_t *text) {
  return part.len == text->len && memcmp(part.ptr, text->ptr, part.len) == 0;
}

static bool is(part_t part, const char *text) {
  return part.len == strlen(text) && memcmp(part.ptr, text, part.len) == 0;
}

// What an image without a variant means, as container runtimes see it.
static bool is_usual(const wanted_t *wanted) {
  return (is(wanted->architecture, "arm64") && is(wanted->variant, "v8")) ||
         (is(wanted->architecture, "arm") && is(wanted->variant, "v7"));
}

static bool matches(const wanted_t *wanted, const platform_t *platform) {
  if (!equal(wanted->os, &platform->os) || !equal(wanted->architecture, &platform->architecture)) {
    return false;
  }
  if (wanted->variant.len == 0) return true;
  return platform->variant.is_some ? equal(wanted->variant, &platform->variant.val) : is_usual(wanted);
}

static bool has(const crossdock_filter_types_image_t *image, const wanted_t *wanted) {
  for (size_t index = 0; index < image->platforms.len; index++) {
    if (matches(wanted, &image->platforms.ptr[index])) return true;
  }
  return false;
}

static void append(tag_filter_string_t *text, const void *bytes, size_t len) {
  memcpy(text->ptr + text->len, bytes, len);
  text->len += len;
}

// `missing linux/arm64, linux/s390x`; empty if nothing is.
static tag_filter_string_t missing(const crossdock_filter_types_image_t *image, const config_t *config) {
  static const char start[] = "missing ", between[] = ", ";
  size_t most = sizeof start;
  for (size_t index = 0; index < config->len; index++) {
    most += sizeof between + config->platforms[index].whole.len;
  }
  tag_filter_string_t reason = {need(most), 0};
  for (size_t index = 0; index < config->len; index++) {
    const wanted_t *wanted = &config->platforms[index];
    if (has(image, wanted)) continue;
    if (reason.len == 0) {
      append(&reason, start, strlen(start));
    } else {
      append(&reason, between, strlen(between));
    }
    append(&reason, wanted->whole.ptr, wanted->whole.len);
  }
  return reason;
}

bool exports_crossdock_filter_filter_prepare(tag_filter_string_t *text,
                                             exports_crossdock_filter_filter_plan_t *ret,
                                             tag_filter_string_t *err) {
  config_t config;
  ret->needs = CROSSDOCK_FILTER_TYPES_FACTS_PLATFORMS;
  bool is_right = config_read(text, &config, err);
  tag_filter_string_free(text);
  return is_right;
}

bool exports_crossdock_filter_filter_decide(tag_filter_string_t *text,
                                            exports_crossdock_filter_filter_request_t *request,
                                            exports_crossdock_filter_filter_list_decision_t *ret,
                                            tag_filter_string_t *err) {
  config_t config;
  if (!config_read(text, &config, err)) return false;
  ret->len = request->images.len;
  ret->ptr = need(ret->len * sizeof *ret->ptr);
  for (size_t index = 0; index < ret->len; index++) {
    exports_crossdock_filter_filter_decision_t *decision = &ret->ptr[index];
    tag_filter_string_t reason = missing(&request->images.ptr[index], &config);
    if (reason.len == 0) {
      free(reason.ptr);
      decision->tag = CROSSDOCK_FILTER_TYPES_DECISION_KEEP;
    } else {
      decision->tag = CROSSDOCK_FILTER_TYPES_DECISION_DROP;
      decision->val.drop.is_some = true;
      decision->val.drop.val = reason;
    }
  }
  tag_filter_string_free(text);
  exports_crossdock_filter_filter_request_free(request);
  return true;
}
