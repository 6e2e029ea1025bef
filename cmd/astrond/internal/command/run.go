package command

import (
	"errors"
	"os/signal"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/daemon"
	"natstron/cmd/astrond/internal/logging"
	"natstron/internal/configfile"
	"natstron/internal/status"
)

// runFile runs the daemon that a configuration file asks for, until a signal or
// a failure ends it.
func runFile(c *cli.Context, file string, ours daemon.Extensions) error {
	level, _ := logging.LevelNamed(c.String("loglevel"))
	warnings := new(status.Warnings)
	log, outputs, err := logging.Open(logging.Options{
		Console: c.App.Writer,
		File:    c.String("log"),
		Level:   level,
		JSON:    c.String("log-format") == "json",
		Colour:  (c.Bool("pretty") || logging.IsTerminal(c.App.Writer)) && !c.Bool("boring"),
		Stuck: func(output string) {
			warnings.Add(time.Now(), "error", "Log: the "+output+" is blocked: lines of the log are dropped")
		},
	})
	if err != nil {
		return err
	}
	defer outputs.Close()
	log = logging.WithWarnings(log, warnings)

	// A log that nobody reads any more is no reason to die.
	signal.Ignore(syscall.SIGPIPE)
	end, stop := daemon.UntilSignal(c.Context, log, outputs.Flush)
	defer stop()

	err = daemon.Run(end, file, ours, logging.Log{Logger: log, Warnings: warnings, Lost: outputs.Lost, Levels: outputs.Levels})
	var faults *configfile.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &faults) && c.String("log") == "" && c.String("log-format") == "text":
		outputs.Flush()
		logging.InTime(func() { cmdline.PrintFaults(c.App.ErrWriter, file, faults) })
	case errors.As(err, &faults):
		for _, f := range faults.Faults {
			logging.Component(log, "Main").Log(c.Context, logging.LevelFatal, "fault in the configuration",
				"at", f.Pos, "key", f.Path, "problem", f.Problem, "fix", f.Fix)
		}
	default:
		logging.Component(log, "Main").Log(c.Context, logging.LevelFatal, "ending", "cause", err)
	}
	return cmdline.ErrTold
}
