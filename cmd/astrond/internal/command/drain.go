package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/daemon"
)

// drainCommand empties the client agents of processes, one by one.
func drainCommand() *cli.Command {
	return &cli.Command{
		Name:      "drain",
		Usage:     "accept no new clients on some processes, and wait until the connected ones have left",
		ArgsUsage: "[NAME|HOST:PID ...]",
		Description: "Name a process by its daemon.name, or by HOST:PID. Without a name, the process of\n" +
			"--config drains; without --config, all processes with client agents are listed.\n" +
			"An empty process keeps running: stop it with SIGTERM, which drains it, too, or have\n" +
			"it accept clients again with --undo.",
		Flags: append(cmdline.BackboneFlags(),
			&cli.BoolFlag{Name: "all", Usage: "drain all processes of the cluster that have client agents"},
			&cli.DurationFlag{Name: "within", Usage: "eject clients that are still there after this `TIME`, such as 10m (default: drain_timeout of each agent)"},
			&cli.BoolFlag{Name: "undo", Usage: "accept new clients again"},
			&cli.BoolFlag{Name: "no-wait", Usage: "do not wait until the clients have left"},
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object a line"},
		),
		Action: drainAction,
	}
}

// lookEvery is how often the command looks how far the processes are.
const lookEvery = time.Second

func drainAction(c *cli.Context) error {
	at, err := cmdline.ClusterOf(c)
	if err != nil {
		return err
	}
	request := daemon.DrainRequest{Names: c.Args().Slice(), All: c.Bool("all")}
	if len(request.Names) == 0 && at.Config != nil && at.Config.Daemon.Name != "" {
		request.Names = []string{at.Config.Daemon.Name}
	}
	if c.IsSet("within") {
		within := max(c.Duration("within"), 0).Seconds()
		request.Within = &within
	}
	request.Undo = c.Bool("undo")
	request.Look = len(request.Names) == 0 && !request.All
	o, err := operatorOf(at, "astrond drain")
	if err != nil {
		return err
	}
	defer o.Close()
	ctx, stop := cmdline.Interruptible(c)
	defer stop()

	d := drainer{operator: o, out: c.App.Writer, json: c.Bool("json")}
	answers, err := d.ask(ctx, request, nil)
	if err != nil {
		return err
	}
	if request.Look {
		return d.list(answers)
	}
	if err := d.begun(answers, request); err != nil || request.Undo || c.Bool("no-wait") {
		return err
	}
	return d.wait(ctx)
}

// drainer asks processes to drain, and shows how far they are.
type drainer struct {
	operator operator
	out      io.Writer
	json     bool

	draining []string          // processes, by host:pid
	shown    map[string]string // what was last said of each
}

// ask returns the answers that come in time, in order. It does not wait longer
// once all of the given processes have answered.
func (d *drainer) ask(ctx context.Context, request daemon.DrainRequest, processes []string) ([]daemon.DrainAnswer, error) {
	missing := slices.Clone(processes)
	answers, err := ask(ctx, d.operator, daemon.DrainQuestion, request, func(a daemon.DrainAnswer) bool {
		missing = slices.DeleteFunc(missing, func(p string) bool { return p == a.Process() })
		return len(processes) == 0 || len(missing) > 0
	})
	slices.SortFunc(answers, func(a, b daemon.DrainAnswer) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Process(), b.Process()))
	})
	return answers, err
}

// list shows who could be drained.
func (d *drainer) list(answers []daemon.DrainAnswer) error {
	if len(answers) == 0 {
		return errors.New("no process of this cluster has a client agent")
	}
	for _, a := range answers {
		d.show(a)
	}
	if d.json {
		return nil
	}
	return errors.New("name the processes to drain, or give --all")
}

// begun shows what became of the request, and notes whom to wait for.
func (d *drainer) begun(answers []daemon.DrainAnswer, request daemon.DrainRequest) error {
	missing := slices.Clone(request.Names)
	var refused []string
	for _, a := range answers {
		if !a.Meant(request) {
			continue
		}
		missing = slices.DeleteFunc(missing, func(name string) bool { return a.Named([]string{name}) })
		if a.Refused != "" {
			refused = append(refused, fmt.Sprintf("%s: %s", a.Title(), a.Refused))
			continue
		}
		d.draining = append(d.draining, a.Process())
		d.show(a)
	}
	switch {
	case len(refused) > 0:
		return errors.New(strings.Join(refused, "\n"))
	case len(missing) > 0:
		return fmt.Errorf("no process with a client agent is called %s; astrond drain without a name lists them", cmdline.Quoted(missing))
	case len(d.draining) == 0:
		return errors.New("no process of this cluster has a client agent")
	}
	return nil
}

// wait shows how far they are, until all are empty.
func (d *drainer) wait(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for silent := 0; ; {
		answers, err := d.ask(ctx, daemon.DrainRequest{Look: true}, d.draining)
		if err != nil {
			return err
		}
		left, heard := 0, 0
		for _, a := range answers {
			if slices.Contains(d.draining, a.Process()) {
				heard++
				left += a.Clients()
				d.show(a)
			}
		}
		if silent++; heard == len(d.draining) {
			silent = 0
			if left == 0 {
				return nil
			}
		}
		if silent > 5 {
			return errors.New("some of them do not answer any more: they have ended, or the backbone is lost")
		}
		select {
		case <-ctx.Done():
			return errors.New("stopped waiting; they go on draining")
		case <-tick.C:
		}
	}
}

// show says how far a process is, unless that was said already.
func (d *drainer) show(a daemon.DrainAnswer) {
	if d.json {
		text, err := json.Marshal(a)
		if err == nil {
			d.say(a, string(text))
		}
		return
	}
	var agents []string
	for _, agent := range a.Agents {
		text := fmt.Sprintf("%s has %d clients", agent.Label, agent.Clients)
		switch {
		case agent.Draining && agent.Clients == 0:
			text = agent.Label + " is empty"
		case agent.Draining:
			text += fmt.Sprintf(", ejected in %v", time.Duration(agent.Left*float64(time.Second)).Round(time.Second))
		}
		agents = append(agents, text)
	}
	d.say(a, a.Title()+": "+strings.Join(agents, "; "))
}

func (d *drainer) say(a daemon.DrainAnswer, text string) {
	if d.shown == nil {
		d.shown = map[string]string{}
	}
	if d.shown[a.Process()] != text {
		d.shown[a.Process()] = text
		fmt.Fprintln(d.out, text)
	}
}
