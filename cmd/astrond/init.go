package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"natstron/internal/config"
)

// initCommand writes a configuration to start from.
func initCommand() *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "write a small configuration that runs as it is",
		ArgsUsage: "[FILE]",
		Action:    initAction,
	}
}

func initAction(c *cli.Context) error {
	if c.NArg() > 1 {
		return misused(c, "one file is all it writes")
	}
	name := config.DefaultFile
	if c.NArg() == 1 {
		name = c.Args().First()
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and stays as it is: name another file", name)
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(initText)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	fmt.Fprintf(c.App.Writer, "Wrote %s. Run it: astrond %s\n", name, name)
	return nil
}

const initText = `# What one astrond runs. All keys: docs/configuration.md; astrond check tells what
# is wrong with a file.

daemon:
    name: My first cluster    # what operators see

general:
    dc_files: []              # your game's DC files, in the order of your clients
#   eventlogger: 127.0.0.1:7197

# The port for AI and UberDOG processes, and for other Astron daemons.
messagedirector:
    bind: 127.0.0.1:7199

# Processes meet on NATS. Without this section a NATS server is embedded, on
# 127.0.0.1:4222 if that is free. Watch it: nats sub 'astron.>'
#backbone:
#    urls: [nats://10.0.0.5:4222]
`
