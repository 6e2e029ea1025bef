package command

import (
	"io"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/build"
	"natstron/cmd/astrond/internal/cmdline"
)

// versionCommand prints what --version does.
func versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "the version, the revision, and what is built in",
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return cmdline.Misused(c, "it takes no arguments")
			}
			return printVersion(c.App.Writer)
		},
	}
}

func printVersion(w io.Writer) error {
	_, err := io.WriteString(w, build.Text())
	return err
}
