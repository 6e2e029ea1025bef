package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"natstron/internal/config"
)

// checkCommand tells all faults of a configuration without running it.
func checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "all faults of a configuration and of the files it names, with their place",
		ArgsUsage: "[FILE]",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
		Action:    checkAction,
	}
}

// checkReport is what check finds, for machines.
type checkReport struct {
	File   string         `json:"file"`
	OK     bool           `json:"ok"`
	Faults []config.Fault `json:"faults"`
}

func checkAction(c *cli.Context) error {
	if c.NArg() > 1 {
		return misused(c, "one configuration file is all it takes")
	}
	file := config.DefaultFile
	if c.NArg() == 1 {
		file = c.Args().First()
	}
	cfg, err := config.Load(file)
	if err == nil {
		err = validate(cfg, filepath.Dir(file))
	}
	var wrong *config.Error
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	report := checkReport{File: file, OK: err == nil, Faults: []config.Fault{}}
	if wrong != nil {
		report.Faults = wrong.Faults
	}
	switch {
	case c.Bool("json"):
		if err := printJSON(c.App.Writer, report); err != nil {
			return err
		}
	case wrong != nil:
		printFaults(c.App.ErrWriter, file, wrong)
	default:
		summarise(c.App.Writer, file, cfg)
	}
	if wrong != nil {
		return errTold
	}
	return nil
}

// summarise says what the configuration would run.
func summarise(w io.Writer, file string, cfg *config.Config) {
	fmt.Fprintf(w, "%s: ok\n", file)
	line := func(what, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %-18s %s\n", what, value)
		}
	}
	line("message director", cfg.MessageDirector.Bind.String())
	line("upstream", cfg.MessageDirector.Connect.String())
	line("event logger", cfg.General.EventLogger.String())
	for _, name := range cfg.General.DCFiles {
		line("DC file", name)
	}
	for _, role := range cfg.Roles {
		line("role", role.Type())
	}
	switch b := &cfg.Backbone; {
	case b.External():
		line("backbone", fmt.Sprint(b.URLs))
	case b.Embedded == nil || b.Embedded.Listen.Fallback:
		line("backbone", "embedded, 127.0.0.1:4222 or a free port")
	default:
		line("backbone", "embedded, "+b.Embedded.Listen.String())
	}
}
