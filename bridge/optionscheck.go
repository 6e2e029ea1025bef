package bridge

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// CheckKeys finds what is wrong with options in a configuration.
func (o *Options) CheckKeys(given func(string) bool, report func(problem, fix string, keys ...string)) {
	switch {
	case given("urls") && given("embedded"):
		report("cannot be given with embedded", "keep one of them: urls for external servers, embedded for one in this process", "urls", "")
	case given("urls") && (o.External == nil || len(o.External.URLs) == 0):
		report("is empty", "write at least one URL, such as - nats://127.0.0.1:4222", "urls")
	case !given("urls"):
		for _, key := range []string{"credentials", "user", "password", "password_file", "nkey", "token", "token_file", "tls"} {
			if given(key) {
				report("is only for external servers, and there are no urls", "add urls, or put it under embedded if it belongs there", key, "")
			}
		}
	}
	if o.DeadAfter < 4*o.Heartbeat {
		at, other := "dead_after", "heartbeat"
		if !given(at) {
			at, other = other, at
		}
		report(fmt.Sprintf("four heartbeats of %v are longer than dead_after, %v", o.Heartbeat, o.DeadAfter),
			fmt.Sprintf("write dead_after: %v or more, or a shorter heartbeat", 4*o.Heartbeat), at, other)
	}
}

// CheckKeys finds what is wrong with the prefix in a configuration.
func (s *Subjects) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if problem, fix := checkPrefix(s.Prefix); problem != "" {
		report(problem, fix, "prefix")
	}
}

// CheckKeys finds more than one way to log in. URLs with a user in them are one, too.
func (e *External) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if len(e.URLs) == 0 {
		return
	}
	var ways, last []string
	add := func(way string, keys ...string) {
		if len(keys) > 0 {
			ways, last = append(ways, way), keys
		}
	}
	if slices.ContainsFunc(e.URLs, func(u string) bool { return strings.Contains(u, "@") }) {
		add("urls", "urls")
	}
	if e.Credentials != "" {
		add("credentials", "credentials")
	}
	if e.NKey != "" {
		add("nkey", "nkey")
	}
	add("user", set("user", e.User, "password", e.Password, "password", e.PasswordFile)...)
	add("token", set("token", e.Token, "token_file", e.TokenFile)...)
	if len(ways) > 1 {
		report("is a second way to log in", "keep one of: "+strings.Join(ways, ", "), last[0])
	}
	if e.Token != "" && e.TokenFile != "" {
		report("cannot be given with token", "keep one of them", "token_file", "")
	}
}

// set is which of the keys, each with its value behind it, have one.
func set(keysAndValues ...string) (keys []string) {
	for i := 0; i < len(keysAndValues); i += 2 {
		if keysAndValues[i+1] != "" {
			keys = append(keys, keysAndValues[i])
		}
	}
	return keys
}

// CheckKeys finds a user without a password, and the other way round.
func (l *Login) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	hasPassword := l.Password != "" || l.PasswordFile != ""
	switch {
	case l.Password != "" && l.PasswordFile != "":
		report("cannot be given with password", "keep one of them", "password_file", "")
	case l.User != "" && !hasPassword:
		report("has no password", "add password_file, or password", "user", "password", "password_file")
	case l.User == "" && l.Password != "":
		report("has no user", "add user", "password", "user")
	case l.User == "" && l.PasswordFile != "":
		report("has no user", "add user", "password_file", "user")
	}
}

// CheckKeys finds what does not go together in a server of this process.
func (e *Embedded) CheckKeys(given func(string) bool, report func(problem, fix string, keys ...string)) {
	cluster := given("cluster")
	if cluster && e.Listen == "none" {
		report("none does not go with cluster: a server that listens nowhere never connects to its routes",
			"write an address, such as 127.0.0.1:4222", "listen")
	}
	if cluster && e.StoreDir != "" && e.ServerName == "" && e.Config == "" {
		report("with store_dir needs a server_name: JetStream tells the servers of a cluster apart by it",
			"add server_name, another one for each server", "cluster", "server_name")
	}
	if e.Credentials != "" && (e.User != "" || e.Password != "" || e.PasswordFile != "") {
		report("is a second way to log in", "keep one of: credentials, user", "user", "")
	}
}

// CheckKeys finds routes that lead nowhere.
func (c *Cluster) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	for i, r := range c.Routes {
		if u, err := url.Parse(r); err != nil || u.Port() == "" {
			report("has no port, and routes have no usual one",
				"write nats-route://host:6222, or whichever port the other server's cluster listens on", fmt.Sprintf("routes[%d]", i))
		}
	}
}

// CheckKeys finds a leaf that has no tree.
func (l *Leaf) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if l.Listen == "" && len(l.Remotes) == 0 {
		report("neither listens nor has remotes", "add remotes to hang under a hub, or listen to be one", "", "listen", "remotes")
	}
}

// CheckKeys finds what is wrong with the hub's URLs.
func (r *Remote) CheckKeys(given func(string) bool, report func(problem, fix string, keys ...string)) {
	if given("urls") && len(r.URLs) == 0 {
		report("is empty", "write at least one URL, such as - nats-leaf://hub.example.org:7422", "urls")
	}
}

// CheckKeys finds a certificate without a key, and the other way round.
func (f *TLSFiles) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	switch {
	case f.Certificate != "" && f.Key == "":
		report("has no key", "add key, the file with its private key", "certificate", "key")
	case f.Certificate == "" && f.Key != "":
		report("has no certificate", "add certificate, the file that it belongs to", "key", "certificate")
	}
}

// CheckFiles finds files that are not what they should be.
func (f *TLSFiles) CheckFiles(report func(problem, fix string, keys ...string)) {
	if _, err := f.authorities(); err != nil {
		report(err.Error(), "write a file with one or more certificates in PEM", "ca")
	}
	if _, err := f.certificates(); err != nil {
		report(err.Error(), "name two files in PEM that belong together", "certificate", "key")
	}
}
