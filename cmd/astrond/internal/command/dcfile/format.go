package dcfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/dc"
)

// formatReport is what fmt finds, for machines.
type formatReport struct {
	OK          bool        `json:"ok"` // all files are formatted, or are now
	Errors      []dcProblem `json:"errors,omitempty"`
	Unformatted []string    `json:"unformatted,omitempty"` // files that were not; with --write, they are now
}

// standardInput is the name of standard input among files.
const standardInput = "-"

func dcFmt(c *cli.Context) error {
	names, write, list := c.Args().Slice(), c.Bool("write"), c.Bool("list")
	switch {
	case len(names) == 0:
		return cmdline.Misused(c, "which DC files? - is standard input")
	case slices.Contains(names, standardInput) && (write || len(names) > 1):
		return cmdline.Misused(c, "standard input is formatted alone, and printed")
	case write && list:
		return cmdline.Misused(c, "--write changes files, --list does not: give one of them")
	}
	sources, err := readSources(c, names)
	if err != nil {
		return err
	}
	formatted, err := dc.Format(sources)
	var errs dc.Errors
	if err != nil && !errors.As(err, &errs) {
		return err
	}
	report := formatReport{Errors: problems(errs)}
	for i, s := range formatted {
		if s.Text == sources[i].Text {
			continue
		}
		report.Unformatted = append(report.Unformatted, s.Name)
		if write {
			if err := replaceFile(s.Name, s.Text); err != nil {
				return err
			}
		}
	}
	report.OK = errs == nil && (write || len(report.Unformatted) == 0)
	switch {
	case c.Bool("json"):
		if err := cmdline.PrintJSON(c.App.Writer, report); err != nil {
			return err
		}
	case errs != nil:
		fmt.Fprintln(c.App.ErrWriter, errs)
	case write || list:
		for _, name := range report.Unformatted {
			fmt.Fprintln(c.App.Writer, name)
		}
	default:
		for _, s := range formatted {
			if _, err := io.WriteString(c.App.Writer, s.Text); err != nil {
				return err
			}
		}
	}
	if errs != nil || (list || c.Bool("json")) && !report.OK {
		return cmdline.ErrTold
	}
	return nil
}

// readSources reads files, or standard input.
func readSources(c *cli.Context, names []string) ([]dc.Source, error) {
	var sources []dc.Source
	for _, name := range names {
		var text []byte
		var err error
		if name == standardInput {
			text, err = io.ReadAll(io.LimitReader(standardIn(c), maxValue))
		} else {
			text, err = os.ReadFile(name)
		}
		if err != nil {
			return nil, err
		}
		sources = append(sources, dc.Source{Name: name, Text: string(text)})
	}
	return sources, nil
}

// standardIn is standard input, or what a test has instead.
func standardIn(c *cli.Context) io.Reader {
	if c.App.Reader != nil {
		return c.App.Reader
	}
	return os.Stdin
}

// replaceFile puts a new text in a file's place: all of it or nothing.
func replaceFile(name, text string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // nothing is there when it was renamed
	_, err = tmp.WriteString(text)
	err = errors.Join(err, tmp.Chmod(info.Mode()), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
