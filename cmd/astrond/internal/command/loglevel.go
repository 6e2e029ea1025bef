package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

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
	at, err := cmdline.ClusterOf(c)
	if err != nil {
		return err
	}
	o, err := operatorOf(at, "astrond log")
	if err != nil {
		return err
	}
	defer o.Close()
	heard := 0
	answers, err := ask(c.Context, o, daemon.LogQuestion, request, func(daemon.LogAnswer) bool {
		heard++
		return len(request.Names) == 0 || heard < len(request.Names)
	})
	if err != nil {
		return err
	}
	slices.SortFunc(answers, func(a, b daemon.LogAnswer) int { return strings.Compare(a.Title(), b.Title()) })
	return showLevels(c.App.Writer, answers, request, c.Bool("json"))
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
