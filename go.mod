module natstron

go 1.26.0

require (
	github.com/cockroachdb/datadriven v1.0.3 // tests: scripts of commands and what followed
	github.com/coder/websocket v1.8.15 // clients in browsers
	github.com/goccy/go-yaml v1.19.2 // astrond.yml: its errors show line, column and an excerpt
	github.com/google/go-cmp v0.7.0 // tests: differences that one can read
	github.com/nats-io/jwt/v2 v2.8.3 // tests of logins at NATS servers
	github.com/nats-io/nats-server/v2 v2.15.3 // the embedded backbone
	github.com/nats-io/nats.go v1.55.0 // the backbone
	github.com/nats-io/nkeys v0.4.17 // tests of logins at NATS servers
	github.com/nats-io/nuid v1.0.1 // origins of nodes, made as NATS makes its ids
	github.com/pires/go-proxyproto v0.15.0 // PROXY protocol, both versions, with TLVs
	github.com/prometheus/client_golang v1.25.0 // /metrics
	github.com/rogpeppe/go-internal v1.16.0 // tests: testscript, for the command line
	github.com/tinylib/msgp v1.6.5 // MessagePack events
	github.com/urfave/cli/v2 v2.27.7 // subcommands and their help
	go.mongodb.org/mongo-driver/v2 v2.10.0 // storage/mongo
	go.uber.org/goleak v1.3.0 // tests: no goroutine is left behind
	golang.org/x/crypto v0.58.0 // examples hash passwords
	golang.org/x/sync v0.25.0 // errgroup: storage/dump reads and writes at once
	golang.org/x/sys v0.50.0 // poll, sockets and locks of Linux and the BSDs
	golang.org/x/term v0.48.0 // the size of the terminal, for astrond top
	golang.org/x/time v0.16.0 // limits: of what clients send, of repeated log lines
	modernc.org/sqlite v1.60.1 // storage/embedded: SQLite without cgo; the version whose durability was tested
	pgregory.net/rapid v1.3.0 // tests: properties, with shrinking
)

require (
	github.com/antithesishq/antithesis-sdk-go v0.9.0-default-no-op // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/cpuguy83/go-md2man/v2 v2.0.7 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/google/go-tpm v0.9.8 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/klauspost/compress v1.20.4 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/minio/highwayhash v1.0.4 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/russross/blackfriday/v2 v2.1.0 // indirect
	github.com/xdg-go/scram v1.4.0 // indirect
	github.com/xdg-go/stringprep v1.0.4 // indirect
	github.com/xrash/smetrics v0.0.0-20240521201337-686a1a2994c1 // indirect
	github.com/youmark/pkcs8 v0.0.0-20240726163527-a2c0da244d78 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	modernc.org/libc v1.80.1 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)
