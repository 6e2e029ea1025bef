package config

import (
	"fmt"
	"strings"
	"testing"

	"natstron/roles/clientagent"
)

// What is wrong with a client agent's further ports is told at its place.
func TestClientListeners(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"all at once", `
    haproxy: true
    proxies: [10.0.0.7, 192.0.2.0/24]
    listeners:
      - {bind: 127.0.0.1:7200, websocket: true, origins: ["*.example.org"]}
      - {bind: 127.0.0.1:7201, haproxy: true}
`, ""},
		{"encrypted without a certificate", `
    listeners:
      - {bind: 127.0.0.1:7200, tls: true}
`, "roles[0].listeners[0].tls"},
		{"the port of bind", `
    listeners:
      - {bind: 127.0.0.1:7198}
`, "roles[0].listeners[0].bind"},
		{"origins without a browser", `
    listeners:
      - {bind: 127.0.0.1:7200, origins: [example.org]}
`, "roles[0].listeners[0].origins"},
		{"an origin with a scheme", `
    listeners:
      - {bind: 127.0.0.1:7200, websocket: true, origins: ["https://example.org"]}
`, "roles[0].listeners[0].origins[0]"},
		{"a proxy that is no address", `
    proxies: [proxy.example.org]
`, "roles[0].proxies[0]"},
		{"a key that one can guess", `
    resume: {within: 30s, keys: [0123456789abcdef, secret]}
`, "roles[0].resume.keys[1]"},
		{"resuming clients of another protocol", `
    client: {type: otp}
    resume: {within: 30s}
`, "roles[0].resume.within"},
		{"a wait that is too long", `
    resume: {within: 2h}
`, "roles[0].resume.within"},
		{"a limit that is negative", `
    limits: {datagram_rate: -1}
`, "roles[0].limits.datagram_rate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if agent := clientAgent(t, test.text, test.want); agent != nil {
				if got := fmt.Sprint(agent.Proxies, len(agent.Listeners), agent.Listeners[0].Origins); got != "[10.0.0.7/32 192.0.2.0/24] 2 [*.example.org]" {
					t.Errorf("read %s", got)
				}
			}
		})
	}
}

// clientAgent reads the keys of a client agent. Unless wrong is empty, that must be an error, and
// tell of that place.
func clientAgent(t *testing.T, keys, wrong string) *clientagent.Options {
	t.Helper()
	c, err := Parse("astrond.yml", []byte(`
roles:
  - type: clientagent
    bind: 127.0.0.1:7198
    channels: {min: 1000000, max: 1999999}
`+strings.TrimPrefix(keys, "\n")))
	switch {
	case wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)):
		t.Errorf("the error is %v, want one at %s", err, wrong)
	case wrong == "" && err != nil:
		t.Fatal(err)
	case wrong == "":
		return c.Roles[0].ClientAgent
	}
	return nil
}
