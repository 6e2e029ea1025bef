package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"natstron/internal/configfile"
)

// Each of these makes the YAML library recurse, copy with the square of the size, or
// expand without end, if it gets to see it.
func TestHostileInput(t *testing.T) {
	fill := func(unit string) string { return strings.Repeat(unit, 256<<10/len(unit)) }
	numbered := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	staircase := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		return b.String()
	}
	// Ten lists, each with ten aliases of the one before: 10^10 words.
	bomb := "general:\n  dc_files: &a0 [a, b, c, d, e, f, g, h, i, j]\n"
	for i := 1; i <= 10; i++ {
		bomb += fmt.Sprintf("x%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10))
	}
	wide := "backbone:\n  embedded:\n    leaf:\n      remotes:\n        - &r\n          urls:\n" +
		numbered("            - nats://h%d\n", 1000) + strings.Repeat("        - *r\n", 2000)

	for _, tt := range []struct{ name, input, problem string }{
		{"too large", fill("#\n") + "####", "larger than 256 KiB"},
		{"not UTF-8", "daemon:\n  name: \xff\xfe", "not text in UTF-8"},
		{"UTF-16", "\xfe\xff\x00d\x00:", "not text in UTF-8"},
		{"NUL", "daemon:\n  name: a\x00b", "control character U+0000"},
		{"escape sequence", "daemon:\n  name: a\x1b[2Jb", "control character U+001B"},
		{"long line", "daemon:\n  name: " + strings.Repeat("x", 2000), "longer than 2000 bytes"},
		{"empty lines in a text", "daemon:\n  name: |\n    x" + fill("\n")[1000:], "empty lines follow each other"},
		{"brackets", fill("["), "longer than"},
		{"brackets in lines", fill(strings.Repeat("[", 10) + "\n"), "more than 20000 words"},
		{"few brackets", strings.Repeat("[", 100), "brackets are open"},
		{"braces", strings.Repeat("{a: ", 100), "brackets are open"},
		{"dashes", strings.Repeat("- ", 900), "nested more than"},
		{"question marks", strings.Repeat("? ", 900), "complex keys"},
		{"staircase", staircase(500), "nested more than"},
		{"keys of one map", numbered("k%d: 1\n", 5000), "more than 1000 keys"},
		{"keys in brackets", "{" + numbered("k%d: 1,\n", 3000) + "}", "more than 1000 keys"},
		{"keys in a list in brackets", "[" + strings.Repeat("\na: 1", 5000) + "]", "more than 1000 keys"},
		{"tokens", "general:\n  dc_files: [" + strings.Repeat("a, \n", 15000) + "]", "more than 20000 words"},
		{"documents", strings.Repeat("---\n", 5000), "more than one document"},
		{"anchors", "a: " + strings.Repeat("&a ", 600), "more than 200 anchors"},
		{"alias bomb", bomb, "is not a known key"},
		{"wide aliases", wide, "expand to too much"},
		{"alias of itself", "general: &g\n  dc_files:\n    - *g\n", "must be a file, not a section"},
		{"alias chain", "daemon:\n  name: &a\n    x: *a\n", "not a section"},
		{"quote without end", "daemon:\n  name: \"" + fill("a\n")[500:], "never closed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("astrond.yml", []byte(tt.input))
			var e *configfile.Error
			if !errors.As(err, &e) {
				t.Fatalf("Parse returned %v, want faults", err)
			}
			if !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("the faults do not say %q:\n%.1000s", tt.problem, err)
			}
		})
	}
}

// What a large cluster may have must not hit a limit.
func TestLargeConfiguration(t *testing.T) {
	var b strings.Builder
	b.WriteString("general:\n  dc_files:\n")
	for i := range 200 {
		fmt.Fprintf(&b, "    - classes/file%d.dc  # the %dth\n", i, i)
	}
	b.WriteString("uberdogs:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "  - id: %d\n    class: Uber%d\n    anonymous: no\n", 10000+i, i)
	}
	b.WriteString("roles:\n")
	for i := range 100 {
		fmt.Fprintf(&b, "  - type: stateserver\n    control: %d\n", 20000+i)
	}
	c, err := Parse("astrond.yml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.General.DCFiles) != 200 || len(c.Uberdogs) != 1000 || len(c.Roles) != 100 {
		t.Errorf("%d DC files, %d uberdogs, %d roles", len(c.General.DCFiles), len(c.Uberdogs), len(c.Roles))
	}
}

func TestWindows(t *testing.T) {
	c, err := Parse("astrond.yml", []byte("\uFEFFdaemon:\r\n  name: Core\r\n\r\n  url: x\r\nmessagedirector:\r\n  bind: 127.0.0.1\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Daemon.Name != "Core" || c.Daemon.URL != "x" || c.MessageDirector.Bind != "127.0.0.1:7199" {
		t.Errorf("read %+v, %v", c.Daemon, c.MessageDirector.Bind)
	}
	_, err = Parse("astrond.yml", []byte("\uFEFFdaemon:\r\n  nam: Core\r\nx: y\r\n"))
	if got := err.Error(); !strings.Contains(got, "astrond.yml:2:3: daemon.nam") || strings.Contains(got, "\r") {
		t.Errorf("a fault in such a file is\n%q", got)
	}
}
