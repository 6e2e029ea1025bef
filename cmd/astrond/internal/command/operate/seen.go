package operate

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/logging"
	"natstron/roles/inspect"
)

// objectSeen is who sees an object, as --json prints it.
type objectSeen struct {
	DoID    wire.DoID        `json:"do_id"`
	Held    []inspect.Held   `json:"held"`
	Viewers []inspect.Viewer `json:"viewers"`
	Total   int              `json:"total"` // viewers, of which the first are listed
	Hearers []inspect.Hearer `json:"hearers"`
}

// SeenBy tells who sees an object, or why one client does or does not.
func SeenBy(ctx context.Context, c *cli.Context, at cmdline.Cluster, id wire.DoID) error {
	in, err := inspectorOf(at, "astrond object")
	if err != nil {
		return err
	}
	defer in.Close()
	if text := c.String("client"); text != "" {
		channel, err := wire.ParseChannel(text)
		if err != nil {
			return cmdline.Misused(c, "--client: %v", err)
		}
		return showVerdict(ctx, c, in, channel, id)
	}
	found, err := in.askCluster(ctx, inspect.Question{What: inspect.Object, Object: id})
	if err != nil {
		return err
	}
	q := inspect.Question{What: inspect.Viewers, Object: id}
	for _, held := range found.Object {
		if held.Active {
			q.Parent, q.Zone, q.AI, q.Owner = held.Parent, &held.Zone, held.AI, held.Owner
		}
	}
	r, err := in.askCluster(ctx, q)
	if err != nil {
		return err
	}
	seen := objectSeen{DoID: id, Held: found.Object, Viewers: []inspect.Viewer{}, Hearers: r.Hearers}
	if r.Viewers != nil {
		seen.Viewers, seen.Total = r.Viewers.Rows, r.Viewers.Total
	}
	if c.Bool("json") {
		return cmdline.PrintJSON(c.App.Writer, seen)
	}
	tellBusy(c.App.ErrWriter, r)
	return seen.print(c.App.Writer)
}

func (s objectSeen) print(out io.Writer) error {
	var b strings.Builder
	for _, held := range s.Held {
		if held.Active {
			at := "nowhere"
			if held.Parent != 0 {
				at = "at " + wire.Location{Parent: held.Parent, Zone: held.Zone}.String()
			}
			fmt.Fprintf(&b, "%s %d of %s, %s, %s\n", logging.Clean(held.Class), s.DoID, logging.Clean(held.Process), logging.Clean(held.Role), at)
		} else {
			fmt.Fprintf(&b, "object %d is not active; %s of %s is responsible for it\n", s.DoID, logging.Clean(held.Role), logging.Clean(held.Process))
		}
	}
	if len(s.Held) == 0 {
		fmt.Fprintf(&b, "no state server and no database-state server has object %d\n", s.DoID)
	}
	cmdline.List(&b, "CLIENT\tHOW\tINTERESTS THERE\tPROCESS", s.Viewers, len(s.Viewers), func(v inspect.Viewer) string {
		how := v.Relation.String()
		if v.Opening != nil {
			how += "; " + openingText(v.Opening)
		}
		there := numbers(v.Interests)
		switch {
		case v.Rule && len(v.Interests) == 0:
			there = "rule"
		case v.Rule:
			there += ", rule"
		}
		return fmt.Sprintf("%d\t%s\t%s\t%s", v.Channel, how, there, logging.Clean(v.Process))
	})
	switch listed := len(s.Viewers); {
	case listed == 0:
		b.WriteString("\nNo client knows it, or has an interest in its location.\n")
	case s.Total > listed:
		fmt.Fprintf(&b, "%d more clients are not listed\n", s.Total-listed)
	}
	cmdline.List(&b, "OTHERS\tADDRESS\tHEAR\tPROCESS", s.Hearers, len(s.Hearers), func(h inspect.Hearer) string {
		return fmt.Sprintf("%s\t%s\tits %s\t%s", logging.Clean(h.Name), logging.Clean(h.Address), strings.Join(h.Hears, ", "), logging.Clean(h.Process))
	})
	_, err := io.WriteString(out, b.String())
	return err
}
