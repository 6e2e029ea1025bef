// Package bench measures a made-up world: processes of this very program on this machine, with a NATS
// server, AIs that create objects and update them, and clients, which are those of package bots.
//
//	command.go    the commands
//	world.go      what a world has: configurations, the clients' script; world.dc
//	connections.go  AIs that are connections
//	roles.go      the world's own roles: the gate lets clients in, things are AIs
//	elsewhere.go  processes that somebody else has started
//	run.go        how it is run and measured; process.go, nats.go, profile.go
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/command/bots"
	"natstron/cmd/astrond/internal/daemon"
)

// Command measures. runDaemon runs a configuration as astrond itself does.
func Command(runDaemon func(c *cli.Context, file string, ours daemon.Extensions) error) *cli.Command {
	return &cli.Command{
		Name:  "bench",
		Usage: "measure a made-up world on this machine",
		Subcommands: []*cli.Command{
			worldCommand(),
			{
				Name:      "process",
				Usage:     "a process of astrond bench world, until its standard input ends",
				Hidden:    true,
				ArgsUsage: "FILE",
				Action: func(c *cli.Context) error {
					ctx, cancel := context.WithCancel(c.Context)
					defer cancel()
					go func() {
						_, _ = io.Copy(io.Discard, os.Stdin) // its end is what counts
						cancel()
					}()
					c.Context = ctx
					return runDaemon(c, c.Args().First(), daemon.Extensions{Roles: worldRoles()})
				},
			},
		},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return cmdline.Misused(c, "there is no command %q%s", name, cmdline.DidYouMean(name, c.Command.Subcommands))
			}
			return cmdline.Misused(c, "say what: astrond bench world")
		},
	}
}

func worldCommand() *cli.Command {
	return &cli.Command{
		Name:  "world",
		Usage: "run a world of several processes with clients in it, and print what it took",
		Description: "It starts astrond processes on free ports of this machine: a hub, which is their NATS\n" +
			"server, state servers, AIs, a login manager and client agents; then it runs clients as\n" +
			"astrond bots does. All of them share the machine's cores. The exit code is 1 if anything\n" +
			"was lost, doubled, out of order or in the wrong place, or a client could not stay.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "agents", Value: "1", Usage: "how `MANY` client agents; or the addresses, as host:port,…, of those that are already running"},
			&cli.IntFlag{Name: "stateservers", Value: 1, Usage: "how `MANY` state servers"},
			&cli.IntFlag{Name: "ais", Value: 1, Usage: "how `MANY` AI processes"},
			&cli.IntFlag{Name: "connections", Usage: "how `MANY` AIs, instead of these, that are connections to the message directors of the state servers"},
			&cli.BoolFlag{Name: "one", Usage: "all of them in one process"},
			&cli.IntFlag{Name: "hubs", Value: 1, Usage: "how `MANY` hubs: the others are leaf nodes of the first one, and processes take them in turns"},
			&cli.BoolFlag{Name: "leaves", Usage: "each process has a NATS server of its own, a leaf node of a hub"},
			&cli.StringSliceFlag{Name: "nats", Usage: "with addresses in --agents: the `URL` of a NATS server of their backbone"},
			&cli.StringFlag{Name: "md", Usage: "with addresses in --agents, instead: a message director of theirs, as `HOST:PORT`"},
			&cli.StringSliceFlag{Name: "monitor", Usage: "with addresses in --agents: count at a NATS server whose monitoring has this `URL`"},
			&cli.StringFlag{Name: "write", Usage: "run nothing, and write the configurations of processes elsewhere into a new `FOLDER`"},
			&cli.IntFlag{Name: "clients", Value: 100, Usage: "how `MANY` clients"},
			&cli.IntFlag{Name: "objects", Value: 1000, Usage: "how `MANY` objects the AIs have"},
			&cli.IntFlag{Name: "updates", Value: 1000, Usage: "how many updates of them the AIs send in a `SECOND`, all together"},
			&cli.IntFlag{Name: "zones", Value: 100, Usage: "how `MANY` zones, over which objects and clients are spread evenly"},
			&cli.IntFlag{Name: "width", Value: 10, Usage: "how `MANY` of them are in a row"},
			&cli.IntFlag{Name: "sight", Value: 1, Usage: "how `FAR` a client sees in the grid: 1 is 3 × 3 zones"},
			&cli.DurationFlag{Name: "walk", Value: 1e9, Usage: "the `TIME` between two updates of a client's avatar; 0s: none"},
			&cli.DurationFlag{Name: "move", Usage: "the `TIME` between two moves of it to a zone beside; 0s: none"},
			&cli.IntFlag{Name: "ramp", Value: 500, Usage: "how many clients connect in a `SECOND`"},
			&cli.DurationFlag{Name: "duration", Value: 30e9, Usage: "the `TIME` to measure, when the last one has logged in"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report in JSON to this `FILE`, too"},
			&cli.StringFlag{Name: "profiles", Usage: "record what the processes here do and wait for, as long as it is measured, into a new `FOLDER`, for go tool pprof"},
			&cli.BoolFlag{Name: "compare", Usage: "run nothing, and compare two reports: astrond bench world --compare A.json B.json"},
		},
		Action: worldAction,
	}
}

func worldAction(c *cli.Context) error {
	if c.Bool("compare") {
		if c.NArg() != 2 {
			return cmdline.Misused(c, "name two reports, as --output writes them")
		}
		return bots.Compare(c.App.Writer, c.Args().Get(0), c.Args().Get(1))
	}
	if c.NArg() > 0 {
		return cmdline.Misused(c, "it takes no arguments, not %s", cmdline.Quoted(c.Args().Slice()))
	}
	elsewhere := Elsewhere{NATS: c.StringSlice("nats"), MD: c.String("md"), Monitors: c.StringSlice("monitor")}
	agents, err := strconv.Atoi(c.String("agents"))
	if err != nil {
		elsewhere.At = strings.Split(c.String("agents"), ",")
		agents = len(elsewhere.At)
	}
	w := World{
		Hubs: c.Int("hubs"), Leaves: c.Bool("leaves"), Elsewhere: elsewhere,
		Agents: agents, StateServers: c.Int("stateservers"), AIs: c.Int("ais"), Connections: c.Int("connections"), One: c.Bool("one"),
		Clients: c.Int("clients"), Objects: c.Int("objects"), Updates: c.Int("updates"),
		Zones: c.Int("zones"), Width: c.Int("width"), Sight: c.Int("sight"),
		Walk: c.Duration("walk").Seconds(), Move: c.Duration("move").Seconds(), Ramp: c.Int("ramp"), Seconds: c.Duration("duration").Seconds(),
	}
	if err := w.check(); err != nil {
		return cmdline.Misused(c, "%v", err)
	}
	if folder := c.String("write"); folder != "" {
		return w.writeAll(folder)
	}
	p := &profiles{folder: c.String("profiles"), each: c.Duration("duration")}
	if p.folder != "" {
		if err := os.Mkdir(p.folder, 0o755); err != nil {
			return err
		}
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	show, end := bots.Live(c.App.ErrWriter)
	note := func(format string, args ...any) { fmt.Fprintf(c.App.ErrWriter, format+"\n", args...) }
	r, err := run(ctx, w, p, note, show)
	end()
	if r == nil {
		return err
	}
	if err := bots.Write(c, r, r.Print); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	return r.Bots.Err()
}
