// Package command is the command line of astrond: the daemon's options, and the tools,
// the larger ones in packages below.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/command/bench"
	"natstron/cmd/astrond/internal/command/bots"
	"natstron/cmd/astrond/internal/command/db"
	"natstron/cmd/astrond/internal/command/dcfile"
	"natstron/cmd/astrond/internal/command/operate"
	"natstron/cmd/astrond/internal/command/top"
	"natstron/cmd/astrond/internal/command/traffic"
	"natstron/cmd/astrond/internal/daemon"
	"natstron/cmd/astrond/internal/logging"
	"natstron/internal/config"
)

// Run is the whole program: it returns the exit code. Everything that is for
// people to read on standard error, because something failed, is written here.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, ours daemon.Extensions) int {
	app := newApp(stdout, stderr, ours)
	err := app.RunContext(ctx, arrange(args, app.Flags, app.Commands))
	var usage *cmdline.UsageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, cmdline.ErrTold):
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "astrond: %s\n\n%s", usage.Problem, usage.Help)
	default:
		fmt.Fprintf(stderr, "astrond: %v\n", err)
	}
	return 1
}

func newApp(stdout, stderr io.Writer, ours daemon.Extensions) *cli.App {
	app := &cli.App{
		Name:                  "astrond",
		HelpName:              "astrond",
		Usage:                 "the Astron server suite on a NATS backbone",
		Writer:                stdout,
		ErrWriter:             stderr,
		CustomAppHelpTemplate: helpText,
		HideHelpCommand:       true, // a configuration file may be called help
		HideVersion:           true, // we print more than a line
		Flags:                 globalFlags(),
		Commands:              []*cli.Command{checkCommand(ours), channelCommand(), traffic.Tap(), top.Command(), traffic.Object(), operate.Client(), operate.Eject(), operate.Send(), dcfile.Command(), db.Command(), initCommand(), drainCommand(), logCommand(), healthCommand(), versionCommand(), bots.Command(), bench.Command(runFile)},
		Before:                checkLogFlags,
		Action:                func(c *cli.Context) error { return runAction(c, ours) },
		OnUsageError: func(_ *cli.Context, err error, _ bool) error {
			return &cmdline.UsageError{Problem: err.Error(), Help: helpText}
		},
		ExitErrHandler: func(*cli.Context, error) {}, // run does it
	}
	tellMisuse(app.Commands)
	return app
}

// tellMisuse makes commands, and those under them, tell how they are used.
func tellMisuse(commands []*cli.Command) {
	for _, c := range commands {
		c.HideHelpCommand = true
		c.OnUsageError = func(c *cli.Context, err error, _ bool) error { return cmdline.Misused(c, "%v", err) }
		tellMisuse(c.Subcommands)
	}
}

// The options of the reference, and --log-format, which is ours.
func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "version", Aliases: []string{"v"}},
		&cli.StringFlag{Name: "log", Aliases: []string{"L"}},
		&cli.StringFlag{Name: "loglevel", Aliases: []string{"l"}, Value: "info"},
		&cli.BoolFlag{Name: "pretty", Aliases: []string{"p"}},
		&cli.BoolFlag{Name: "boring", Aliases: []string{"b"}},
		&cli.StringFlag{Name: "log-format", Value: "text"},
	}
}

func checkLogFlags(c *cli.Context) error {
	if _, ok := logging.LevelNamed(c.String("loglevel")); !ok {
		return &cmdline.UsageError{Problem: fmt.Sprintf("unknown log level %q; there are %s", c.String("loglevel"), logging.LevelNames()), Help: helpText}
	}
	if f := c.String("log-format"); f != "text" && f != "json" {
		return &cmdline.UsageError{Problem: fmt.Sprintf("unknown log format %q; there are text and json", f), Help: helpText}
	}
	return nil
}

// runAction is astrond without a subcommand.
func runAction(c *cli.Context, ours daemon.Extensions) error {
	if c.Bool("version") {
		return printVersion(c.App.Writer)
	}
	files := c.Args().Slice()
	if len(files) > 0 && !strings.ContainsAny(files[0], "./\\") {
		meant := cmdline.DidYouMean(files[0], c.App.Commands)
		if _, err := os.Stat(files[0]); err != nil && meant != "" {
			return &cmdline.UsageError{Problem: fmt.Sprintf("there is no command and no file %q%s", files[0], meant), Help: "The commands: astrond --help\n"}
		}
	}
	if len(files) > 1 {
		return &cmdline.UsageError{
			Problem: fmt.Sprintf("give one configuration file, not %s", cmdline.Quoted(files)),
			Help:    helpText,
		}
	}
	file := config.DefaultFile
	if len(files) == 1 {
		file = files[0]
	} else if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		fmt.Fprint(c.App.ErrWriter, noConfigurationText)
		return cmdline.ErrTold
	}
	return runFile(c, file, ours)
}

// arrange puts options before other arguments, as the library wants them; the
// reference takes them in any order. args[0] is the program.
func arrange(args []string, flags []cli.Flag, commands []*cli.Command) []string {
	if len(args) == 0 {
		return args
	}
	i, help, others := 1, false, []string(nil)
	arranged := args[:1:1]
	for ; i < len(args) && args[i] != "--"; i++ {
		switch {
		case !strings.HasPrefix(args[i], "-") || args[i] == "-":
			command := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(args[i]) })
			if command >= 0 && len(others) == 0 {
				return append(arranged, arrange(args[i:], commands[command].Flags, commands[command].Subcommands)...)
			}
			others = append(others, args[i])
		case takesValue(flags, args[i]) && i+1 < len(args):
			arranged = append(arranged, args[i], args[i+1])
			i++
		default:
			help = help || args[i] == "-h" || args[i] == "--help"
			arranged = append(arranged, args[i])
		}
	}
	if i < len(args) {
		others = append(others, args[i+1:]...)
	}
	if len(others) > 0 && !help { // --help does nothing else
		arranged = append(append(arranged, "--"), others...)
	}
	return arranged
}

// takesValue says whether the argument behind arg belongs to it.
func takesValue(flags []cli.Flag, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	for _, f := range flags {
		if d, ok := f.(cli.DocGenerationFlag); ok && slices.Contains(f.Names(), name) {
			return d.TakesValue()
		}
	}
	return false
}
