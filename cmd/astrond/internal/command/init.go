package command

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/internal/config"
)

// initialConfiguration is what astrond init writes.
//
//go:embed init.yml
var initialConfiguration string

func initCommand() *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "write a small configuration to start from",
		UsageText: "astrond init [FILE]",
		Description: "FILE is " + config.DefaultFile + " if you name none. An existing file is not changed.\n" +
			"The new file runs as it is.",
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return cmdline.Misused(c, "give one file, not %s", cmdline.Quoted(c.Args().Slice()))
			}
			name := config.DefaultFile
			if c.NArg() == 1 {
				name = c.Args().First()
			}
			if err := writeNew(name, initialConfiguration); err != nil {
				return fmt.Errorf("init: %w", err)
			}
			run := "astrond " + name
			if name == config.DefaultFile {
				run = "astrond"
			}
			_, err := fmt.Fprintf(c.App.Writer, "wrote %s; now run: %s\n", name, run)
			return err
		},
	}
}

// writeNew makes a file, and never touches one that is there.
func writeNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already; name another file", name)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
