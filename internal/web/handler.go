package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"natstron/roles/inspect"
)

// readyTimeout bounds how long /readyz looks.
const readyTimeout = 3 * time.Second

func (s *Server) handler() (http.Handler, error) {
	page, err := newPage()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /{$}", s.guard(page))
	mux.Handle("GET /page/{file}", s.guard(http.StripPrefix("/page", page)))
	for path, ask := range inspect.Queries() {
		mux.Handle("GET /api/"+path, s.guard(s.cluster.handle(ask)))
	}
	mux.Handle("GET /api/status", s.guard(&s.shots))
	mux.Handle("GET /metrics", s.guard(s.options.Metrics))
	if s.options.Profile {
		s.handleProfiles(mux)
	}
	return careful(mux), nil
}

// careful says what browsers must not do with any of the answers.
func careful(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// ready reports whether the process can do all of its work; why not, only to those
// who may look.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	why := s.options.Ready(ctx)
	switch {
	case len(why) == 0:
		text(w, http.StatusOK, "ready")
	case s.allowed(r) && !s.strange(r):
		text(w, http.StatusServiceUnavailable, "not ready\n"+strings.Join(why, "\n"))
	default:
		text(w, http.StatusServiceUnavailable, "not ready")
	}
}

func text(w http.ResponseWriter, code int, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	fmt.Fprintln(w, s)
}
