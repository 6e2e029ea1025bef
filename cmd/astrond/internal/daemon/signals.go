package daemon

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"natstron/cmd/astrond/internal/logging"
)

// Ending is how a process is told to end.
type Ending struct {
	ctx   context.Context // done when it is to end, in order
	hurry context.Context // done when it is to wait for nobody any more
	// waits is set while the process waits for somebody before it ends.
	waits atomic.Bool
}

// UntilSignal is the ending that SIGINT and SIGTERM bring. A second one of them
// ends the process at once; where it waits, the second one ends that, and a third
// one the process, after flush. The function returned gives the signals back.
func UntilSignal(parent context.Context, log *slog.Logger, flush func()) (*Ending, func()) {
	ctx, end := context.WithCancel(parent)
	hurry, hasten := context.WithCancel(parent)
	e := &Ending{ctx: ctx, hurry: hurry}
	signals := make(chan os.Signal, 2)
	done := make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			end()
		case <-done:
			return
		}
		for {
			select {
			case s := <-signals:
				if !e.waits.CompareAndSwap(true, false) {
					logging.Component(log, "Main").Log(parent, logging.LevelFatal, "stopping at once: second signal", "signal", s)
					flush()
					os.Exit(1)
				}
				logging.Component(log, "Main").Warn("not waiting for clients any more: second signal", "signal", s)
				hasten()
			case <-done:
				return
			}
		}
	}()
	return e, func() {
		signal.Stop(signals)
		close(done)
		end()
		hasten()
	}
}
