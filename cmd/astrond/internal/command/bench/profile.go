package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// profiles records what the processes of a world do and wait for, each kind of profile into a file of
// its own.
type profiles struct {
	folder string // empty: none are recorded
	each   time.Duration
	asking sync.WaitGroup
	mu     sync.Mutex
	err    error
}

// profileKinds are those that Go's profiler has for a span of time, by the names of their files.
var profileKinds = map[string]string{"cpu": "profile", "mutex": "mutex", "block": "block"}

// page is the status page that a process has for it, as its configuration writes it.
func (p *profiles) page() string {
	if p.folder == "" {
		return ""
	}
	return "web: {bind: '127.0.0.1:0', pprof: true}\n"
}

// begin has all processes record from now on.
func (p *profiles) begin(ctx context.Context, all []*process) {
	if p.folder == "" {
		return
	}
	for _, one := range all {
		for kind, path := range profileKinds {
			p.asking.Go(func() {
				url := fmt.Sprintf("%sdebug/pprof/%s?seconds=%d", one.page, path, max(1, int(p.each.Seconds())))
				if err := record(ctx, url, filepath.Join(p.folder, one.name+"."+kind)); err != nil {
					p.mu.Lock()
					defer p.mu.Unlock()
					p.err = errors.Join(p.err, fmt.Errorf("the %s profile of %s: %w", kind, one.name, err))
				}
			})
		}
	}
}

// end waits until all are written.
func (p *profiles) end() error {
	p.asking.Wait()
	return p.err
}

func record(ctx context.Context, url, file string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	to, err := os.Create(file)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, answer.Body)
	return errors.Join(err, to.Close())
}
