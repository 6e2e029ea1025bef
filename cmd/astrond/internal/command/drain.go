package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"natstron/bridge/watch"
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

// The times of the command: how long everybody has to answer, and how often it
// looks how far they are.
const (
	answerTime = time.Second
	lookEvery  = time.Second
)

func drainAction(c *cli.Context) error {
	o, name, err := drainOptions(c)
	if err != nil {
		return err
	}
	request := daemon.DrainRequest{Names: c.Args().Slice(), All: c.Bool("all")}
	if len(request.Names) == 0 && name != "" {
		request.Names = []string{name}
	}
	if c.IsSet("within") {
		within := max(c.Duration("within"), 0).Seconds()
		request.Within = &within
	}
	request.Undo = c.Bool("undo")
	request.Look = len(request.Names) == 0 && !request.All
	asker, err := watch.Connect(o)
	if err != nil {
		return fmt.Errorf("%w\nCheck that astrond is running, and give the URL of its backbone with --nats: the line \"ready\" in its log has it", err)
	}
	defer asker.Close()
	ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer stop()

	d := drainer{asker: asker, out: c.App.Writer, json: c.Bool("json")}
	answers, err := d.ask(ctx, request, nil)
	if errors.Is(err, watch.ErrPermission) {
		return fmt.Errorf("%w\nThis NATS user may not publish, which drain needs: give one that may with --nats or --config", err)
	}
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

// drainOptions are where the Cluster is, and the name of the process that runs the
// configuration, if there is one.
func drainOptions(c *cli.Context) (o watch.AskerOptions, name string, err error) {
	at, err := cmdline.ClusterOf(c)
	if err != nil {
		return o, "", err
	}
	if at.Config != nil {
		name = at.Config.Daemon.Name
	}
	return watch.AskerOptions{Server: at.Server, Subjects: at.Subjects, Name: "astrond drain"}, name, nil
}

// drainer asks processes to drain, and shows how far they are.
type drainer struct {
	asker *watch.Asker
	out   io.Writer
	json  bool

	draining []string          // processes, by host:pid
	shown    map[string]string // what was last said of each
}

// ask returns the answers that come in time, in order. It does not wait longer
// once all of the given processes have answered.
func (d *drainer) ask(ctx context.Context, request daemon.DrainRequest, processes []string) ([]daemon.DrainAnswer, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var answers []daemon.DrainAnswer
	missing := slices.Clone(processes)
	err = d.asker.Ask(ctx, daemon.DrainQuestion, text, func(text []byte) bool {
		var a daemon.DrainAnswer
		if json.Unmarshal(text, &a) == nil {
			answers = append(answers, a)
			missing = slices.DeleteFunc(missing, func(p string) bool { return p == a.Process() })
		}
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
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == a.Name || name == a.Process() })
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
