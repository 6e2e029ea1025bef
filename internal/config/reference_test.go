package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// A configuration in the reference's tests, and what the test says of it.
	referenceCheck = regexp.MustCompile(`(?s)\n\s+config = """\\\n(.*?)"""[^\n]*\n[^\n#]*checkConfig\(config[^\n]*'(Valid|Invalid)'`)
	// A configuration that other tests of the reference run a daemon with.
	referenceRun = regexp.MustCompile(`(?s)\nCONFIG = """\\\n(.*?)"""`)
	// Hosts that make a configuration invalid only because they do not resolve, or
	// because the system cannot listen on them: that shows at the start.
	unusableHost = regexp.MustCompile(`(foobar:20|ble3\.3\.3\.3:20|10\.0\.0\.0foobar|10\.0\.blam\.20|pizza-pie|127-0-0-1:57123|99-0-0-1:57123|99\.1:57123|google\.com:57123|nxdomain\.doesntexist\.foo:57123|pizza:2314)"?\n`)
)

// TestReferenceConfigurations reads every configuration of the reference's own tests,
// if ASTRON_TESTS names the folder that holds them, and agrees with it which are valid.
// testdata/scripts has cases of ours for the same rules.
func TestReferenceConfigurations(t *testing.T) {
	dir := os.Getenv("ASTRON_TESTS")
	if dir == "" {
		t.Skip("ASTRON_TESTS does not name the reference's test folder")
	}
	files, err := filepath.Glob(filepath.Join(dir, "test_*.py"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", dir, err)
	}
	checked := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range referenceCheck.FindAllStringSubmatch(string(data), -1) {
			checked++
			agree(t, filepath.Base(name), m[1], m[2] == "Valid")
		}
		for _, m := range referenceRun.FindAllStringSubmatch(string(data), -1) {
			checked++
			agree(t, filepath.Base(name), m[1], true)
		}
	}
	if checked < 80 {
		t.Errorf("only %d configurations were found", checked)
	}
	t.Logf("%d configurations", checked)
}

func agree(t *testing.T, file, text string, valid bool) {
	text = strings.NewReplacer("threaded: %s", "threaded: true", "%r", "'x'", "output: %s", "output: x").Replace(text)
	_, err := Parse(file, []byte(text))
	switch {
	case valid && err != nil:
		t.Errorf("%s: valid for the reference, but\n%v\nin\n%s", file, err, text)
	case !valid && err == nil && !unusableHost.MatchString(text):
		t.Errorf("%s: invalid for the reference, but nothing is wrong with\n%s", file, text)
	case !valid && err != nil && unusableHost.MatchString(text):
		t.Errorf("%s: can only fail at the start, but\n%v\nin\n%s", file, err, text)
	}
}
