// my-filter: keeps releases such as `1.2.3` and `v1.2.3`, and drops everything else.

const RELEASE = /^v?\d+\.\d+\.\d+$/;
const CANDIDATE = /^v?\d+\.\d+\.\d+-rc\.\d+$/;

// The `config:` block of the spec, as JSON text. What is thrown is what the user reads.
function read(text) {
  const config = JSON.parse(text);
  for (const key of Object.keys(config)) {
    if (key !== "candidates") throw `config.${key}: unknown key, expected \`candidates\``;
  }
  const { candidates = false } = config;
  if (typeof candidates !== "boolean") throw "config.candidates: expected true or false";
  return { candidates };
}

function decide(config, image) {
  const keep = RELEASE.test(image.tag) || (config.candidates && CANDIDATE.test(image.tag));
  return keep ? { tag: "keep" } : { tag: "drop", val: "not a release" };
}

export const filter = {
  // Checks the configuration, and says what is needed: { digest, platforms, annotations, config, now }.
  prepare(config) {
    read(config);
    return { needs: {} };
  },

  // Decides every image, in the order of `request.images`.
  decide(config, request) {
    const settings = read(config);
    return request.images.map((image) => decide(settings, image));
  },
};
