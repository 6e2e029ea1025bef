package bench

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// Elsewhere names the state servers and client agents that somebody else has started, on this
// machine or on others, with the configurations of [World.writeAll]. The zero one names none: then
// they are processes of the bench's own.
type Elsewhere struct {
	At       []string `json:"agents_at,omitempty"` // client agents, as host:port
	NATS     []string `json:"nats_at,omitempty"`   // the servers of their backbone
	MD       string   `json:"md_at,omitempty"`     // instead: a message director of theirs
	Monitors []string `json:"monitors,omitempty"`  // of NATS servers, as http://host:port
}

func (e *Elsewhere) is() bool { return len(e.At) > 0 }

func (e *Elsewhere) check(w *World) error {
	for _, a := range append(append([]string{}, e.At...), e.MD) {
		if a == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(a); err != nil {
			return fmt.Errorf("%q is no address as host:port", a)
		}
	}
	switch {
	case !e.is() && (len(e.NATS) > 0 || e.MD != "" || len(e.Monitors) > 0):
		return errors.New("--nats, --md and --monitor are of processes elsewhere: name their client agents with --agents host:port,…")
	case !e.is():
		return nil
	case w.One || w.Leaves || w.Hubs > 1:
		return errors.New("--one, --hubs and --leaves are of processes here: --agents names those of others")
	case len(e.NATS) == 0 && e.MD == "":
		return errors.New("say with --nats or --md how the AIs reach the processes of --agents")
	}
	return nil
}

// bind is where client agent i listens.
func (w *World) bind(i int) string {
	if !w.is() {
		return "127.0.0.1:0"
	}
	_, port, _ := net.SplitHostPort(w.At[i]) // check has seen it
	return "0.0.0.0:" + port
}

// backbone is how a process reaches the world's NATS servers, if they are elsewhere.
func (w *World) backbone(c configuration) configuration {
	switch {
	case w.MD != "" && !c.servers(): // the director is its only link to the world
		c.backbone, c.upstream = "embedded: {listen: none}", w.MD
	case len(w.NATS) > 0:
		c.backbone = "urls: [" + quoted(w.NATS) + "]"
	default: // with a director alone, the world is one process, or has servers of its own
		c.backbone = "embedded: {}"
	}
	return c
}

// writeAll writes the configurations of the processes elsewhere, the DC file and the clients' script
// into a new folder.
func (w *World) writeAll(dir string) error {
	if !w.is() || len(w.NATS) == 0 {
		return errors.New("--write needs the client agents' addresses (--agents host:port,…) and their NATS servers (--nats)")
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "world.dc"), []byte(worldDC), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "bots.yml"), []byte(w.scriptText()), 0o600); err != nil {
		return err
	}
	for i, c := range w.configurations() {
		if !c.servers() {
			continue
		}
		c = w.backbone(c)
		if i == 0 && w.MD != "" {
			_, port, _ := net.SplitHostPort(w.MD) // check has seen it
			c.port = "0.0.0.0:" + port
		}
		if _, err := c.write(dir); err != nil {
			return err
		}
	}
	return nil
}
