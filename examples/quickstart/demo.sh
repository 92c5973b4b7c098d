#!/bin/sh
# Shows crossdock at work on the images beside this file, and checks that it does what it says.
# Usage: demo.sh [DIRECTORY]. The directory is made anew; what the demo made is left there.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
crossdock_bin=${CROSSDOCK_BIN:-$root/target/debug/crossdock}
scratch=${1:-$root/target/demo}

# The demo is the same on every machine: settings of the user's own stay out of it.
unset CROSSDOCK_SPEC CROSSDOCK_ONLY CROSSDOCK_DEADLINE CI || true
export CROSSDOCK_PROGRESS=none

fail() {
    printf '\ndemo: FAILED: %s\n' "$*" >&2
    exit 1
}

say() {
    printf '\n# %s\n' "$*"
}

# expect CODE COMMAND…: shows the command, runs it, and insists on its exit code.
expect() {
    expected=$1
    shift
    printf '$ crossdock %s\n' "$*"
    code=0
    "$crossdock_bin" "$@" || code=$?
    [ "$code" -eq "$expected" ] || fail "\`crossdock $*\` ended with $code, not with $expected"
    printf '(exit code %s)\n' "$code"
}

[ -x "$crossdock_bin" ] || fail "no program at $crossdock_bin: run \`make demo\`, which builds it"
case "$scratch" in
    '' | / | . | ..) fail "'$scratch' is not a directory to make anew" ;;
esac
if [ -e "$scratch" ] && [ ! -f "$scratch/crossdock.yaml" ]; then
    fail "$scratch is there already and is not a demo's: name another directory, or remove it"
fi
rm -rf -- "$scratch"
mkdir -p -- "$scratch"
# The spec first: by it the directory is known again, also after an interruption.
cp -- "$here/crossdock.yaml" "$scratch/"
cp -R -- "$here/source" "$scratch/"
cd -- "$scratch"
scratch=$(pwd)

say 'Four rules in crossdock.yaml mirror images from one directory into another.'
expect 0 lint

say 'What would change: every tag that the rules take is absent from the mirror.'
expect 0 plan

say 'Make it so. The report says what was done, for programs.'
expect 0 sync --report json=report.json

say 'Now the mirror is what the spec says.'
expect 0 check

say 'Somebody moves a tag at the source …'
web=oci:./source//registry.example.com/shop/web
expect 0 copy "$web:v1.10.0" "$web:latest"

say '… and check finds the drift: exit code 2.'
expect 2 check

say 'A second run writes that one tag and nothing else.'
expect 0 sync --report json=second.json
grep -q '"updated": 1,' second.json || fail 'the second run did not update exactly one tag'
grep -q '"created": 0,' second.json || fail 'the second run created tags'

say 'In order again.'
expect 0 check

printf '\nThe demo is done, and everything was as expected. Have a look at\n'
printf '  %s\n' "$scratch/crossdock.yaml" "$scratch/mirror" "$scratch/report.json" "$scratch/second.json"
