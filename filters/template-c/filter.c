// my-filter: keeps releases such as `1.2.3` and `v1.2.3`, and drops everything else.
//
// There is no system here: printf, fopen, time, exit and abort cannot be used. Texts have a length
// and no zero at their end. What is returned is freed by the caller, so it has to be allocated.

#include "bindings/tag_filter.h"

#include <stdlib.h>
#include <string.h>

static bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

// Three numbers with dots between them, perhaps with a `v` before them.
static bool is_release(const tag_filter_string_t *tag) {
  size_t at = tag->len > 0 && tag->ptr[0] == 'v' ? 1 : 0;
  for (int number = 0; number < 3; number++) {
    if (number > 0 && (at >= tag->len || tag->ptr[at++] != '.')) return false;
    size_t start = at;
    while (at < tag->len && is_digit(tag->ptr[at])) at++;
    if (at == start) return false;
  }
  return at == tag->len;
}

// Checks the configuration, which is JSON text, and says which facts are needed. What `err` says is
// what the user reads.
bool exports_crossdock_filter_filter_prepare(tag_filter_string_t *config,
                                             exports_crossdock_filter_filter_plan_t *ret,
                                             tag_filter_string_t *err) {
  bool is_empty = config->len == 2 && memcmp(config->ptr, "{}", 2) == 0;
  tag_filter_string_free(config);
  if (!is_empty) {
    tag_filter_string_dup(err, "config: this filter takes none");
    return false;
  }
  ret->needs = 0; // CROSSDOCK_FILTER_TYPES_FACTS_DIGEST | ...
  return true;
}

// Decides every image, in the order of `request->images`.
bool exports_crossdock_filter_filter_decide(tag_filter_string_t *config,
                                            exports_crossdock_filter_filter_request_t *request,
                                            exports_crossdock_filter_filter_list_decision_t *ret,
                                            tag_filter_string_t *err) {
  tag_filter_string_free(config);
  ret->len = request->images.len;
  ret->ptr = calloc(ret->len + 1, sizeof *ret->ptr);
  if (ret->ptr == NULL) {
    tag_filter_string_dup(err, "out of memory");
    return false;
  }
  for (size_t index = 0; index < ret->len; index++) {
    exports_crossdock_filter_filter_decision_t *decision = &ret->ptr[index];
    if (is_release(&request->images.ptr[index].tag)) {
      decision->tag = CROSSDOCK_FILTER_TYPES_DECISION_KEEP;
    } else {
      decision->tag = CROSSDOCK_FILTER_TYPES_DECISION_DROP;
      decision->val.drop.is_some = true;
      tag_filter_string_dup(&decision->val.drop.val, "not a release");
    }
  }
  exports_crossdock_filter_filter_request_free(request);
  return true;
}
