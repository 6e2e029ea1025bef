# One small image for every role: a static astrond and nothing else.
#
#   docker build -t natstron .
#   docker run --read-only -v "$PWD/examples/hello:/etc/astrond:ro" natstron
#
# The configuration is /etc/astrond/astrond.yml, unless a command names another one.
# /data is the one folder that it can write to: put databases and event logs there,
# on a volume.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X natstron/cmd/astrond/app.version=$VERSION" -o /out/astrond ./cmd/astrond \
 && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/astrond /astrond
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
EXPOSE 7197/udp 7198 7199 8080
ENTRYPOINT ["/astrond"]
CMD ["/etc/astrond/astrond.yml"]
