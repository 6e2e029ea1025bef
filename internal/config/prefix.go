package config

import (
	"fmt"
	"strings"
)

const (
	defaultPrefix    = "astron"
	maxPrefixLength  = 64
	reservedByPrefix = defaultPrefix + "ctl"
	pingsByPrefix    = defaultPrefix + "ping"
)

// subjectPrefix takes one or more tokens of a NATS subject.
func subjectPrefix(into *string) *scalar[string] {
	return &scalar[string]{into: into, kind: "a subject", def: defaultPrefix,
		constraint: fmt.Sprintf("letters, digits, - and _ in parts with dots between; no _ at the beginning; not %s nor %s nor under these", reservedByPrefix, pingsByPrefix),
		parse: func(text string) (string, *wrong) {
			const fix = "write one or more words of letters, digits, - and _, with dots between, such as astron"
			if len(text) > maxPrefixLength {
				return "", &wrong{show(text) + " is too long", fmt.Sprintf("write at most %d characters", maxPrefixLength)}
			}
			for _, token := range strings.Split(text, ".") {
				if token == "" || strings.ContainsFunc(token, func(r rune) bool { return !isAlphanumeric(r) && r != '-' && r != '_' }) {
					return "", &wrong{show(text) + " is not the beginning of a NATS subject", fix}
				}
			}
			if strings.HasPrefix(text, "_") {
				return "", &wrong{show(text) + " begins with _, which NATS keeps for itself", fix}
			}
			for _, taken := range []string{reservedByPrefix, pingsByPrefix} {
				if text == taken || strings.HasPrefix(text, taken+".") {
					return "", &wrong{show(text) + " would mix with the control messages of a cluster with the prefix astron", "write another prefix"}
				}
			}
			return text, nil
		}}
}
