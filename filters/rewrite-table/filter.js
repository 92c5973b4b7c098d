// rewrite-table: rewrites tags by a table of regular expressions. The first rule that matches a whole
// tag decides; `to` has `$1`, `$<name>` and `$&`, and may put images into a repository below the
// target: `alpine:$1`.

const KEYS = ["rules", "unmatched"];
const RULE_KEYS = ["match", "to", "drop"];

// Refuses keys of `object` that are not `known`. What is thrown is what the user reads.
function expectKeys(object, where, known) {
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    throw `${where}: expected keys and values`;
  }
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) throw `${where}.${key}: unknown key, expected one of ${known.join(", ")}`;
  }
}

function readRule(rule, where) {
  expectKeys(rule, where, RULE_KEYS);
  if (typeof rule.match !== "string") throw `${where}.match: expected a regular expression`;
  let match;
  try {
    match = new RegExp(`^(?:${rule.match})$`);
  } catch (why) {
    throw `${where}.match: not a regular expression: ${why.message}`;
  }
  if ((rule.to === undefined) === (rule.drop === undefined)) throw `${where}: expected either \`to\` or \`drop\``;
  if (rule.drop !== undefined) {
    if (typeof rule.drop !== "string") throw `${where}.drop: expected the reason`;
    return { match, drop: rule.drop };
  }
  const to = Array.isArray(rule.to) ? rule.to : [rule.to];
  if (to.length === 0 || to.some((name) => typeof name !== "string" || name === "")) {
    throw `${where}.to: expected a name or a list of names`;
  }
  return { match, to };
}

// The `config:` block of the spec, as JSON text.
function read(text) {
  const config = JSON.parse(text);
  expectKeys(config, "config", KEYS);
  const { rules, unmatched = "drop" } = config;
  if (!Array.isArray(rules) || rules.length === 0) throw "config.rules: expected a list of rules";
  if (!["keep", "drop"].includes(unmatched)) throw "config.unmatched: expected keep or drop";
  return { rules: rules.map((rule, index) => readRule(rule, `config.rules[${index}]`)), unmatched };
}

// `tag`, or `path:tag` for a repository below the target.
function destination(name, target) {
  const colon = name.lastIndexOf(":");
  if (colon < 0) return { tag: name };
  return { path: `${target.path}/${name.slice(0, colon)}`, tag: name.slice(colon + 1) };
}

function decide({ rules, unmatched }, tag, target) {
  const rule = rules.find(({ match }) => match.test(tag));
  if (rule === undefined) {
    return unmatched === "keep" ? { tag: "keep" } : { tag: "drop", val: "no rule matches" };
  }
  if (rule.drop !== undefined) return { tag: "drop", val: rule.drop };
  return { tag: "rename", val: rule.to.map((name) => destination(tag.replace(rule.match, name), target)) };
}

export const filter = {
  prepare(config) {
    read(config);
    return { needs: {} };
  },

  decide(config, request) {
    const settings = read(config);
    return request.images.map((image) => decide(settings, image.tag, request.target));
  },
};
