package bridge

import (
	"fmt"
	"strconv"
	"strings"

	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// DefaultPrefix is the first token of every datagram's subject.
const DefaultPrefix = "astron"

// Subjects maps channels to NATS subjects and back. With the prefix "astron":
//
//	channel >> 32 is not 0:   astron.<hi>.<lo>            a zone, a parent's children
//	channel >> 32 is 0:       astron.0.<a>.<b>.<lo>       an object, a client, an AI
//
// where a is lo/100,000,000 and b is lo/1,000,000 modulo 100. Each channel has
// one subject, and each subject that [Subjects.Channel] accepts has one channel.
//
// The zero Subjects uses [DefaultPrefix].
type Subjects struct {
	Prefix string `key:"prefix" default:"astron" called:"a subject" but:"letters, digits, - and _ in parts with dots between; no _ at the beginning; not astronctl, astronping nor astronlog, nor under these" doc:"The beginning of all subjects, so that several clusters can share NATS servers."`
}

func (s Subjects) prefix() string {
	if s.Prefix == "" {
		return DefaultPrefix
	}
	return s.Prefix
}

// Control is the first token of everything that is not a datagram: heartbeats,
// replicated post-removes, events.
func (s Subjects) Control() string { return s.prefix() + "ctl" }

// ping is the first token of the subjects of pings.
func (s Subjects) ping() string { return s.prefix() + "ping" }

// journal is the first token of the subjects of journals.
func (s Subjects) journal() string { return s.prefix() + "log" }

// roots are what a node's user must be permitted: to publish and to subscribe to everything
// below each of them. Datagrams are below the first.
func (s Subjects) roots() []string { return []string{s.prefix(), s.Control(), s.ping()} }

// Needed are the subjects that a node's user must be permitted to publish and to subscribe
// to.
func (s Subjects) Needed() (all []string) {
	for _, root := range s.roots() {
		all = append(all, root+".>")
	}
	return all
}

// All is the subject that matches every datagram.
func (s Subjects) All() string { return s.prefix() + ".>" }

// Subject is the subject of a channel.
func (s Subjects) Subject(c wire.Channel) string {
	return string(routing.CoverOf(c).Append(nil, s.prefix()))
}

// Question is the subject of a question to all nodes, see [Node.Answer].
func (s Subjects) Question(question string) string {
	return s.Control() + "." + kindAsk + "." + question
}

// Channel is the channel of a subject, an exact inverse of Subject: a subject
// with a wildcard, a leading zero or a token in the wrong bucket is an error.
func (s Subjects) Channel(subject string) (wire.Channel, error) {
	rest, ok := strings.CutPrefix(subject, s.prefix()+".")
	if !ok {
		return 0, fmt.Errorf("subject %q: does not start with %q", subject, s.prefix()+".")
	}
	var tokens [4]uint64
	n := 0
	for token := range strings.SplitSeq(rest, ".") {
		if n == len(tokens) {
			return 0, fmt.Errorf("subject %q: more tokens than a channel has", subject)
		}
		v, err := strconv.ParseUint(token, 10, 32)
		if err != nil || (token[0] == '0' && len(token) > 1) || token[0] == '+' {
			return 0, fmt.Errorf("subject %q: %q is not a number below 2^32 in its shortest form", subject, token)
		}
		tokens[n] = v
		n++
	}
	c := wire.Channel(tokens[0]<<32 | tokens[1])
	if tokens[0] == 0 {
		c = wire.Channel(tokens[3])
		n -= 2
	}
	if n != 2 || s.Subject(c) != subject {
		return 0, fmt.Errorf("subject %q: not the subject of any channel", subject)
	}
	return c, nil
}

// Cover is a short list of subjects, wildcards mostly, that together match
// every channel from lo to hi. They may match more. A reversed range is
// nothing.
func (s Subjects) Cover(lo, hi wire.Channel) []string {
	var subjects []string
	for _, c := range routing.CoverRange(lo, hi) {
		subjects = append(subjects, string(c.Append(nil, s.prefix())))
	}
	return subjects
}

// CheckPrefix reports whether prefix can stand before all subjects.
func CheckPrefix(prefix string) error {
	if problem, fix := checkPrefix(prefix); problem != "" {
		return fmt.Errorf("the prefix %s; %s", problem, fix)
	}
	return nil
}

const maxPrefix = 64

func checkPrefix(prefix string) (problem, fix string) {
	fix = "write one or more words of letters, digits, - and _, with dots between, such as astron"
	if len(prefix) > maxPrefix {
		return fmt.Sprintf("%q is too long", prefix[:maxPrefix-4]+"…"), fmt.Sprintf("write at most %d characters", maxPrefix)
	}
	for token := range strings.SplitSeq(prefix, ".") {
		if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r >= 0x80 || !isLetterOrDigit(byte(r)) && r != '-' && r != '_' }) {
			return fmt.Sprintf("%q is not the beginning of a NATS subject", prefix), fix
		}
	}
	if strings.HasPrefix(prefix, "_") {
		return fmt.Sprintf("%q begins with _, which NATS keeps for itself", prefix), fix
	}
	for _, taken := range []string{DefaultPrefix + "ctl", DefaultPrefix + "ping", DefaultPrefix + "log"} {
		if prefix == taken || strings.HasPrefix(prefix, taken+".") {
			return fmt.Sprintf("%q would mix with other messages of a cluster with the prefix %s", prefix, DefaultPrefix), "write another prefix"
		}
	}
	return "", ""
}

func isLetterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
