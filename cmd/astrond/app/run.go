package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"natstron/internal/configfile"
	"natstron/internal/status"
	"natstron/roles/clientagent"
)

// runFile runs the daemon that a configuration file asks for, until a signal or
// a failure ends it.
func runFile(c *cli.Context, file string, classes clientagent.Classes) error {
	level, _ := levelNamed(c.String("loglevel"))
	warnings := new(status.Warnings)
	log, outputs, err := openLog(logOptions{
		console: c.App.Writer,
		file:    c.String("log"),
		level:   level,
		json:    c.String("log-format") == "json",
		colour:  (c.Bool("pretty") || isTerminal(c.App.Writer)) && !c.Bool("boring"),
		stuck: func(output string) {
			warnings.Add(time.Now(), "error", "Log: the "+output+" does not take the log any more: lines are dropped")
		},
	})
	if err != nil {
		return err
	}
	defer outputs.end()
	log = withWarnings(log, warnings)

	tuneCollector()
	// A log that nobody reads any more is no reason to die.
	signal.Ignore(syscall.SIGPIPE)
	end, stop := untilSignal(c.Context, log, outputs.flush)
	defer stop()

	err = loadAndRun(end, file, classes, logs{log, warnings, outputs.lost})
	var faults *configfile.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &faults) && c.String("log") == "" && c.String("log-format") == "text":
		outputs.flush()
		printInTime(func() { printFaults(c.App.ErrWriter, file, faults) })
	case errors.As(err, &faults):
		for _, f := range faults.Faults {
			component(log, "Main").Log(c.Context, levelFatal, "fault in the configuration",
				"at", f.Pos, "key", f.Path, "problem", f.Problem, "fix", f.Fix)
		}
	default:
		component(log, "Main").Log(c.Context, levelFatal, "ending", "cause", err)
	}
	return errTold
}

// loadAndRun changes to the configuration's folder, as the reference does, so
// that all names in the file are relative to it.
func loadAndRun(end *ending, path string, classes clientagent.Classes, log logs) error {
	dir, name := filepath.Split(path)
	if dir != "" {
		if err := os.Chdir(dir); err != nil {
			return fmt.Errorf("change to the configuration's folder: %w", err)
		}
	}
	component(log.Logger, "Main").Info("loading the configuration", "file", path)
	cfg, file, err := load(name, classes)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; astrond init writes one to start from, astrond --help lists the commands", err)
	}
	if err != nil {
		return err
	}
	for _, doubt := range doubts(file) {
		component(log.Logger, "Main").Warn(doubt.Problem, "at", doubt.Pos)
	}
	return runDaemon(end, cfg, file, classes, log)
}

// printInTime prints something for people before the process ends, for a bounded time:
// they may have stopped reading.
func printInTime(print func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		print()
	}()
	select {
	case <-done:
	case <-time.After(flushTimeout):
	}
}

// component is the logger of a part of astrond.
func component(log *slog.Logger, name string) *slog.Logger { return log.With(componentKey, name) }

// printFaults shows all faults with their lines, for people.
func printFaults(w io.Writer, file string, e *configfile.Error) {
	fmt.Fprintln(w, e)
	if n := len(e.Faults); n == 1 {
		fmt.Fprintf(w, "%s: 1 fault\n", file)
	} else {
		fmt.Fprintf(w, "%s: %d faults\n", file, n)
	}
}
