package clientagent

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// TLSFiles are the files, in PEM, that a listener encrypts with. They are read
// again when they change, without a restart.
type TLSFiles struct {
	Certificate string `key:"certificate,required" is:"file" doc:"The server's certificate, in PEM."`
	Key         string `key:"key_file,required" is:"file" doc:"The certificate's private key, in PEM."`
	Chain       string `key:"chain_file" is:"file" doc:"Intermediate certificates, in PEM."`

	_ bool `key:"tlsv1" default:"true" doc:"Accepted for old files, without effect: TLS 1.2 is the oldest version that is spoken."`
	_ bool `key:"sslv2" refuse:"SSLv2 is insecure and not supported" doc:"Accepted for old files: SSLv2 is never spoken."`
	_ bool `key:"sslv3" refuse:"SSLv3 is insecure and not supported" doc:"Accepted for old files: SSLv3 is never spoken."`

	// Authority is a file, or a folder of files.
	Authority string `key:"cert_authority" is:"file or folder" doc:"The authorities, in PEM, of which one must have signed a client's certificate; left out, clients need none."`
	// MaxDepth zero is no limit.
	MaxDepth int `key:"max_verify_depth" default:"6" min:"1" max:"100" doc:"How many certificates may lead from a client's to the authority's."`
}

// CheckFiles finds files that do not belong together.
func (f *TLSFiles) CheckFiles(report func(problem, fix string, keys ...string)) {
	if _, err := f.load(); err != nil {
		report("TLS: "+err.Error(), "name files in PEM that belong together", "", "certificate", "key_file", "chain_file", "cert_authority")
	}
}

// checkFilesEvery is how often the files are looked at, at most.
const checkFilesEvery = time.Second

// loadTLS reads the files and returns the configuration of a listener: TLS 1.2 or
// later. Once loaded, files that have become unreadable, or do not fit together
// (yet), leave what was loaded last in place, with a line in the log.
func loadTLS(files TLSFiles, log *slog.Logger) (*tls.Config, error) {
	k := &certificates{files: files, log: log}
	if err := k.load(); err != nil {
		return nil, err
	}
	k.checked = time.Now()
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return k.config(time.Now()), nil },
	}, nil
}

// certificates holds what was loaded last.
type certificates struct {
	files TLSFiles
	log   *slog.Logger

	mu      sync.Mutex
	current *tls.Config
	state   string // of the files, when they were loaded
	checked time.Time
}

func (k *certificates) config(now time.Time) *tls.Config {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now.Sub(k.checked) >= checkFilesEvery {
		k.checked = now
		if state := k.files.state(); state != k.state {
			if err := k.load(); err != nil {
				k.state = state // tell it once
				k.log.Error("cannot load the new certificate, the old one is still used", "error", err)
			} else {
				k.log.Info("loaded a new certificate", "file", k.files.Certificate)
			}
		}
	}
	return k.current
}

// load replaces the current configuration.
func (k *certificates) load() error {
	state := k.files.state() // before reading: a change meanwhile is seen next time
	c, err := k.files.load()
	if err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	k.current, k.state = c, state
	return nil
}

func (f *TLSFiles) load() (*tls.Config, error) {
	certificate, err := os.ReadFile(f.Certificate)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(f.Key)
	if err != nil {
		return nil, err
	}
	if f.Chain != "" {
		chain, err := os.ReadFile(f.Chain)
		if err != nil {
			return nil, err
		}
		certificate = append(append(certificate, '\n'), chain...)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", f.Certificate, f.Key, err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if f.Authority != "" {
		if c.ClientCAs, err = f.authorities(); err != nil {
			return nil, err
		}
		c.ClientAuth = tls.RequireAndVerifyClientCert
		c.VerifyConnection = f.checkDepth
	}
	return c, nil
}

// authorities reads the file, or every file of the folder.
func (f *TLSFiles) authorities() (*x509.CertPool, error) {
	names := []string{f.Authority}
	if entries, err := os.ReadDir(f.Authority); err == nil {
		names = nil
		for _, e := range entries {
			if !e.IsDir() {
				names = append(names, filepath.Join(f.Authority, e.Name()))
			}
		}
	}
	pool, found := x509.NewCertPool(), false
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		found = pool.AppendCertsFromPEM(b) || found
	}
	if !found {
		return nil, fmt.Errorf("%s: there is no certificate in it", f.Authority)
	}
	return pool, nil
}

var errTooDeep = errors.New("too many certificates lead from the client's to the authority's")

func (f *TLSFiles) checkDepth(c tls.ConnectionState) error {
	if f.MaxDepth == 0 {
		return nil
	}
	for _, chain := range c.VerifiedChains {
		if len(chain)-2 <= f.MaxDepth {
			return nil
		}
	}
	return errTooDeep
}

// state changes when a file does.
func (f *TLSFiles) state() string {
	state := ""
	for _, name := range []string{f.Certificate, f.Key, f.Chain, f.Authority} {
		if info, err := os.Stat(name); err == nil {
			state += fmt.Sprintf("%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return state
}
