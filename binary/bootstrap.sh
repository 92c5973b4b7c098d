#!/bin/sh
# Finds the program of this release, or gets it, and becomes `crossdock ci`.
#
# For any POSIX shell: dash, bash, busybox. Needs curl or wget, and sha256sum, shasum or openssl; none of
# them when a program is named. Reads:
#
#   CROSSDOCK_BINARY_PATH    a program that is there already: nothing is downloaded
#   CROSSDOCK_DOWNLOAD_URL   where releases are, if not at home: files are below vVERSION/
#   RUNNER_TOOL_CACHE        where programs stay from run to run; else RUNNER_TEMP; else nothing stays
set -eu
umask 022

releases=https://github.com/crossdock-dev/crossdock/releases/download
pins=$(dirname -- "$0")/pins

# Tells the runner and what comes after it in the pipeline, and ends.
give_up() {
    printf '::error title=crossdock::%s\n' "$(printf '%s' "$1" | sed 's/%/%25/g')"
    [ -z "${GITHUB_OUTPUT:-}" ] || printf 'result=failed\nexit-code=1\n' >>"$GITHUB_OUTPUT"
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# The first of these programs that is here, or nothing.
first_of() {
    for name; do
        if has "$name"; then
            printf '%s' "$name"
            return
        fi
    done
}

# What the file of pins says of a key.
pinned() {
    sed -n "s/^$1 //p" "$pins"
}

digest_of() {
    case $hasher in
        sha256sum) sha256sum <"$1" ;;
        shasum) shasum -a 256 <"$1" ;;
        openssl) openssl dgst -sha256 -r <"$1" ;;
    esac | cut -c 1-64
}

fetch() {
    case $fetcher in
        curl)
            curl --fail --silent --show-error --location --proto '=https,http' --connect-timeout 20 \
                --retry 4 --output "$2" "$1"
            ;;
        wget) wget -q -O "$2" "$1" ;;
    esac
}

if [ -n "${CROSSDOCK_BINARY_PATH:-}" ]; then
    [ -x "$CROSSDOCK_BINARY_PATH" ] || give_up "binary-path: $CROSSDOCK_BINARY_PATH cannot be run"
    exec "$CROSSDOCK_BINARY_PATH" ci
fi

case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-amd64) machine=linux-amd64 ;;
    Linux-aarch64 | Linux-arm64) machine=linux-arm64 ;;
    *) give_up "there is no program for $(uname -s) on $(uname -m): build it, and set binary-path" ;;
esac
version=$(pinned version)
wanted=$(pinned "sha256 $machine")
if [ "$version" = none ] || [ -z "$wanted" ]; then
    give_up 'this commit is not of a release: use the commit of a release, or set binary-path'
fi
hasher=$(first_of sha256sum shasum openssl)
[ -n "$hasher" ] || give_up 'install sha256sum, shasum or openssl, or set binary-path'

below=crossdock/$version/$machine

# What lies there is believed only for its bytes, each time. No shell stays behind the program, to swallow
# signals or the exit code.
for base in "${RUNNER_TOOL_CACHE:-}" "${RUNNER_TEMP:-}"; do
    program=$base/$below/crossdock
    if [ -n "$base" ] && [ -x "$program" ] && [ "$(digest_of "$program")" = "$wanted" ]; then
        exec "$program" ci
    fi
done

place=
for base in "${RUNNER_TOOL_CACHE:-}" "${RUNNER_TEMP:-}"; do
    if [ -n "$base" ] && mkdir -p "$base/$below" 2>/dev/null && [ -w "$base/$below" ]; then
        place=$base/$below
        break
    fi
done
# Not a name in /tmp that others could know beforehand, and fill.
[ -n "$place" ] || place=$(mktemp -d)

fetcher=$(first_of curl wget)
[ -n "$fetcher" ] || give_up 'install curl or wget, or set binary-path'
url=${CROSSDOCK_DOWNLOAD_URL:-$releases}/v$version/crossdock-$machine
part=$place/part.$$
trap 'rm -f -- "$part"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
fetch "$url" "$part" || give_up "$url cannot be downloaded: see above, and whether download-url is right"
found=$(digest_of "$part")
[ "$found" = "$wanted" ] || give_up "$url is not of this release: its SHA-256 is $found, not $wanted"
chmod 755 "$part"
# Another run may do the same at this moment; the later one wins, with the same bytes.
mv -f -- "$part" "$place/crossdock"
trap - EXIT INT TERM
exec "$place/crossdock" ci
