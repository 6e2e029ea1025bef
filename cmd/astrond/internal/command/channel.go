package command

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
)

// channelCommand turns channels into NATS subjects, and back.
func channelCommand() *cli.Command {
	return &cli.Command{
		Name:      "channel",
		Usage:     "channels to NATS subjects and back; the subjects that cover a range",
		ArgsUsage: "NUMBER|0xHEX|PARENT:ZONE|SUBJECT|LOW-HIGH ...",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "prefix", Value: bridge.DefaultPrefix, Usage: "the cluster's `PREFIX` (backbone.prefix)"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		},
		Action: channelAction,
	}
}

// shownChannel is a channel, or a range, in every form. Numbers are strings for
// machines too, since many tools keep only 53 bits of a number.
type shownChannel struct {
	Channel  wire.Channel `json:"channel,string"`
	High     wire.Channel `json:"high,string,omitempty"` // of a range
	Hex      string       `json:"hex"`
	Location string       `json:"location,omitempty"` // PARENT:ZONE, from 1<<32 on
	Means    string       `json:"means"`
	Subject  []string     `json:"subjects"`
}

func channelAction(c *cli.Context) error {
	if c.NArg() == 0 {
		return cmdline.Misused(c, "name a channel")
	}
	if err := bridge.CheckPrefix(c.String("prefix")); err != nil {
		return cmdline.Misused(c, "%v", err)
	}
	subjects := bridge.Subjects{Prefix: c.String("prefix")}
	var shown []shownChannel
	for _, arg := range c.Args().Slice() {
		r, err := cmdline.ParseRange(subjects, arg)
		if err != nil {
			return cmdline.Misused(c, "%v", err)
		}
		shown = append(shown, showChannel(subjects, r))
	}
	if c.Bool("json") {
		return cmdline.PrintJSON(c.App.Writer, shown)
	}
	for _, s := range shown {
		printChannel(c.App.Writer, s)
	}
	return nil
}

func showChannel(subjects bridge.Subjects, r wire.ChannelRange) shownChannel {
	s := shownChannel{Channel: r.Min, Hex: fmt.Sprintf("%#x", uint64(r.Min)), Subject: subjects.Cover(r.Min, r.Max)}
	if r.Max == r.Min {
		s.Means = meaning(r.Min)
		if at := r.Min.Location(); at.Parent > 0 {
			s.Location = at.String()
		}
		return s
	}
	s.High = r.Max
	s.Hex += fmt.Sprintf("-%#x", uint64(r.Max))
	s.Means = "a range; its subjects may cover more"
	return s
}

// meaning is what the protocol makes of a channel (document 00, section 5).
func meaning(c wire.Channel) string {
	at := c.Location()
	switch {
	case c == wire.InvalidChannel:
		return "invalid"
	case c == wire.ControlChannel:
		return "control messages of a message director, which are not routed"
	case c == wire.BroadcastClients:
		return "all clients"
	case c == wire.BroadcastStateServers:
		return "all state servers"
	case c == wire.BroadcastDBServers:
		return "all database servers"
	case c <= wire.LastReservedChannel:
		return "reserved"
	case at.Parent == 0:
		return "an object, a client, an AI or a role"
	case at.Parent == 1:
		return fmt.Sprintf("all children of object %d", at.Zone)
	case at.Parent == 2:
		return fmt.Sprintf("what the database announces of object %d", at.Zone)
	}
	return fmt.Sprintf("zone %d of object %d", at.Zone, at.Parent)
}

func printChannel(w io.Writer, s shownChannel) {
	channel := fmt.Sprint(s.Channel)
	if s.High != 0 {
		channel += fmt.Sprintf("-%d", s.High)
	}
	if s.Location != "" {
		channel += "  " + s.Location
	}
	fmt.Fprintf(w, "%s  %s  %s\n", channel, s.Hex, s.Means)
	for _, subject := range s.Subject {
		fmt.Fprintf(w, "    %s\n", subject)
	}
}
