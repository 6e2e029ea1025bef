package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"natstron/internal/configfile"
)

// commandLine is the line of a script in testdata after which a configuration begins.
var commandLine = regexp.MustCompile(`(?m)^(check|show.*)\n`)

// FuzzParse holds that any bytes give either a configuration, whose settings can be
// listed, or faults with places inside the file; and the same ones each time.
func FuzzParse(f *testing.F) {
	scripts, err := filepath.Glob("testdata/scripts/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range scripts {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range strings.Split(string(data), "\n----") {
			if at := commandLine.FindStringIndex(part); at != nil {
				f.Add([]byte(part[at[1]:]))
			}
		}
	}
	f.Add([]byte(withFiles))
	f.Add([]byte("\uFEFFa: &a [*a, |\n \"\\u00e9\", {? b : c}]\r\n--- !x\n... %\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("f.yml", data)
		if err == nil {
			if c == nil || len(c.Settings()) == 0 || c.String() == "" {
				t.Fatal("a valid configuration has no settings")
			}
			return
		}
		var e *configfile.Error
		if !errors.As(err, &e) || len(e.Faults) == 0 {
			t.Fatalf("Parse returned %v", err)
		}
		if c != nil && len(c.Settings()) == 0 {
			t.Error("what could be read has no settings")
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, fault := range e.Faults {
			if fault.Problem == "" || fault.Line < 0 || fault.Line > lines || strings.Contains(fault.Problem, "cannot be read as YAML") {
				t.Errorf("fault in a file of %d lines: %+v", lines, fault)
			}
			if caret := fault.Caret; caret < 0 || caret > len([]rune(fault.Text)) {
				t.Errorf("caret %d beside %q", caret, fault.Text)
			}
		}
		if _, again := Parse("f.yml", data); again == nil || again.Error() != err.Error() {
			t.Errorf("first %v\nthen %v", err, again)
		}
	})
}
