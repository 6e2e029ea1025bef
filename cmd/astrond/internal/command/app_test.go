package command

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/daemon"
	"natstron/cmd/astrond/internal/logging"
)

func TestArrange(t *testing.T) {
	app := newApp(nil, nil, daemon.Extensions{})
	tests := []struct{ given, want string }{
		{"", ""},
		{"astrond", "astrond"},
		{"astrond a.yml", "astrond -- a.yml"},
		{"astrond a.yml -l debug --pretty", "astrond -l debug --pretty -- a.yml"},
		{"astrond -L a.log b.yml", "astrond -L a.log -- b.yml"},
		{"astrond --log=a.log b.yml c.yml", "astrond --log=a.log -- b.yml c.yml"},
		{"astrond b.yml -L", "astrond -L -- b.yml"},
		{"astrond -L -h b.yml", "astrond -L -h -- b.yml"},
		{"astrond b.yml -h", "astrond -h"},
		{"astrond -- -h", "astrond -- -h"},
		{"astrond - -x", "astrond -x -- -"},
		{"astrond -l info tap 5 --limit 1 6", "astrond -l info tap --limit 1 -- 5 6"},
		{"astrond a.yml tap", "astrond -- a.yml tap"},
		{"astrond ./tap --json", "astrond --json -- ./tap"},
		{"astrond tap 5 --help", "astrond tap --help"},
		{"astrond dc hash a.dc --json", "astrond dc hash --json -- a.dc"},
		{"astrond dc pack A.x 1 --dc a.dc --raw", "astrond dc pack --dc a.dc --raw -- A.x 1"},
		{"astrond channel --prefix x -- -5", "astrond channel --prefix x -- -5"},
	}
	for _, test := range tests {
		got := strings.Join(arrange(strings.Fields(test.given), app.Flags, app.Commands), " ")
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s:\n%s", test.given, diff)
		}
	}
}

// The text of --help is written by hand: it must not lag behind.
func TestHelpTellsOfEverything(t *testing.T) {
	app := newApp(nil, nil, daemon.Extensions{})
	for _, f := range app.Flags {
		for _, name := range f.Names() {
			dashes := "--"
			if len(name) == 1 {
				dashes = "-"
			}
			if !strings.Contains(helpText, dashes+name) {
				t.Errorf("--help does not tell of %s%s", dashes, name)
			}
		}
	}
	for _, c := range app.Commands {
		if !strings.Contains(helpText, "\n    "+c.Name+" ") {
			t.Errorf("--help does not tell of the command %s", c.Name)
		}
		checkUsage(t, c)
	}
	for level := range strings.SplitSeq(logging.LevelNames(), ", ") {
		if !strings.Contains(helpText, level) {
			t.Errorf("--help does not tell of the level %s", level)
		}
	}
}

func checkUsage(t *testing.T, c *cli.Command) {
	if c.Usage == "" {
		t.Errorf("%s does not say what it is for", c.Name)
	}
	for _, f := range c.Flags {
		if d, ok := f.(cli.DocGenerationFlag); !ok || d.GetUsage() == "" {
			t.Errorf("%s --%s does not say what it is for", c.Name, f.Names()[0])
		}
	}
	for _, sub := range c.Subcommands {
		checkUsage(t, sub)
	}
}
