package operate

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/logging"
	"natstron/roles/inspect"
)

// Eject disconnects a client.
func Eject() *cli.Command {
	return &cli.Command{
		Name:      "eject",
		Usage:     "disconnect a client, and tell it why",
		ArgsUsage: "CHANNEL",
		Description: "CHANNEL is the client's own, or the one that the cluster gave it: astrond client lists\n" +
			"the clients. The command waits until the client has gone.",
		Flags: append(cmdline.BackboneFlags(),
			&cli.UintFlag{Name: "code", Value: uint(wire.EjectByAdmin), Usage: "the `NUMBER` that the client is told"},
			&cli.StringFlag{Name: "reason", Value: "An operator has disconnected you.", Usage: "the `TEXT` that the client is told"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		),
		Action: ejectAction,
	}
}

// ejectTime is how long a client has to be gone, and ejectLook how often the command looks.
const (
	ejectTime = 5 * time.Second
	ejectLook = 100 * time.Millisecond
)

func ejectAction(c *cli.Context) error {
	if c.NArg() != 1 {
		return cmdline.Misused(c, "name one client by its channel")
	}
	channel, err := wire.ParseChannel(c.Args().First())
	if err != nil {
		return cmdline.Misused(c, "%v", err)
	}
	if c.Uint("code") > 0xffff {
		return cmdline.Misused(c, "--code is at most %d", 0xffff)
	}
	at, err := cmdline.ClusterOf(c)
	if err != nil {
		return err
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	in, err := inspectorOf(at, "astrond eject")
	if err != nil {
		return err
	}
	defer in.Close()
	found, err := in.askCluster(ctx, inspect.Question{What: inspect.Client, Client: channel})
	if err != nil {
		return err
	}
	switch len(found.Client) {
	case 0:
		return fmt.Errorf("no client agent has a client with the channel %d; astrond client lists them", channel)
	case 1:
	default:
		return fmt.Errorf("%d clients have the channel %d: name one by the channel of its agent's range; astrond client lists them", len(found.Client), channel)
	}
	client := found.Client[0]
	if err := in.publish(ctx, new(wire.Writer).Header(ownChannel(), wire.ClientAgentEject, client.Channel).Uint16(uint16(c.Uint("code"))).Text(c.String("reason"))); err != nil {
		return fmt.Errorf("eject client %d: %w", client.Channel, err)
	}
	if err := in.untilGone(ctx, client); err != nil {
		return err
	}
	if c.Bool("json") {
		return cmdline.PrintJSON(c.App.Writer, client.Row)
	}
	_, err = fmt.Fprintf(c.App.Writer, "ejected client %d of %s, %s\n", client.Channel, logging.Clean(client.Process), client.Address)
	return err
}

// untilGone waits until there is no such client any more.
func (i inspector) untilGone(ctx context.Context, client inspect.Session) error {
	ctx, cancel := context.WithTimeout(ctx, ejectTime)
	defer cancel()
	tick := time.NewTicker(ejectLook)
	defer tick.Stop()
	for {
		r, err := i.askCluster(ctx, inspect.Question{What: inspect.Client, Client: client.Channel})
		if err == nil && (len(r.Client) == 0 || !r.Client[0].Since.Equal(client.Since)) && len(r.Busy) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("client %d is still there: check that this NATS user may publish, and look at the log of %s", client.Channel, client.Process)
		case <-tick.C:
		}
	}
}
