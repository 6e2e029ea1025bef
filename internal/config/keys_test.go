package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What Astron's source and its example file have. Ours may only add to it.
const astronKeys = `
daemon.name daemon.url
general.dc_files general.eventlogger
uberdogs[].id uberdogs[].class uberdogs[].anonymous
messagedirector.bind messagedirector.connect messagedirector.threaded
web.bind web.authentication.username web.authentication.password
roles[clientagent].type roles[clientagent].bind roles[clientagent].version
roles[clientagent].haproxy roles[clientagent].manual_dc_hash
roles[clientagent].channels.min roles[clientagent].channels.max
roles[clientagent].client.type roles[clientagent].client.relocate
roles[clientagent].client.add_interest roles[clientagent].client.send_hash
roles[clientagent].client.send_version roles[clientagent].client.write_buffer_size
roles[clientagent].client.write_timeout_ms roles[clientagent].client.heartbeat_timeout
roles[clientagent].tuning.interest_timeout
roles[clientagent].tls.certificate roles[clientagent].tls.key_file
roles[clientagent].tls.chain_file roles[clientagent].tls.tlsv1
roles[clientagent].tls.sslv2 roles[clientagent].tls.sslv3
roles[clientagent].tls.cert_authority roles[clientagent].tls.max_verify_depth
roles[stateserver].type roles[stateserver].control
roles[dbss].type roles[dbss].database roles[dbss].ranges[].min roles[dbss].ranges[].max
roles[database].type roles[database].control roles[database].broadcast
roles[database].generate.min roles[database].generate.max
roles[database].backend[yaml].type roles[database].backend[yaml].directory
roles[database].backend[mongodb].type roles[database].backend[mongodb].server
roles[database].backend[mongodb].workers
roles[database].backend[soci].type roles[database].backend[soci].driver
roles[database].backend[soci].database roles[database].backend[soci].address
roles[database].backend[soci].server
roles[database].backend[soci].username roles[database].backend[soci].password
roles[eventlogger].type roles[eventlogger].bind roles[eventlogger].output
roles[eventlogger].rotate_interval
`

func TestAstronsKeysAreThere(t *testing.T) {
	want := strings.Fields(astronKeys)
	var got []string
	for _, k := range Keys() {
		if !k.Ours && !k.IsSection() {
			got = append(got, k.Path)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys that are not marked as ours (-Astron's +here):\n%s", diff)
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Keys() {
		if seen[k.Path] {
			t.Errorf("%s is described twice", k.Path)
		}
		seen[k.Path] = true
		if k.Type == "" || !strings.HasSuffix(k.Effect, ".") || strings.Contains(k.Effect+k.Constraint, "|") {
			t.Errorf("%s is not described well: %+v", k.Path, k)
		}
		if k.Required != (k.Default == "") && !strings.HasSuffix(k.Path, "]") && k.Type != "section" {
			t.Errorf("%s: required %v, default %q", k.Path, k.Required, k.Default)
		}
	}
}

// The decoder takes every key that Keys describes, and in each section it takes no
// other: what it calls known there is what Keys has there.
func TestKeysAreWhatTheDecoderTakes(t *testing.T) {
	known := map[string][]string{} // by section
	for _, k := range Keys() {
		section, name := "", k.Path
		if i := strings.LastIndexByte(k.Path, '.'); i >= 0 {
			section, name = k.Path[:i], k.Path[i+1:]
		}
		if !strings.HasSuffix(name, "]") { // the kinds of a section that has a type
			known[section] = append(known[section], name)
		}
	}
	for section, names := range known {
		text := fileWith(section, "zzzzzzzzzzzz: x")
		_, err := Parse("astrond.yml", []byte(text))
		if err == nil {
			t.Errorf("an unknown key in %q is not found:\n%s", section, text)
			continue
		}
		m := regexp.MustCompile(`zzzzzzzzzzzz: is not a known key\n.*\n.*known here: (.*)`).FindStringSubmatch(err.Error())
		if m == nil {
			t.Errorf("an unknown key in %q gives\n%v", section, err)
			continue
		}
		if diff := cmp.Diff(names, strings.Split(m[1], ", ")); diff != "" {
			t.Errorf("section %q (-Keys +decoder):\n%s", section, diff)
		}
		for _, name := range names {
			if name == "type" {
				continue
			}
			_, err := Parse("astrond.yml", []byte(fileWith(section, name+": {zzzzzzzzzzzz: x}")))
			if err != nil && strings.Contains(err.Error(), name+": is not a known key") {
				t.Errorf("%s.%s is not known to the decoder", section, name)
			}
		}
	}
}

// fileWith is a configuration in braces with something in one of its sections.
func fileWith(section, inside string) string {
	if section == "" {
		return "{" + inside + "}"
	}
	parts := strings.Split(section, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		name, index, list := strings.Cut(parts[i], "[")
		index = strings.TrimSuffix(index, "]")
		switch {
		case !list:
			inside = fmt.Sprintf("%s: {%s}", name, inside)
		case index == "":
			inside = fmt.Sprintf("%s: [{%s}]", name, inside)
		case name == "backend":
			inside = fmt.Sprintf("%s: {type: %s, %s}", name, index, inside)
		default:
			inside = fmt.Sprintf("%s: [{type: %s, %s}]", name, index, inside)
		}
	}
	return "{" + inside + "}"
}
