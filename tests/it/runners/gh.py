#!/usr/bin/env python3
"""GitHub's program `gh` for one test. Writes down what it is asked, with the texts of the files that it is
given, and answers with what lies in `answer`, by jq where it is asked so.
"""

import json
import os
import pathlib
import subprocess
import sys

place = pathlib.Path(os.environ["GH_PLACE"])
asked = sys.argv[1:]


def told(word: str) -> str:
    """A word of the command line; a file that it names by its text."""
    name, at, path = word.partition("=@")
    return f"{name}={pathlib.Path(path).read_text()}" if at else word


words = [told(word) for word in asked]
if "--body-file" in asked:
    at = asked.index("--body-file") + 1
    words[at] = pathlib.Path(asked[at]).read_text()
with (place / "asked").open("a") as log:
    log.write(json.dumps(words) + "\n")
if "--jq" in asked:
    pattern = asked[asked.index("--jq") + 1]
    answer = (place / "answer").read_bytes()
    said = subprocess.run(["jq", "--raw-output", pattern], input=answer, stdout=subprocess.PIPE, check=True)
    # Where jq says `null`, gh says nothing.
    print("\n".join("" if line == "null" else line for line in said.stdout.decode().splitlines()))
