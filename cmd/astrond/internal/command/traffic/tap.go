// Package traffic is astrond tap and astrond object: what is sent in a running cluster.
package traffic

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"natstron/bridge/watch"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/logging"
	"natstron/internal/secret"
)

// Tap watches live traffic.
func Tap() *cli.Command {
	return &cli.Command{
		Name:      "tap",
		Usage:     "watch live traffic: all of it, or what goes to some channels",
		ArgsUsage: "[NUMBER|0xHEX|PARENT:ZONE|SUBJECT|LOW-HIGH ...]",
		Description: "Each datagram is shown once: time, sender, recipients, message type, size, and\n" +
			"what it says. With the game's DC files, classes, fields and values have their names.",
		Flags: slices.Concat(cmdline.BackboneFlags(), filterFlags(), []cli.Flag{
			cmdline.DCFlag(),
			&cli.StringFlag{Name: "dialect", Value: "astron", Usage: "show datagrams as participants of this `DIALECT` see them: astron or otp; --type takes Astron's names"},
			&cli.BoolFlag{Name: "count", Usage: "count datagrams by kind instead of showing them"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON: an object a line, or with --count a list at the end"},
			&cli.Uint64Flag{Name: "limit", Aliases: []string{"n"}, Usage: "end after `N` datagrams"},
			&cli.DurationFlag{Name: "for", Usage: "end after this `TIME`, such as 10s"},
		}),
		Action: tapAction,
	}
}

func tapAction(c *cli.Context) error {
	at, err := cmdline.ClusterOf(c)
	if err != nil {
		return err
	}
	if d := c.String("dialect"); d != "astron" && d != "otp" {
		return cmdline.Misused(c, "%q is no dialect: astron or otp", d)
	}
	o, err := tapOptions(c, at)
	if err != nil {
		return err
	}
	filter, err := filterOf(c, at.File)
	if err != nil {
		return err
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	if limit := c.Duration("for"); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	observer, err := watch.Observe(ctx, o)
	if err != nil {
		return cmdline.NoBackbone(err, "subscribe to "+o.Subjects.All())
	}
	defer observer.Close()
	fmt.Fprintf(c.App.ErrWriter, "watching %s; Ctrl-C ends it\n", secret.MaskURLs(o.Server.URLs))

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := tap{decoder: newDecoder(at.File), json: c.Bool("json"), out: c.App.Writer, notes: c.App.ErrWriter}
	if c.String("dialect") == "otp" {
		t.decoder.asOTP()
	}
	if c.Bool("count") {
		t.summary = newTapSummary(at.File, time.Now())
	}
	shown, limit := uint64(0), c.Uint64("limit")
	err = observer.Run(ctx, func(seen watch.Observed) {
		if !filter.wants(seen.Datagram, t.decoder.values) {
			t.missed(seen)
			return
		}
		shown++
		if t.show(seen) != nil || shown == limit { // nobody reads any more, or wants more
			cancel()
		}
	})
	if t.summary != nil {
		err = errors.Join(err, t.sum(time.Now()))
	}
	s := observer.Stats()
	fmt.Fprintf(c.App.ErrWriter, "%d datagrams seen", s.Datagrams)
	if shown != s.Datagrams {
		fmt.Fprintf(c.App.ErrWriter, ", %d of them matched", shown)
	}
	if s.Missed > 0 {
		fmt.Fprintf(c.App.ErrWriter, ", at least %d missed: watch fewer channels, or write to a file", s.Missed)
	}
	if s.Malformed > 0 {
		fmt.Fprintf(c.App.ErrWriter, ", %d malformed", s.Malformed)
	}
	fmt.Fprintln(c.App.ErrWriter)
	return err
}

func tapOptions(c *cli.Context, at cmdline.Cluster) (watch.Options, error) {
	o := watch.Options{Name: "astrond tap", Server: at.Server, Subjects: at.Subjects}
	for _, arg := range c.Args().Slice() {
		r, err := cmdline.ParseRange(o.Subjects, arg)
		if err != nil {
			return o, cmdline.Misused(c, "%v", err)
		}
		o.Only = append(o.Only, r)
	}
	return o, nil
}

// tap prints what is seen.
type tap struct {
	decoder decoder
	summary *tapSummary // nil: datagrams are printed one by one
	json    bool
	out     io.Writer
	notes   io.Writer
}

// tapped is a datagram for machines. Channels are strings, since many tools
// keep only 53 bits of a number.
type tapped struct {
	Time        string      `json:"time"`
	Sender      string      `json:"sender,omitempty"`
	Recipients  []string    `json:"recipients"`
	Type        uint16      `json:"type,omitempty"`
	Name        string      `json:"name,omitempty"`
	Size        int         `json:"size"`
	Arguments   []tappedArg `json:"arguments,omitempty"`
	Payload     string      `json:"payload"`
	Fault       string      `json:"fault,omitempty"`
	Origin      string      `json:"origin,omitempty"`
	Seq         uint64      `json:"seq,omitempty"`
	Participant uint64      `json:"participant,omitempty"`
}

type tappedArg struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// missed tells of what was missed before a datagram.
func (t *tap) missed(seen watch.Observed) {
	if seen.Missed > 0 {
		fmt.Fprintf(t.notes, "… missed %d: more is sent than can be shown\n", seen.Missed)
	}
}

// sum prints the summary.
func (t *tap) sum(now time.Time) error {
	if t.json {
		return cmdline.PrintJSON(t.out, t.summary.rows())
	}
	return t.summary.print(t.out, now)
}

func (t *tap) show(seen watch.Observed) error {
	t.missed(seen)
	if t.summary != nil {
		t.summary.add(seen.Datagram)
		return nil
	}
	d := t.decoder.datagram(seen.Datagram)
	d.Time = seen.Time.UTC().Format("2006-01-02T15:04:05.000000Z")
	d.Origin, d.Seq, d.Participant = seen.Origin, seen.Seq, seen.Participant
	if t.json {
		return json.NewEncoder(t.out).Encode(d)
	}
	_, err := fmt.Fprintln(t.out, seen.Time.Format("15:04:05.000000"), d.line())
	return err
}

// line is a datagram for people.
func (d tapped) line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s → %s  ", cmp.Or(d.Sender, "nobody"), cmp.Or(strings.Join(d.Recipients, ","), "nobody"))
	fmt.Fprintf(&b, "%s  %d B", cmp.Or(d.Name, "no message"), d.Size)
	for _, a := range d.Arguments {
		fmt.Fprintf(&b, "  %s=%s", a.Name, shorten(string(a.Value)))
	}
	if len(d.Arguments) == 0 && d.Payload != "" {
		fmt.Fprintf(&b, "  %s", shorten(d.Payload))
	}
	if d.Fault != "" {
		fmt.Fprintf(&b, "  (%s)", d.Fault)
	}
	// Players write some of this: it must not move anybody's cursor.
	return logging.Clean(b.String())
}

// shorten cuts what nobody reads on a terminal.
func shorten(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d more; --json shows all)", s[:cut], len(s)-cut)
}
