package config

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestData runs the scripts in testdata/scripts. Each command's input is a configuration:
//
//	check            prints "valid", or the faults
//	show [prefix…]   prints the settings that begin with one of the prefixes, a * at
//	                 the end of those that the file gives
//
// Only commit a changed expectation if you understand what caused the change.
func TestData(t *testing.T) {
	datadriven.Walk(t, "testdata/scripts", func(t *testing.T, file string) {
		datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
			c, err := Parse("astrond.yml", []byte(d.Input))
			switch {
			case err != nil:
				return err.Error() + "\n"
			case d.Cmd == "check":
				return "valid\n"
			case d.Cmd == "show":
				return showSettings(c, d.CmdArgs)
			}
			d.Fatalf(t, "unknown command %s", d.Cmd)
			return ""
		})
	})
}

func showSettings(c *Config, prefixes []datadriven.CmdArg) string {
	var b bytes.Buffer
	for _, s := range c.Settings() {
		wanted := len(prefixes) == 0
		for _, p := range prefixes {
			wanted = wanted || strings.HasPrefix(s.Path, p.Key)
		}
		if !wanted {
			continue
		}
		given := ""
		if s.Given {
			given = " *"
		}
		fmt.Fprintf(&b, "%s = %s%s\n", s.Path, s.Value, given)
	}
	return b.String()
}
