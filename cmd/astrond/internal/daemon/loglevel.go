package daemon

import (
	"fmt"
	"strings"

	"natstron/cmd/astrond/internal/logging"
)

// LogQuestion is what astrond log asks on the backbone.
const LogQuestion = "log"

// LogRequest is what it says.
type LogRequest struct {
	// Names say who is meant, by daemon.name or by host:pid; none: all.
	Names []string `json:"names,omitempty"`
	// Level is what to show from now on; "default", what the process began with; "",
	// nothing is changed.
	Level string `json:"level,omitempty"`
	// Component is whose lines; "": all.
	Component string `json:"component,omitempty"`
}

// DefaultLevel is the level that a process began with.
const DefaultLevel = "default"

// LogAnswer is what a process shows.
type LogAnswer struct {
	Answerer
	// Levels are by component; the one of all others is under "".
	Levels map[string]string `json:"levels"`
	// Refused says why nothing was changed.
	Refused string `json:"refused,omitempty"`
}

// answerLog is the answer of this process; nil if it is not meant.
func (d *daemon) answerLog(asked LogRequest) *LogAnswer {
	answer := &LogAnswer{Answerer: d.answerer()}
	if len(asked.Names) > 0 && !answer.Named(asked.Names) {
		return nil
	}
	if asked.Level != "" {
		answer.Refused = d.setLevel(asked)
	}
	answer.Levels = d.board.Log.Levels.Names()
	return answer
}

// setLevel changes a level, or says why not.
func (d *daemon) setLevel(asked LogRequest) (refused string) {
	component, ok := "", true
	if asked.Component != "" {
		component, ok = logging.ComponentNamed(asked.Component)
	}
	level, known := logging.LevelNamed(asked.Level)
	switch {
	case !ok:
		return fmt.Sprintf("there is no component %q; there are %s", asked.Component, strings.Join(logging.Components(), ", "))
	case asked.Level == DefaultLevel:
		d.board.Log.Levels.Reset(component)
	case !known:
		return fmt.Sprintf("there is no level %q; there are %s", asked.Level, logging.LevelNames())
	default:
		d.board.Log.Levels.Set(component, level)
	}
	logging.Component(d.log, "Main").Warn("an operator changed the log level", "level", asked.Level, "of", component)
	return ""
}
