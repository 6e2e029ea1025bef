package app

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/bridge"
	"natstron/dc"
	"natstron/internal/config"
	"natstron/roles/clientagent"
)

// checkCommand tells all faults of a configuration without running it.
func checkCommand(classes clientagent.Classes) *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "all faults of a configuration and of the files it names, with their place",
		ArgsUsage: "[FILE]",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
		Action:    func(c *cli.Context) error { return checkAction(c, classes) },
	}
}

// checkReport is what check finds, for machines.
type checkReport struct {
	File   string         `json:"file"`
	OK     bool           `json:"ok"`
	Faults []config.Fault `json:"faults"`
	// Doubts are no faults: what the DC files say that hardly was meant.
	Doubts []config.Fault `json:"doubts,omitempty"`
}

func checkAction(c *cli.Context, classes clientagent.Classes) error {
	if c.NArg() > 1 {
		return misused(c, "one configuration file is all it takes")
	}
	file := config.DefaultFile
	if c.NArg() == 1 {
		file = c.Args().First()
	}
	var declared *dc.File
	cfg, err := config.Load(file)
	if err == nil {
		declared, err = validate(cfg, filepath.Dir(file), classes)
	}
	var wrong *config.Error
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	report := checkReport{File: file, OK: err == nil, Faults: []config.Fault{}, Doubts: doubts(declared)}
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
		for _, d := range report.Doubts {
			fmt.Fprintln(c.App.ErrWriter, d)
		}
		summarise(c.App.Writer, file, cfg, declared)
	}
	if wrong != nil {
		return errTold
	}
	return nil
}

// summarise says what the configuration would run.
func summarise(w io.Writer, file string, cfg *config.Config, declared *dc.File) {
	fmt.Fprintf(w, "%s: ok\n", file)
	line := func(what, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %-18s %s\n", what, value)
		}
	}
	line("message director", cfg.MessageDirector.Bind.String())
	for _, l := range cfg.MessageDirector.Listeners {
		line("message director", fmt.Sprintf("%s, dialect %s", l.Bind, l.Dialect))
	}
	line("upstream", cfg.MessageDirector.Connect.String())
	line("event logger", cfg.General.EventLogger.String())
	for _, name := range cfg.General.DCFiles {
		line("DC file", name)
	}
	if declared != nil {
		line("DC hash", fmt.Sprintf("0x%08x, %d classes, %d fields", declared.Hash(), len(declared.Classes()), declared.NumFields()))
	}
	if n := len(cfg.Uberdogs); n > 0 {
		line("uberdogs", fmt.Sprint(n))
	}
	for _, role := range cfg.Roles {
		line("role", strings.TrimRight(fmt.Sprintf("%-14s %s", role.Type(), whereOf(role)), " "))
	}
	if cfg.Web != nil {
		line("status page", "http://"+cfg.Web.Bind.String()+"/")
	}
	switch b := &cfg.Backbone; {
	case b.External():
		line("backbone", fmt.Sprint(b.URLs))
	case b.Embedded.Listen.Off:
		line("backbone", "embedded, listening nowhere")
	case b.Embedded.Listen.Fallback && b.Embedded.Config != "":
		line("backbone", "embedded, as "+b.Embedded.Config+" says")
	case b.Embedded.Listen.Fallback:
		line("backbone", "embedded, on "+b.Embedded.Listen.String()+" or a free port")
	default:
		line("backbone", "embedded, on "+b.Embedded.Listen.String())
	}
	line("subjects", (bridge.Subjects{Prefix: cfg.Backbone.Prefix}).All())
}

// whereOf says where a role is met: its ports, or its control channel.
func whereOf(role config.Role) string {
	switch r := role.(type) {
	case *config.ClientAgent:
		ports := r.Bind.String()
		for _, l := range r.Listeners {
			ports += ", " + l.Bind.String()
		}
		return ports
	case *config.EventLogger:
		return r.Bind.String() + " (UDP)"
	case *config.StateServer:
		return fmt.Sprintf("control channel %d", r.Control)
	case *config.Database:
		return fmt.Sprintf("control channel %d, backend %s", r.Control, r.Backend.Type())
	case *config.DBSS:
		return fmt.Sprintf("of the database server %d", r.Database)
	}
	return ""
}
