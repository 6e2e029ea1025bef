package web

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"natstron/internal/status"
)

// snapshots gives out the process's snapshot as JSON. However many look, they
// share one.
type snapshots struct {
	take func() *status.Snapshot

	mu    sync.Mutex
	body  []byte
	err   error
	until time.Time // when the next one is taken
}

// snapshotEvery is how long a snapshot is given out.
const snapshotEvery = 500 * time.Millisecond

// ServeHTTP implements [http.Handler].
func (s *snapshots) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	body, err := s.get()
	if err != nil {
		text(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the browser may have gone
}

func (s *snapshots) get() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.until) {
		return s.body, s.err
	}
	s.body, s.err = json.Marshal(s.take())
	s.until = time.Now().Add(snapshotEvery)
	return s.body, s.err
}
