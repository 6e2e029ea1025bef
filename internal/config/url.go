package config

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
)

// URL is the address of a server, which may hold a user and a password. However
// it is printed, logged or encoded, it shows neither of them, nor its query;
// [URL.Reveal] is the one way to its text.
type URL string

// Reveal is the URL's whole text.
func (u URL) Reveal() string { return string(u) }

// String is the URL without its user, password and query.
func (u URL) String() string {
	scheme, rest, ok := strings.Cut(string(u), "://")
	if !ok {
		if u == "" {
			return ""
		}
		return masked
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = masked + rest[i:]
	}
	if i := strings.IndexByte(rest, '?'); i >= 0 {
		rest = rest[:i] + "?" + masked
	}
	return scheme + "://" + rest
}

// Format keeps every verb of package fmt from showing the whole text.
func (u URL) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// MarshalText keeps encoders from showing the whole text.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue keeps logs from showing the whole text.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// hasUser says whether the URL carries a user or a token.
func (u URL) hasUser() bool { return strings.Contains(string(u), "@") }

// serverURL is the form of a NATS server's address: scheme://[user[:password]@]host[:port].
func serverURL(schemes ...string) func(string) (URL, *wrong) {
	return func(text string) (URL, *wrong) {
		want := fmt.Sprintf("write %s://host:port", strings.Join(schemes, "://host:port or "))
		u, err := url.Parse(text)
		if err != nil {
			return "", &wrong{"is no URL", want} // the error would quote a password
		}
		if !slices.Contains(schemes, u.Scheme) || u.Opaque != "" {
			return "", &wrong{"has another scheme, or none", want}
		}
		if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
			return "", &wrong{"has more than a host and a port", want}
		}
		if _, w := parseAddress(u.Host, 1, false); w != nil {
			return "", &wrong{"has no valid host: " + w.problem, want}
		}
		return URL(text), nil
	}
}
