package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
)

// allowed says whether a request has the right user and password. How long that
// takes says nothing of how much of them was right.
func (s *Server) allowed(r *http.Request) bool {
	if s.options.User == "" && s.options.Password == "" {
		return true
	}
	user, password, _ := r.BasicAuth()
	return same(user, s.options.User)&same(password, s.options.Password) == 1
}

func same(a, b string) int {
	ha, hb := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(ha[:], hb[:])
}

// guard lets a request through that has the right user and password.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
