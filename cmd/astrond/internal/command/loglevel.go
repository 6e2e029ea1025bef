package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/bridge/watch"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/daemon"
	"natstron/cmd/astrond/internal/logging"
)

// logCommand shows and changes the log levels of running processes.
func logCommand() *cli.Command {
	return &cli.Command{
		Name:      "log",
		Usage:     "show or change the log level of running processes",
		ArgsUsage: "[LEVEL [COMPONENT]]",
		Description: "LEVEL is " + logging.LevelNames() + ",\n" +
			"or " + daemon.DefaultLevel + ": what the process was started with. COMPONENT is the part that speaks, as in the log:\n" +
			strings.Join(logging.Components(), ", ") + ".\n" +
			"Without it, all of them. At the level packet the component Backbone shows each message that is routed.\n" +
			"Without LEVEL, the levels are shown. A level lasts until the process ends.",
		Flags: append(cmdline.BackboneFlags(),
			&cli.StringSliceFlag{Name: "process", Usage: "only the process with this `NAME`, its daemon.name or HOST:PID; repeat it for several (default: all)"},
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object a line"},
		),
		Action: logAction,
	}
}

func logAction(c *cli.Context) error {
	request := daemon.LogRequest{Names: c.StringSlice("process"), Level: c.Args().Get(0), Component: c.Args().Get(1)}
	if c.NArg() > 2 {
		return cmdline.Misused(c, "give a level and a component, and no more; a component of two words needs quotes, or no blank")
	}
	if _, ok := logging.LevelNamed(request.Level); !ok && request.Level != "" && request.Level != daemon.DefaultLevel {
		return cmdline.Misused(c, "unknown log level %q; there are %s, %s", request.Level, logging.LevelNames(), daemon.DefaultLevel)
	}
	if _, ok := logging.ComponentNamed(request.Component); !ok && request.Component != "" {
		return cmdline.Misused(c, "unknown component %q; there are %s", request.Component, strings.Join(logging.Components(), ", "))
	}
	o, _, err := drainOptions(c)
	if err != nil {
		return err
	}
	o.Name = "astrond log"
	asker, err := watch.Connect(o)
	if err != nil {
		return cmdline.NoBackbone(err, "")
	}
	defer asker.Close()
	answers, err := askLog(c.Context, asker, request)
	if errors.Is(err, watch.ErrPermission) {
		return cmdline.NoBackbone(err, "publish to "+o.Subjects.Control()+".> and subscribe to _INBOX.>")
	}
	if err != nil {
		return err
	}
	return showLevels(c.App.Writer, answers, request, c.Bool("json"))
}

// askLog returns the answers that come in time, in order.
func askLog(ctx context.Context, asker *watch.Asker, request daemon.LogRequest) (answers []daemon.LogAnswer, err error) {
	text, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	err = asker.Ask(ctx, daemon.LogQuestion, text, func(text []byte) bool {
		var a daemon.LogAnswer
		if json.Unmarshal(text, &a) == nil {
			answers = append(answers, a)
		}
		return len(request.Names) == 0 || len(answers) < len(request.Names)
	})
	slices.SortFunc(answers, func(a, b daemon.LogAnswer) int { return strings.Compare(a.Title(), b.Title()) })
	return answers, err
}

// showLevels shows what the processes say, and what is wrong with that.
func showLevels(out io.Writer, answers []daemon.LogAnswer, request daemon.LogRequest, asJSON bool) error {
	var wrong []string
	missing := slices.Clone(request.Names)
	for _, a := range answers {
		missing = slices.DeleteFunc(missing, func(name string) bool { return a.Named([]string{name}) })
		if a.Refused != "" {
			wrong = append(wrong, a.Title()+": "+a.Refused)
		}
		if asJSON {
			text, err := json.Marshal(a)
			if err != nil {
				return err
			}
			fmt.Fprintln(out, string(text))
			continue
		}
		line := logging.Clean(a.Title()) + ": " + a.Levels[""]
		for _, component := range slices.Sorted(maps.Keys(a.Levels)) {
			if component != "" {
				line += fmt.Sprintf(", %s %s", component, a.Levels[component])
			}
		}
		fmt.Fprintln(out, line)
	}
	switch {
	case len(wrong) > 0:
		return errors.New(strings.Join(wrong, "\n"))
	case len(missing) > 0:
		return fmt.Errorf("no process is called %s; astrond log without options lists them", cmdline.Quoted(missing))
	case len(answers) == 0:
		return errors.New("no process of this cluster answers")
	}
	return nil
}
