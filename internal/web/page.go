package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"net/http"
)

//go:embed page.html
var pageHTML []byte

// page is the status page: one file, whose script reads /api/status. The browser
// is told to run that script and use that style, and nothing else, whatever gets
// into the page.
type page struct{ policy string }

func newPage() (*page, error) {
	style, ok := hashBetween("<style>", "</style>")
	script, ok2 := hashBetween("<script>", "</script>")
	if !ok || !ok2 {
		return nil, errors.New("the page has no style or no script")
	}
	return &page{"default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; " +
		"frame-ancestors 'none'; style-src '" + style + "'; script-src '" + script + "'"}, nil
}

// ServeHTTP implements [http.Handler].
func (p *page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Security-Policy", p.policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(pageHTML) // the browser may have gone
}

// hashBetween is the hash, as a content security policy has it, of what is
// between two tags.
func hashBetween(begin, end string) (string, bool) {
	_, rest, ok := bytes.Cut(pageHTML, []byte(begin))
	text, _, ok2 := bytes.Cut(rest, []byte(end))
	sum := sha256.Sum256(text)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:]), ok && ok2
}
