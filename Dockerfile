# The images of Crossdock. `docker build .` makes the full one, which the action runs; `--target bare` the
# one without a shell. `docs/image.md` says what is in them and why.
#
# A release puts programs that it built and tested beforehand into dist/, and nothing is compiled here;
# without them, as in a checkout, the program is built from these sources, which takes many minutes.

# What builds: Debian with Rust. Where everything lies in dist/ already, any image with a shell will do.
ARG BUILDER=docker.io/library/rust:1.95-slim-bookworm

FROM --platform=$BUILDPLATFORM ${BUILDER} AS build
ARG TARGETARCH
WORKDIR /crossdock
COPY . .
RUN .ci/image-files "$TARGETARCH" /image

FROM scratch AS bare
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="crossdock" \
      org.opencontainers.image.description="A declarative mirror for container images that runs in CI" \
      org.opencontainers.image.source="https://github.com/crossdock-dev/crossdock" \
      org.opencontainers.image.documentation="https://github.com/crossdock-dev/crossdock/blob/main/docs/image.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /image/bare/ /
ENTRYPOINT ["/usr/bin/crossdock"]

# No USER: actions have to be root to write what GitHub reads afterwards. Any other user works too.
FROM bare AS full
COPY --from=build /image/shell/ /
