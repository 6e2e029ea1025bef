package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/command/bots"
	"natstron/dc"
)

// Report is what came of a run.
type Report struct {
	World     World          `json:"world"`
	Cores     int            `json:"cores"`
	System    string         `json:"system"`
	Setup     float64        `json:"setup_seconds"` // until all objects were there
	Processes []ProcessUsage `json:"processes"`
	NATS      NATSUsage      `json:"nats"`
	Bots      *bots.Report   `json:"bots"`
}

// ProcessUsage is what a process has used while it was measured.
type ProcessUsage struct {
	Name     string  `json:"name"`
	Cores    float64 `json:"cores"` // busy, on average
	Resident int64   `json:"resident_bytes"`
	Peak     int64   `json:"peak_bytes"`
	// Warnings are the texts of the log from the level warning on, since the start, each once.
	Warnings []string `json:"warnings"`
}

// NATSUsage is what the hub did meanwhile. In and out are from its view.
type NATSUsage struct {
	Subscriptions uint32  `json:"subscriptions"`
	In            float64 `json:"in_messages_per_second"`
	Out           float64 `json:"out_messages_per_second"`
	InBytes       float64 `json:"in_bytes_per_second"`
	OutBytes      float64 `json:"out_bytes_per_second"`
}

// cluster is the running processes of a world.
type cluster struct {
	hub *process
	all []*process // the hub too
}

func (c *cluster) start(name, file string) (*process, error) {
	p, err := start(name, file)
	if err == nil {
		c.all = append(c.all, p)
	}
	return p, err
}

// stop ends all processes, those that others lean on last.
func (c *cluster) stop() {
	var ending sync.WaitGroup
	for _, p := range c.all {
		if p != c.hub {
			ending.Go(p.stop)
		}
	}
	ending.Wait()
	if c.hub != nil {
		c.hub.stop()
	}
}

// patience bounds the start of each process; an AI may have to create millions of objects.
const patience = 5 * time.Minute

// run makes the world, lets clients live in it, and measures.
func run(ctx context.Context, w World, note func(format string, args ...any), show func(bots.Progress)) (*Report, error) {
	dir, err := os.MkdirTemp("", "astrond-world")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "world.dc"), []byte(worldDC), 0o600); err != nil {
		return nil, err
	}
	file, err := dc.Parse([]dc.Source{{Name: "world.dc", Text: worldDC}})
	if err != nil {
		return nil, err
	}
	script, err := w.script(file)
	if err != nil {
		return nil, err
	}
	c := &cluster{}
	defer c.stop()
	began := time.Now()
	if err := c.begin(ctx, w, dir, note); err != nil {
		return nil, err
	}
	r := &Report{World: w, Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH + " " + runtime.Version(), Setup: time.Since(began).Seconds()}
	var agents []string
	for _, p := range c.all {
		agents = append(agents, p.agents...)
	}
	monitor := c.hub.saidReady("nats_monitor")
	before := make([]bots.Usage, len(c.all))
	var natsBefore natsCounts
	var measured time.Time
	var failed error
	note("%d clients connect", w.Clients)
	r.Bots = bots.Run(ctx, bots.Options{
		File: file, Script: script, Clients: w.Clients, Addresses: agents, Patience: 2 * time.Minute, Progress: show,
		In: func() {
			measured = time.Now()
			for i, p := range c.all {
				before[i] = p.usage()
			}
			natsBefore, failed = askNATS(ctx, monitor)
		},
		Stopped: func() {
			if measured.IsZero() {
				return // interrupted
			}
			seconds := time.Since(measured).Seconds()
			after, err := askNATS(ctx, monitor)
			failed = errors.Join(failed, err)
			a := func(before, after int64) float64 { return float64(after-before) / seconds }
			r.NATS = NATSUsage{after.Subscriptions, a(natsBefore.InMessages, after.InMessages), a(natsBefore.OutMessages, after.OutMessages), a(natsBefore.InBytes, after.InBytes), a(natsBefore.OutBytes, after.OutBytes)}
			for i, p := range c.all {
				u := p.usage()
				r.Processes = append(r.Processes, ProcessUsage{p.name, (u.CPU - before[i].CPU).Seconds() / seconds, u.Resident, u.Peak, p.warned()})
			}
		},
	})
	if err := ctx.Err(); err != nil {
		return nil, errors.New("interrupted")
	}
	for _, p := range c.all {
		select {
		case <-p.ended:
			failed = errors.Join(failed, fmt.Errorf("%s ended:\n%s", p.name, p.log()))
		default:
		}
	}
	return r, failed
}

// begin starts all processes, and waits until all objects are there.
func (c *cluster) begin(ctx context.Context, w World, dir string, note func(format string, args ...any)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%v have passed", patience))
	defer cancel()
	run := func(one configuration, nats string) (*process, error) {
		file, err := one.write(dir, nats)
		if err != nil {
			return nil, err
		}
		return c.start(one.name, file)
	}
	all := w.configurations()
	if w.One {
		p, err := run(all[0], "")
		if err != nil {
			return err
		}
		note("one process makes %d objects", w.Objects)
		c.hub = p
		return p.wait(ctx)
	}
	hub, err := run(configuration{name: "hub"}, "")
	if err != nil {
		return err
	}
	c.hub = hub
	if err := hub.wait(ctx); err != nil {
		return err
	}
	note("%d processes make %d objects", len(all)+1, w.Objects)
	for i, one := range all {
		if i == w.StateServers { // the others need them
			if err := c.wait(ctx); err != nil {
				return err
			}
		}
		if _, err := run(one, hub.saidReady("nats")); err != nil {
			return err
		}
	}
	return c.wait(ctx)
}

// wait waits until all are ready.
func (c *cluster) wait(ctx context.Context) error {
	for _, p := range c.all {
		if err := p.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *process) warned() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.warnings...)
}

// Print writes the report for people.
func (r *Report) Print(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "world\t%d objects, %d updates a second, %d zones, %d clients; %d agents, %d state servers, %d AIs; made in %.1f s\n",
		r.World.Objects, r.World.Updates, r.World.Zones, r.World.Clients, r.World.Agents, r.World.StateServers, r.World.AIs, r.Setup)
	fmt.Fprintf(w, "machine\t%d cores, %s; the bots share it\n", r.Cores, r.System)
	fmt.Fprintf(w, "NATS\t%d subscriptions; %s messages a second in, %s out; %s a second in, %s out\n",
		r.NATS.Subscriptions, cmdline.Count(r.NATS.In), cmdline.Count(r.NATS.Out), cmdline.Size(r.NATS.InBytes), cmdline.Size(r.NATS.OutBytes))
	_ = w.Flush() // an error of standard output shows in the end
	fmt.Fprintf(w, "\nprocess\tcores\tresident\tpeak\tits log warns of\n")
	var cores float64
	for _, p := range r.Processes {
		fmt.Fprintf(w, "%s\t%.2f\t%s\t%s\t%s\n", p.Name, p.Cores, cmdline.Size(float64(p.Resident)), cmdline.Size(float64(p.Peak)), strings.Join(p.Warnings, "; "))
		cores += p.Cores
	}
	fmt.Fprintf(w, "all\t%.2f\n", cores)
	_ = w.Flush()
	fmt.Fprintln(to)
	r.Bots.Print(to)
}
