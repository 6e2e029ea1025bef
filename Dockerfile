# One small image for every role: a static astrond and nothing else.
#
#   docker build -t natstron .
#   docker run --rm natstron version
#   docker run --rm --network host --read-only -v "$PWD/examples/hello:/etc/astrond:ro" natstron
#
# It needs BuildKit, which is on in Docker 23 and newer; with 20.10, put DOCKER_BUILDKIT=1
# before docker build. The configuration is /etc/astrond/astrond.yml, where the commands of
# astrond, such as health, find it too. That of examples/hello listens on 127.0.0.1, so it
# needs the network of the host; for one that listens on 0.0.0.0, -p 7198:7198 is enough.
# astrond can write to /data only: put databases and event logs there, on a volume.

# Always the newest 1.26, for the fixes in Go's library.
FROM golang:1.26 AS build
WORKDIR /src
COPY . .
ARG VERSION=devel
ARG REVISION=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -buildvcs=false -trimpath -o /out/astrond \
      -ldflags="-s -w -X natstron/cmd/astrond/internal/build.version=$VERSION -X natstron/cmd/astrond/internal/build.revision=$REVISION" \
      ./cmd/astrond \
 && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY LICENSE /LICENSE
COPY --from=build /out/astrond /astrond
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /etc/astrond
EXPOSE 7197/udp 7198 7199 8080
ENTRYPOINT ["/astrond"]
ARG VERSION=devel
ARG REVISION=unknown
LABEL org.opencontainers.image.title="natstron" \
      org.opencontainers.image.description="The Astron server suite on a NATS backbone" \
      org.opencontainers.image.licenses="BSD-3-Clause" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
