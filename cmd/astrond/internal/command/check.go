package command

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/bridge"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/daemon"
	"natstron/dc"
	"natstron/internal/config"
	"natstron/internal/configfile"
	"natstron/internal/secret"
)

// checkCommand tells all faults of a configuration without running it.
func checkCommand(ours daemon.Extensions) *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "list all faults of a configuration and of the files it names",
		ArgsUsage: "[FILE]",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
		Action:    func(c *cli.Context) error { return checkAction(c, ours) },
	}
}

// checkReport is what check finds, for machines.
type checkReport struct {
	File   string             `json:"file"`
	OK     bool               `json:"ok"`
	Faults []configfile.Fault `json:"faults"`
	// Warnings are not faults.
	Warnings []configfile.Fault `json:"warnings,omitempty"`
}

func checkAction(c *cli.Context, ours daemon.Extensions) error {
	if c.NArg() > 1 {
		return cmdline.Misused(c, "give one configuration file")
	}
	file := config.DefaultFile
	if c.NArg() == 1 {
		file = c.Args().First()
	}
	cfg, declared, err := daemon.Load(file, ours)
	var wrong *configfile.Error
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	report := checkReport{File: file, OK: err == nil, Faults: []configfile.Fault{}, Warnings: daemon.Warnings(cfg, declared)}
	if wrong != nil {
		report.Faults = wrong.Faults
	}
	switch {
	case c.Bool("json"):
		if err := cmdline.PrintJSON(c.App.Writer, report); err != nil {
			return err
		}
	case wrong != nil:
		cmdline.PrintFaults(c.App.ErrWriter, file, wrong)
	default:
		for _, d := range report.Warnings {
			fmt.Fprintln(c.App.ErrWriter, d)
		}
		summarise(c.App.Writer, file, cfg, declared)
	}
	if wrong != nil {
		return cmdline.ErrTold
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
	line("message director", cfg.MessageDirector.Bind)
	for _, l := range cfg.MessageDirector.Listeners {
		line("message director", fmt.Sprintf("%s, dialect %s", l.Bind, l.Dialect))
	}
	line("upstream", cfg.MessageDirector.Connect)
	line("event logger", cfg.General.EventLogger)
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
		line("status page", "http://"+cfg.Web.Bind+"/")
	}
	switch b := &cfg.Backbone; {
	case b.External != nil:
		line("backbone", secret.MaskURLs(b.External.URLs))
	case b.Embedded.Listen == "none":
		line("backbone", "embedded, listening nowhere")
	case b.Embedded.Listen == "" && b.Embedded.Config != "":
		line("backbone", "embedded, as "+b.Embedded.Config+" says")
	case b.Embedded.Listen == "":
		line("backbone", "embedded, on "+bridge.DefaultListen+" or a free port")
	default:
		line("backbone", "embedded, on "+b.Embedded.Listen)
	}
	line("subjects", cfg.Backbone.Subjects.All())
}

// whereOf says where a role is met: its ports, or its control channel.
func whereOf(role config.Role) string {
	switch {
	case role.ClientAgent != nil:
		ports := role.ClientAgent.Bind
		for _, l := range role.ClientAgent.Listeners {
			ports += ", " + l.Bind
		}
		return ports
	case role.EventLogger != nil:
		return role.EventLogger.Bind + " (UDP)"
	case role.StateServer != nil:
		return fmt.Sprintf("control channel %d", role.StateServer.Control)
	case role.Own != nil:
		channel, _ := role.OwnChannel()
		return fmt.Sprintf("channel %d", channel)
	case role.Database != nil:
		return fmt.Sprintf("control channel %d, backend %s", role.Database.Control, role.Database.Backend.Type())
	}
	return fmt.Sprintf("of the database server %d", role.DBSS.Database)
}
