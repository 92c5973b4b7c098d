"""my-filter: keeps releases such as `1.2.3` and `v1.2.3`, and drops everything else."""

import json
import re

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.types import Decision, Decision_Drop, Decision_Keep, Facts, Image, Plan, Request

RELEASE = re.compile(r"v?\d+\.\d+\.\d+", re.ASCII)
CANDIDATE = re.compile(r"v?\d+\.\d+\.\d+-rc\.\d+", re.ASCII)


def read(text: str) -> bool:
    """The `config:` block of the spec: whether release candidates are kept, too."""
    config = json.loads(text)
    for key in config:
        if key != "candidates":
            # The text of an `Err` is what the user reads.
            raise Err(f"config.{key}: unknown key, expected `candidates`")
    candidates = config.get("candidates", False)
    if not isinstance(candidates, bool):
        raise Err("config.candidates: expected true or false")
    return candidates


def decide(candidates: bool, image: Image) -> Decision:
    if RELEASE.fullmatch(image.tag) or (candidates and CANDIDATE.fullmatch(image.tag)):
        return Decision_Keep()
    return Decision_Drop("not a release")


class Filter(exports.Filter):
    def prepare(self, config: str) -> Plan:
        """Checks the configuration, and says what is needed: `Facts.DIGEST | Facts.NOW`, ..."""
        read(config)
        return Plan(needs=Facts(0))

    def decide(self, config: str, request: Request) -> list[Decision]:
        """Decides every image, in the order of `request.images`."""
        candidates = read(config)
        return [decide(candidates, image) for image in request.images]
