// Package bots runs many game clients in one process, and checks what they see.
//
// A [Script] says what a bot does: how it logs in, and what it does again and again. All else comes
// from the DC file. Every bot has a goroutine that reads, and timers for what it does.
//
// # What is checked
//
// The bots of a process share a [ledger]: when one of them sends an update of an object that it owns,
// it notes the value, and all others that see the object hold what comes against it. So each update
// that comes has a number and a time, whatever the game's fields are; random values are drawn so that
// they do not recur. A field of which the values recur cannot be checked. Updates by others, such as
// an AI, can be checked if they carry a number ([Sequence]).
//
// An update that was sent after the object had entered must come, once, and in its order. One that
// was sent before may come, or be in the value at the entrance. In the end, when nothing has been
// sent for a while, each bot must see the last update of each field, all objects in its zones, and no
// others.
//
// # Files
//
//	command.go   the command; report.go, compare.go, progress.go, usage.go: what it shows
//	script.go    what a script says; fleet.go: all bots of a run
//	bot.go       a bot: how it lives, what it receives; play.go: what it does
//	ledger.go    what was sent; sight.go: what a bot sees, and what is wrong with it
package bots

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	client "natstron/clients/go"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/internal/configfile"
)

// Command runs bots.
func Command() *cli.Command {
	return &cli.Command{
		Name:      "bots",
		Usage:     "run many game clients, and check what they see",
		ArgsUsage: "CLIENT-AGENT-ADDRESS ...",
		Description: "For example: astrond bots --dc game.dc --clients 500 --script bots.yml 127.0.0.1:7198\n" +
			"An address is host:port, tls://host:port, ws://host:port/ or wss://host:port/; bots take\n" +
			"several in turns. The script says how a bot logs in and what it does: see docs/bots.md.\n" +
			"The exit code is 1 if a bot could not log in or was disconnected, or if the bots saw\n" +
			"anything lost, doubled, out of order or in the wrong place.",
		Flags: []cli.Flag{
			cmdline.DCFlag(),
			cmdline.WithoutFlag(),
			&cli.IntFlag{Name: "clients", Value: 10, Usage: "how `MANY` bots"},
			&cli.StringFlag{Name: "script", Usage: "what they do: a `FILE` in YAML (default: they say hello and watch)"},
			&cli.IntFlag{Name: "ramp", Usage: "how many connect in a `SECOND`, instead of what the script says"},
			&cli.DurationFlag{Name: "duration", Usage: "how long they go on when the last one has logged in, instead of what the script says: a `TIME` such as 90s"},
			&cli.StringFlag{Name: "version", Usage: "the `VERSION` that they say in their hello, instead of what the script says"},
			&cli.BoolFlag{Name: "insecure", Usage: "accept any certificate"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report in JSON to this `FILE`, too"},
			&cli.BoolFlag{Name: "compare", Usage: "run nothing, and compare two reports: astrond bots --compare A.json B.json"},
		},
		Action: action,
	}
}

// maxClients bounds --clients: more do not fit into a process.
const maxClients = 1_000_000

func action(c *cli.Context) error {
	if c.Bool("compare") {
		if c.NArg() != 2 {
			return cmdline.Misused(c, "name two reports, as --output writes them")
		}
		return Compare(c.App.Writer, c.Args().Get(0), c.Args().Get(1))
	}
	o, err := optionsOf(c)
	if err != nil {
		return err
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	show, end := Live(c.App.ErrWriter)
	o.Progress = show
	r := Run(ctx, o)
	end()
	if err := Write(c, r, r.Print); err != nil {
		return err
	}
	return r.Err()
}

func optionsOf(c *cli.Context) (o Options, err error) {
	if c.NArg() == 0 {
		return o, cmdline.Misused(c, "name the address of a client agent")
	}
	o.Addresses, o.Clients = c.Args().Slice(), c.Int("clients")
	for _, a := range o.Addresses {
		if err := client.CheckAddress(a); err != nil {
			return o, cmdline.Misused(c, "%v", err)
		}
	}
	if o.Clients < 1 || o.Clients > maxClients {
		return o, cmdline.Misused(c, "--clients takes a number from 1 to %d", maxClients)
	}
	if c.IsSet("ramp") && c.Int("ramp") < 1 || c.IsSet("duration") && c.Duration("duration") < 0 {
		return o, cmdline.Misused(c, "--ramp takes a number from 1, and --duration a time from 0s")
	}
	if c.Bool("insecure") {
		o.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	files := cmdline.GivenDCFiles(c, c.StringSlice("dc"))
	if len(files.Names) == 0 {
		return o, cmdline.Misused(c, "give the game's DC files with --dc: the hash of the hello and all values come from them")
	}
	if o.File, err = files.Parse(c); err != nil {
		return o, err
	}
	if name := c.String("script"); name != "" {
		o.Script, err = LoadScript(name, o.File)
	} else {
		o.Script, err = ParseScript("", []byte("{}"), o.File)
	}
	var faults *configfile.Error
	if errors.As(err, &faults) {
		cmdline.PrintFaults(c.App.ErrWriter, c.String("script"), faults)
		return o, cmdline.ErrTold
	}
	if err != nil {
		return o, fmt.Errorf("read the script: %w", err)
	}
	if c.IsSet("ramp") {
		o.Script.Ramp = c.Int("ramp")
	}
	if c.IsSet("duration") {
		o.Script.Duration = c.Duration("duration")
	}
	if c.IsSet("version") {
		o.Script.Version = c.String("version")
	}
	return o, nil
}

// Write prints a report, in JSON with --json, and writes it to the file of --output in any case.
func Write(c *cli.Context, report any, show func(io.Writer)) error {
	if name := c.String("output"); name != "" {
		text, err := json.MarshalIndent(report, "", "  ")
		if err == nil {
			err = os.WriteFile(name, append(text, '\n'), 0o644)
		}
		if err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if c.Bool("json") {
		return cmdline.PrintJSON(c.App.Writer, report)
	}
	show(c.App.Writer)
	return nil
}
