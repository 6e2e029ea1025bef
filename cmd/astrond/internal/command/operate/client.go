// Package operate is the commands that look at the clients and objects of a running cluster,
// and act on them.
package operate

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/logging"
	"natstron/roles/inspect"
)

// Client shows a client of the cluster, and why it sees an object, or does not.
func Client() *cli.Command {
	return &cli.Command{
		Name:      "client",
		Usage:     "ask the running cluster for a client: state, interests, objects, rates",
		ArgsUsage: "[CHANNEL]",
		Description: "CHANNEL is the client's own, the one that the cluster gave it, or one that was opened\n" +
			"for it. Without a CHANNEL, the clients are listed.",
		Flags: append(cmdline.BackboneFlags(),
			&cli.StringFlag{Name: "find", Usage: "list the clients that have this `TEXT` in their channel, account, avatar, address or state"},
			&cli.Uint64Flag{Name: "from", Usage: "list the clients from this `CHANNEL` on"},
			&cli.Uint64Flag{Name: "sees", Usage: "tell why the client sees the object `DOID`, or does not"},
			&cli.DurationFlag{Name: "for", Value: time.Second, Usage: "count this `TIME` long what comes and goes"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		),
		Action: clientAction,
	}
}

func clientAction(c *cli.Context) error {
	var channel wire.Channel
	switch c.NArg() {
	case 0:
		if c.IsSet("sees") {
			return cmdline.Misused(c, "name the client that --sees is about")
		}
	case 1:
		var err error
		if channel, err = wire.ParseChannel(c.Args().First()); err != nil {
			return cmdline.Misused(c, "%v", err)
		}
	default:
		return cmdline.Misused(c, "name one client by its channel")
	}
	at, err := cmdline.ClusterOf(c)
	if err != nil {
		return err
	}
	in, err := inspectorOf(at, "astrond client")
	if err != nil {
		return err
	}
	defer in.Close()
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	switch {
	case channel == 0:
		return listClients(ctx, c, in)
	case c.IsSet("sees"):
		return showVerdict(ctx, c, in, channel, wire.DoID(c.Uint64("sees")))
	}
	return showClient(ctx, c, in, channel)
}

func listClients(ctx context.Context, c *cli.Context, in inspector) error {
	r, err := in.askCluster(ctx, inspect.Question{What: inspect.Clients, Find: c.String("find"), From: c.Uint64("from")})
	if err != nil {
		return err
	}
	if r.Clients == nil {
		r.Clients = &inspect.Page[inspect.Row]{Rows: []inspect.Row{}}
	}
	if c.Bool("json") {
		return cmdline.PrintJSON(c.App.Writer, r.Clients)
	}
	var b strings.Builder
	cmdline.List(&b, "CHANNEL\tSTATE\tACCOUNT\tOWNS\tSEES\tWAITING\tCONNECTED\tADDRESS\tPROCESS", r.Clients.Rows, len(r.Clients.Rows), func(row inspect.Row) string {
		return fmt.Sprintf("%d\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s", row.Channel, row.State, orDash(row.Account), numbers(row.Owns), row.Sees,
			cmdline.Size(float64(row.Queued)), cmdline.Span(r.Time.Sub(row.Since)), logging.Clean(row.Address), logging.Clean(row.Process))
	})
	switch n := len(r.Clients.Rows); {
	case n == 0:
		b.WriteString("There are no such clients.\n")
	case r.Clients.More:
		fmt.Fprintf(&b, "%d of %d; more: --from %d\n", n, r.Clients.Total, r.Clients.Rows[n-1].Channel+1)
	}
	tellBusy(c.App.ErrWriter, r)
	_, err = io.WriteString(c.App.Writer, strings.TrimPrefix(b.String(), "\n"))
	return err
}

// tellBusy says whose answers are missing.
func tellBusy(w io.Writer, r *inspect.Result) {
	for _, p := range r.Busy {
		fmt.Fprintf(w, "%s was too busy to answer: ask again\n", logging.Clean(p.Title()))
	}
}

// clientShown is a client as --json prints it.
type clientShown struct {
	inspect.Session
	// InRate and OutRate are datagrams a second.
	InRate  float64 `json:"in_per_second"`
	OutRate float64 `json:"out_per_second"`
}

func showClient(ctx context.Context, c *cli.Context, in inspector, channel wire.Channel) error {
	q := inspect.Question{What: inspect.Client, Client: channel}
	before, err := in.askCluster(ctx, q)
	if err != nil {
		return err
	}
	if len(before.Client) == 0 {
		tellBusy(c.App.ErrWriter, before)
		return fmt.Errorf("no client agent has a client with the channel %d; astrond client lists them", channel)
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(c.Duration("for")):
	}
	r, err := in.askCluster(ctx, q)
	if err != nil {
		return err
	}
	all := []clientShown{}
	for _, s := range r.Client {
		shown := clientShown{Session: s}
		for _, b := range before.Client {
			if seconds := s.Time.Sub(b.Time).Seconds(); b.Agent == s.Agent && b.Process == s.Process && b.Since.Equal(s.Since) && seconds > 0 {
				shown.InRate = float64(s.In.Datagrams-b.In.Datagrams) / seconds
				shown.OutRate = float64(s.Out.Datagrams-b.Out.Datagrams) / seconds
			}
		}
		all = append(all, shown)
	}
	if c.Bool("json") {
		return cmdline.PrintJSON(c.App.Writer, all)
	}
	for _, s := range all {
		if err := s.print(c.App.Writer); err != nil {
			return err
		}
	}
	return nil
}

// print writes it for people.
func (s clientShown) print(out io.Writer) error {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "client %d of %s, %s: %s\n", s.Channel, logging.Clean(s.Process), logging.Clean(s.Agent), s.State)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %s\t%s\n", name, logging.Clean(fmt.Sprintf(format, args...)))
	}
	line("address", "%s to %s, for %s", s.Address, s.Local, cmdline.Span(s.Time.Sub(s.Since)))
	if s.Sender != s.Channel {
		line("sends as", "%d", s.Sender)
	}
	if s.Account != 0 {
		line("account", "%d, avatar %d", s.Account, uint32(s.Sender))
	}
	if len(s.Opened) > 0 {
		line("opened for it", "%s", numbers(s.Opened))
	}
	line("owns", "%s", numbers(s.Owns))
	line("from it", "%s/s, %d datagrams, %s", cmdline.Count(s.InRate), s.In.Datagrams, cmdline.Size(float64(s.In.Bytes)))
	line("to it", "%s/s, %d datagrams, %s", cmdline.Count(s.OutRate), s.Out.Datagrams, cmdline.Size(float64(s.Out.Bytes)))
	line("waiting for it", "%s", cmdline.Size(float64(s.Queued)))
	if s.Lost != nil {
		line("connection", "lost %s ago; the session waits for its client", cmdline.Span(s.Time.Sub(*s.Lost)))
	}
	if s.Kept > 0 {
		line("kept", "%s, in case that it has to come back", cmdline.Size(float64(s.Kept)))
	}
	_ = w.Flush() // a strings.Builder takes everything
	cmdline.List(&b, "INTEREST\tPARENT\tZONES\tSTATE", s.Open, len(s.Open), func(i inspect.Interest) string {
		id := strconv.Itoa(int(i.ID))
		if i.Rule {
			id = "rule"
		}
		return fmt.Sprintf("%s\t%d\t%s\t%s", id, i.Parent, numbers(i.Zones)+more(i.Unlisted), openingText(i.Opening))
	})
	if len(s.Open) == 0 {
		b.WriteString("\nIt has no interests, so it sees nothing but what it owns.\n")
	}
	cmdline.List(&b, "OBJECT\tCLASS\tLOCATION\tHOW", s.Known, len(s.Known), func(k inspect.Known) string {
		return fmt.Sprintf("%d\t%s\t%d:%d\t%s", k.DoID, logging.Clean(k.Class), k.Parent, k.Zone, k.Relation)
	})
	if s.Unlisted > 0 {
		fmt.Fprintf(&b, "%d more objects are not listed\n", s.Unlisted)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func openingText(o *inspect.Opening) string {
	if o == nil {
		return "open"
	}
	text := fmt.Sprintf("opening for %v: ", o.For.Round(time.Millisecond))
	if o.Counted {
		return text + fmt.Sprintf("%d of %d objects have answered", o.Answered, o.Total)
	}
	return text + "the parent has not answered"
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// numbers is a list of numbers, or a dash.
func numbers[T ~uint16 | ~uint32 | ~uint64](all []T) string {
	var texts []string
	for _, n := range all {
		texts = append(texts, strconv.FormatUint(uint64(n), 10))
	}
	if len(texts) == 0 {
		return "-"
	}
	return strings.Join(texts, ", ")
}

func orDash(n uint32) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatUint(uint64(n), 10)
}

// showVerdict tells why a client sees an object, or does not. The exit code tells which.
func showVerdict(ctx context.Context, c *cli.Context, in inspector, client wire.Channel, object wire.DoID) error {
	v, err := inspect.Why(ctx, in.ask, client, object)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		err = cmdline.PrintJSON(c.App.Writer, v)
	} else {
		does := "does not see"
		if v.Sees {
			does = "sees"
		}
		_, err = fmt.Fprintf(c.App.Writer, "Client %d %s object %d.\n%s\n", client, does, object, logging.Clean(strings.Join(v.Because, " ")))
	}
	if err == nil && !v.Sees {
		return cmdline.ErrTold
	}
	return err
}
