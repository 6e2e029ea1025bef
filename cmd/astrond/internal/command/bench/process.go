package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"natstron/cmd/astrond/internal/command/bots"
)

// process is an astrond of the world.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.Closer // the process ends when it is closed, so it does when this one is killed

	mu       sync.Mutex
	said     bytes.Buffer // its log, for when it fails
	agents   []string     // where client agents listen
	page     string       // its status page; empty: none
	readyAs  map[string]any
	ready    chan struct{} // closed when it is ready
	ended    chan struct{}
	warnings []string // what its log warned of, each once
}

// What is kept of a log is bounded.
const (
	maxSaid     = 64 << 10
	maxWarnings = 20
)

// start runs a configuration.
func start(name, file string) (*process, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{name: name, cmd: exec.Command(binary, "--log-format", "json", "bench", "process", file), ready: make(chan struct{}), ended: make(chan struct{})}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	log, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stderr = p
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.read(log)
		_ = p.cmd.Wait() // how it ended is in its log
		close(p.ended)
	}()
	return p, nil
}

// Write keeps what the process says on standard error.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.said.Len() < maxSaid {
		p.said.Write(b)
	}
	return len(b), nil
}

// read reads the log.
func (p *process) read(log io.Reader) {
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line map[string]any
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		p.mu.Lock()
		switch line["msg"] {
		case "listening for clients":
			p.agents = append(p.agents, fmt.Sprint(line["address"]))
		case "status page":
			p.page = fmt.Sprint(line["url"])
		case "ready":
			p.readyAs = line
			close(p.ready)
		}
		if level := line["level"]; level == "warning" || level == "error" || level == "fatal" {
			if text := fmt.Sprint(line["msg"]); len(p.warnings) < maxWarnings && !slices.Contains(p.warnings, text) {
				p.warnings = append(p.warnings, text)
			}
			if p.said.Len() < maxSaid {
				p.said.Write(append(lines.Bytes(), '\n'))
			}
		}
		p.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, log) // a line was too long: let the process go on
}

// wait waits until the process is ready.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.ready:
		return nil
	case <-p.ended:
		return fmt.Errorf("%s ended:\n%s", p.name, p.log())
	case <-ctx.Done():
		return fmt.Errorf("%s is not ready: %w\n%s", p.name, context.Cause(ctx), p.log())
	}
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// saidReady is a value of the line "ready".
func (p *process) saidReady(key string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, _ := p.readyAs[key].(string)
	return text
}

// stop ends the process.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // where there are no signals, the next line does it
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	_ = p.stdin.Close()
}

func (p *process) usage() bots.Usage { return bots.UsageOf(strconv.Itoa(p.cmd.Process.Pid)) }
