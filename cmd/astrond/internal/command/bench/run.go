package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
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
	Setup     float64        `json:"setup_seconds"`    // until all objects were there
	Making    float64        `json:"creation_seconds"` // of that, from the start of the AIs
	Processes []ProcessUsage `json:"processes"`
	NATS      NATSUsage      `json:"nats"` // the hub, if it is of this machine
	Servers   []NATSUsage    `json:"nats_servers"`
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

// cluster is the running processes of a world.
type cluster struct {
	makes time.Time // when the AIs were started

	connections *connections // nil: there are none
	hubs        []*process   // the first one is the root of the others
	all         []*process   // the hubs too
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
		if !slices.Contains(c.hubs, p) {
			ending.Go(p.stop)
		}
	}
	ending.Wait()
	for _, p := range slices.Backward(c.hubs) {
		p.stop()
	}
}

// patience bounds the start of each process; an AI may have to create millions of objects.
const patience = 5 * time.Minute

// run makes the world, lets clients live in it, and measures.
func run(ctx context.Context, w World, profiles *profiles, note func(format string, args ...any), show func(bots.Progress)) (*Report, error) {
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
	script, err := bots.ParseScript("the script of the world", []byte(w.scriptText()), file)
	if err != nil {
		return nil, err
	}
	c := &cluster{}
	defer c.stop()
	began := time.Now()
	if err := c.begin(ctx, w, dir, profiles, note); err != nil {
		return nil, err
	}
	if w.Connections > 0 {
		ais, err := c.connect(ctx, w, file)
		if err != nil {
			return nil, err
		}
		defer ais.end()
		updating, stop := context.WithCancel(ctx)
		defer stop()
		go ais.update(updating, w.Updates)
		c.connections = ais
	}
	r := &Report{World: w, Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH + " " + runtime.Version(), Setup: time.Since(began).Seconds(), Making: time.Since(c.makes).Seconds()}
	agents, servers := w.At, []*natsServer{}
	for _, p := range c.all {
		agents = append(agents, p.agents...)
		if monitor := p.saidReady("nats_monitor"); monitor != "" {
			servers = append(servers, &natsServer{name: p.name, monitor: monitor})
		}
	}
	for _, m := range w.Monitors {
		servers = append(servers, &natsServer{name: m, monitor: m})
	}
	before := make([]bots.Usage, len(c.all))
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
			for _, s := range servers {
				var err error
				s.before, err = s.ask(ctx)
				failed = errors.Join(failed, err)
			}
			profiles.begin(ctx, c.all)
		},
		Stopped: func() {
			if measured.IsZero() {
				return // interrupted
			}
			took := time.Since(measured)
			for _, s := range servers {
				u, err := s.since(ctx, took)
				failed = errors.Join(failed, err)
				r.Servers = append(r.Servers, u)
			}
			if len(r.Servers) > 0 {
				r.NATS = r.Servers[0]
			}
			for i, p := range c.all {
				u := p.usage()
				r.Processes = append(r.Processes, ProcessUsage{p.name, (u.CPU - before[i].CPU).Seconds() / took.Seconds(), u.Resident, u.Peak, p.warned()})
			}
		},
	})
	failed = errors.Join(failed, profiles.end())
	if err := ctx.Err(); err != nil {
		return nil, errors.New("interrupted")
	}
	if c.connections != nil {
		failed = errors.Join(failed, c.connections.failed())
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
func (c *cluster) begin(ctx context.Context, w World, dir string, profiles *profiles, note func(format string, args ...any)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%v have passed", patience))
	defer cancel()
	run := func(one configuration) (*process, error) {
		one.page = profiles.page()
		file, err := one.write(dir)
		if err != nil {
			return nil, err
		}
		return c.start(one.name, file)
	}
	all := w.configurations()
	var joins func(i int) string // the backbone of process i
	switch {
	case w.One:
		joins = func(int) string { return natsHere }
	case !w.is():
		var err error
		if joins, err = c.beginHubs(ctx, w, run); err != nil {
			return err
		}
	}
	note("%d processes make %d objects", len(c.all)+len(all), w.Objects)
	for i, one := range all {
		switch {
		case !w.is():
			one.backbone = joins(i)
		case one.servers():
			continue
		default:
			one = w.backbone(one)
		}
		if servers := w.StateServers + w.Agents; i == servers || i < servers && i%atOnce == 0 {
			if err := c.wait(ctx); err != nil {
				return err
			}
			c.makes = time.Now()
		}
		p, err := run(one)
		if err != nil {
			return err
		}
		if w.One {
			c.hubs = []*process{p}
		}
	}
	return c.wait(ctx)
}

// atOnce is how many servers start together: more of them would take the processor from each other
// for so long that those that are there already miss their answers.
const atOnce = 8

// connect connects AIs to the message directors of the world.
func (c *cluster) connect(ctx context.Context, w World, file *dc.File) (*connections, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%v have passed", patience))
	defer cancel()
	var directors []string
	for _, p := range c.all {
		if at := p.saidReady("message_director"); at != "" {
			directors = append(directors, at)
		}
	}
	if w.MD != "" {
		directors = []string{w.MD}
	}
	if len(directors) == 0 {
		return nil, errors.New("--connections needs a message director: name it with --md")
	}
	c.makes = time.Now()
	return connect(ctx, w, file, directors)
}

// natsHere is the backbone of a process that has a NATS server for others.
const natsHere = "embedded: {listen: '127.0.0.1:0', monitor: '127.0.0.1:0'}"

// beginHubs starts the hubs: one, or one with others around it that are its leaves. Processes take
// them in turns.
func (c *cluster) beginHubs(ctx context.Context, w World, run func(configuration) (*process, error)) (joins func(i int) string, err error) {
	const hub = "embedded: {listen: '127.0.0.1:0', monitor: '127.0.0.1:0', leaf: {listen: '127.0.0.1:0'%s}}"
	const leaf = "remotes: [{urls: ['nats-leaf://%s']}]"
	var nats, leaves []string // where the hubs take clients and leaves
	for i := range w.Hubs {
		one := configuration{name: "hub", backbone: fmt.Sprintf(hub, "")}
		if i > 0 {
			one = configuration{name: fmt.Sprint("hub-", i+1), backbone: fmt.Sprintf(hub, ", "+fmt.Sprintf(leaf, leaves[0]))}
		}
		p, err := run(one)
		if err != nil {
			return nil, err
		}
		c.hubs = append(c.hubs, p)
		if err := p.wait(ctx); err != nil {
			return nil, err
		}
		server := natsServer{monitor: p.saidReady("nats_monitor")}
		counts, err := server.ask(ctx)
		if err != nil {
			return nil, err
		}
		nats, leaves = append(nats, p.saidReady("nats")), append(leaves, fmt.Sprint("127.0.0.1:", counts.Leaf.Port))
	}
	if w.Leaves {
		return func(i int) string {
			return fmt.Sprintf("embedded: {listen: none, monitor: '127.0.0.1:0', leaf: {%s}}", fmt.Sprintf(leaf, leaves[i%w.Hubs]))
		}, nil
	}
	return func(i int) string { return "urls: [" + quoted(nats[i%w.Hubs:][:1]) + "]" }, nil
}

func quoted(list []string) string { return "'" + strings.Join(list, "', '") + "'" }

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
	fmt.Fprintf(w, "world\t%d objects, %d updates a second, %d zones, %d clients; %d agents, %d state servers, %d AIs, %d AI connections; made in %.1f s, %.1f with the start of all processes\n",
		r.World.Objects, r.World.Updates, r.World.Zones, r.World.Clients, r.World.Agents, r.World.StateServers, r.World.AIs, r.World.Connections, r.Making, r.Setup)
	fmt.Fprintf(w, "machine\t%d cores, %s; the bots share it\n", r.Cores, r.System)
	_ = w.Flush() // an error of standard output shows in the end
	fmt.Fprintf(w, "\nNATS server\tsubscriptions\tconnections\tleaves\tmessages/s in\tout\tbytes/s in\tout\n")
	for kind, all := range kinds(r.Servers, func(u NATSUsage) string { return u.Name }) {
		var sum NATSUsage
		for _, u := range all {
			sum.Subscriptions += u.Subscriptions
			sum.Connections += u.Connections
			sum.Leaves += u.Leaves
			sum.In += u.In
			sum.Out += u.Out
			sum.InBytes += u.InBytes
			sum.OutBytes += u.OutBytes
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", kind, sum.Subscriptions, sum.Connections, sum.Leaves,
			cmdline.Count(sum.In), cmdline.Count(sum.Out), cmdline.Size(sum.InBytes), cmdline.Size(sum.OutBytes))
	}
	_ = w.Flush()
	fmt.Fprintf(w, "\nprocess\tcores\tresident\tpeak\tits log warns of\n")
	var cores float64
	for kind, all := range kinds(r.Processes, func(p ProcessUsage) string { return p.Name }) {
		var sum ProcessUsage
		for _, p := range all {
			sum.Cores += p.Cores
			sum.Resident += p.Resident
			sum.Peak += p.Peak
			for _, text := range p.Warnings {
				if !slices.Contains(sum.Warnings, text) {
					sum.Warnings = append(sum.Warnings, text)
				}
			}
		}
		fmt.Fprintf(w, "%s\t%.2f\t%s\t%s\t%s\n", kind, sum.Cores, cmdline.Size(float64(sum.Resident)), cmdline.Size(float64(sum.Peak)), strings.Join(sum.Warnings, "; "))
		cores += sum.Cores
	}
	fmt.Fprintf(w, "all\t%.2f\n", cores)
	_ = w.Flush()
	fmt.Fprintln(to)
	r.Bots.Print(to)
}

// few is how many processes of a kind have lines of their own.
const few = 4

// kinds yields things with their names, those of more than a few of a kind together: agent-1 and
// agent-2 are of a kind.
func kinds[T any](all []T, name func(T) string) iter.Seq2[string, []T] {
	kind := func(t T) string { return strings.TrimRight(name(t), "-0123456789") }
	return func(yield func(string, []T) bool) {
		for len(all) > 0 {
			n := 1
			for n < len(all) && kind(all[n]) == kind(all[0]) {
				n++
			}
			of, title := all[:n], fmt.Sprintf("%d × %s", n, kind(all[0]))
			if n <= few {
				of, title = all[:1], name(all[0])
			}
			if !yield(title, of) {
				return
			}
			all = all[len(of):]
		}
	}
}
