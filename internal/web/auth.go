package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// allowed reports whether a request has the right user and password. How long that
// takes says nothing of how much of them was right.
func (s *Server) allowed(r *http.Request) bool {
	want := s.options.Authentication
	if want == nil {
		return true
	}
	user, password, _ := r.BasicAuth()
	return same(user, want.Username)&same(password, want.Password) == 1
}

func same(a, b string) int {
	ha, hb := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(ha[:], hb[:])
}

// strange reports whether a request may come from a page of another host: one whose name
// came to mean this machine after a browser here had loaded it. It is asked for by
// that name. Only where there is no password, and where being on this machine is what
// protects: other names than its own are then no use to anybody.
func (s *Server) strange(r *http.Request) bool {
	at, ok := s.ln.Addr().(*net.TCPAddr)
	return s.options.Authentication == nil && ok && at.IP.IsLoopback() && !isOwnHost(r.Host)
}

// isOwnHost reports whether a Host header has an IP address, or localhost.
func isOwnHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// guard lets a request through that has the right user and password.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.strange(r) {
			text(w, http.StatusForbidden, "ask by IP address or as localhost, or set web.authentication in the configuration: "+
				"without a password, this server answers to no other name")
			return
		}
		if s.allowed(r) {
			next.ServeHTTP(w, r)
			return
		}
		if r.Header.Get("Authorization") != "" { // a browser first asks without
			s.denied.Add(1)
			s.options.Log.Warn("somebody tried a wrong user or password", "address", r.RemoteAddr)
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="astrond", charset="UTF-8"`)
		text(w, http.StatusUnauthorized, "this needs the user and the password of web.authentication in the configuration")
	})
}
