package web

import (
	"net/http"
	"net/http/pprof"
	"runtime"
	"sync"
	"time"
)

// profileTimeout bounds how long a profile or a trace may take.
const profileTimeout = 5 * time.Minute

// What waits is recorded only while somebody asks for it, as recording costs something: one in
// mutexFraction waits for locks, and of all waits those of blockRate, and shorter ones as often as
// they fill such a time.
const (
	mutexFraction = 10
	blockRate     = 10 * time.Microsecond
	waitSeconds   = "10" // as long as it is recorded if the request does not say
)

// waits is who asks at the moment for the profiles of what waits.
type waits struct {
	mu    sync.Mutex
	asked int
}

func (s *Server) handleProfiles(mux *http.ServeMux) {
	for path, profile := range map[string]http.HandlerFunc{
		"":        pprof.Index, // and all that it lists
		"block":   s.waits.record(pprof.Handler("block")),
		"cmdline": pprof.Cmdline,
		"mutex":   s.waits.record(pprof.Handler("mutex")),
		"profile": pprof.Profile,
		"symbol":  pprof.Symbol,
		"trace":   pprof.Trace,
	} {
		mux.Handle("GET /debug/pprof/"+path, s.guard(slow(profile)))
	}
}

// record records what waits while next answers, and has it answer with what was recorded meanwhile.
// With debug, next tells in words what was recorded so far.
func (w *waits) record(next http.Handler) http.HandlerFunc {
	return func(to http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if !query.Has("seconds") && !query.Has("debug") {
			query.Set("seconds", waitSeconds)
			r.URL.RawQuery = query.Encode()
			r.Form = nil
		}
		if query.Has("seconds") {
			w.count(1)
			defer w.count(-1)
		}
		next.ServeHTTP(to, r)
	}
}

func (w *waits) count(more int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.asked += more; w.asked {
	case 0:
		runtime.SetMutexProfileFraction(0)
		runtime.SetBlockProfileRate(0)
	case more: // the first one
		runtime.SetMutexProfileFraction(mutexFraction)
		runtime.SetBlockProfileRate(int(blockRate))
	}
}

// slow lets an answer take longer than all others.
func slow(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// If it cannot be set, a long profile is cut off.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(profileTimeout))
		next(w, r)
	})
}
