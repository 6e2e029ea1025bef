// Package daemon is a running astrond: what a configuration asks for, started in order
// and ended in the reverse order.
//
// It reads from top to bottom in these files: run.go, load.go (what can be known before
// anything runs), daemon.go (what is started, in which order, and how it ends), roles.go
// (from configuration to roles, and from failures to words), drain.go, signals.go.
package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"natstron/cmd/astrond/internal/logging"
)

// Run runs what a configuration file asks for, until it is told to end or cannot go on.
// What is wrong in the configuration is a [*configfile.Error]. It changes to the configuration's folder, as the reference does, so
// that all names in the file are relative to it.
func Run(end *Ending, path string, ours Extensions, log logging.Log) error {
	tuneCollector()
	dir, name := filepath.Split(path)
	if dir != "" {
		if err := os.Chdir(dir); err != nil {
			return fmt.Errorf("change to the configuration's folder: %w", err)
		}
	}
	logging.Component(log.Logger, "Main").Info("loading the configuration", "file", path)
	cfg, file, err := Load(name, ours)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; astrond init writes one to start from, astrond --help lists the commands", err)
	}
	if err != nil {
		return err
	}
	for _, w := range Warnings(cfg, file) {
		logging.Component(log.Logger, "Main").Warn(strings.TrimPrefix(w.Path+": ", ": ")+strings.TrimSuffix(w.Problem+"; "+w.Fix, "; "), "at", w.Pos)
	}
	return run(end, cfg, file, ours, log)
}
