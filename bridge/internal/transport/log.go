package transport

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
)

// serverLog passes the server's log on, and keeps its first error for a start
// that fails.
type serverLog struct {
	log *slog.Logger

	started atomic.Bool // what is fatal is logged from then on; before, it is an error of the start
	fatal   atomic.Bool // the server has given up

	mu  sync.Mutex
	err error
}

func (s *serverLog) keep(format string, v []any) string {
	text := fmt.Sprintf(format, v...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = errors.New(text)
	}
	return text
}

func (s *serverLog) first() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		return errors.New("no answer in time")
	}
	return s.err
}

// The methods of the server's Logger.

func (s *serverLog) Noticef(format string, v ...any) { s.log.Debug(fmt.Sprintf(format, v...)) }
func (s *serverLog) Warnf(format string, v ...any)   { s.log.Warn(fmt.Sprintf(format, v...)) }
func (s *serverLog) Fatalf(format string, v ...any) {
	text := s.keep(format, v)
	s.fatal.Store(true)
	if s.started.Load() {
		s.log.Error(text)
	}
}
func (s *serverLog) Errorf(format string, v ...any) { s.log.Error(s.keep(format, v)) }
func (s *serverLog) Debugf(format string, v ...any) {}
func (s *serverLog) Tracef(format string, v ...any) {}
