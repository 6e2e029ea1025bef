package daemon

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Answerer is a process that answers an operator's question.
type Answerer struct {
	Name string `json:"name"` // daemon.name
	Host string `json:"host"`
	PID  int    `json:"pid"`
}

// answerer is this process.
func (d *daemon) answerer() Answerer {
	host, _ := os.Hostname() // only a name to tell processes apart
	return Answerer{Name: d.cfg.Daemon.Name, Host: host, PID: os.Getpid()}
}

// Process is how a process is named that has no name.
func (a Answerer) Process() string { return fmt.Sprintf("%s:%d", a.Host, a.PID) }

// Named reports whether one of the names is the process's.
func (a Answerer) Named(names []string) bool {
	return a.Name != "" && slices.Contains(names, a.Name) || slices.Contains(names, a.Process())
}

// Title names a process for people.
func (a Answerer) Title() string {
	if a.Name == "" {
		return a.Process()
	}
	return fmt.Sprintf("%s (%s)", a.Name, a.Process())
}

// answering is how a node answers a question with answer; nil is no answer.
func answering[Q, A any](answer func(Q) *A) func(request []byte) []byte {
	return func(request []byte) []byte {
		var asked Q
		if json.Unmarshal(request, &asked) != nil {
			return nil // of another version, perhaps
		}
		a := answer(asked)
		if a == nil {
			return nil
		}
		text, err := json.Marshal(a)
		if err != nil {
			return nil // it is made of texts and numbers
		}
		return text
	}
}
