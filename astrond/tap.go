package astrond

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"natstron/bridge"
	"natstron/dc"
	"natstron/internal/config"
)

// tapCommand watches live traffic.
func tapCommand() *cli.Command {
	return &cli.Command{
		Name:      "tap",
		Usage:     "watch live traffic: all of it, or what goes to some channels",
		ArgsUsage: "[NUMBER|0xHEX|PARENT:ZONE|SUBJECT|LOW-HIGH ...]",
		Description: "Each datagram is shown once: time, sender, recipients, message type, size, and\n" +
			"what it says. With the game's DC files, classes, fields and values have their names.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "nats", Usage: "the backbone's `URL` (default: the configuration's, else that of $NATS_URL, else nats://" + bridge.DefaultListen + ")"},
			&cli.StringFlag{Name: "config", Usage: "take the backbone and the DC files of this `FILE`, an astrond.yml"},
			&cli.StringFlag{Name: "creds", Usage: "a NATS credentials `FILE`"},
			&cli.StringFlag{Name: "prefix", Usage: "the cluster's `PREFIX` (backbone.prefix)"},
			&cli.StringSliceFlag{Name: "dc", Usage: "a DC `FILE`; repeat it for several, in their order"},
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object a line"},
			&cli.Uint64Flag{Name: "count", Usage: "end after `N` datagrams"},
			&cli.DurationFlag{Name: "for", Usage: "end after this `TIME`, such as 10s"},
		},
		Action: tapAction,
	}
}

func tapAction(c *cli.Context) error {
	o, file, err := tapOptions(c)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if limit := c.Duration("for"); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	observer, err := bridge.Observe(ctx, o)
	if err != nil {
		return fmt.Errorf("%w\nSee that astrond runs, and name its backbone with --nats: its log says where that is, in the line that says ready", err)
	}
	defer observer.Close()
	fmt.Fprintf(c.App.ErrWriter, "watching %s; Ctrl-C ends it\n", withoutPasswords(o.Server.URLs))

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := tap{decoder: newDecoder(file), json: c.Bool("json"), out: c.App.Writer, notes: c.App.ErrWriter}
	left := c.Uint64("count")
	err = observer.Run(ctx, func(seen bridge.Observed) {
		if t.show(seen) != nil { // nobody reads any more
			cancel()
		}
		if left > 0 {
			if left--; left == 0 {
				cancel()
			}
		}
	})
	s := observer.Stats()
	fmt.Fprintf(c.App.ErrWriter, "%d datagrams seen", s.Datagrams)
	if s.Missed > 0 {
		fmt.Fprintf(c.App.ErrWriter, ", at least %d missed: watch fewer channels, or write to a file", s.Missed)
	}
	if s.Malformed > 0 {
		fmt.Fprintf(c.App.ErrWriter, ", %d malformed", s.Malformed)
	}
	fmt.Fprintln(c.App.ErrWriter)
	return err
}

// tapOptions are where to look, at what, and the DC files to decode it with.
func tapOptions(c *cli.Context) (bridge.ObserverOptions, *dc.File, error) {
	o := bridge.ObserverOptions{Name: "astrond tap"}
	o.Server.URLs = []string{cmp.Or(os.Getenv("NATS_URL"), "nats://"+bridge.DefaultListen)}
	if name := c.String("config"); name != "" {
		cfg, err := config.Load(name)
		if err != nil {
			return o, nil, err
		}
		if err := fromConfiguration(&o, cfg, filepath.Dir(name), c.String("nats") == ""); err != nil {
			return o, nil, err
		}
	}
	if url := c.String("nats"); url != "" {
		o.Server.URLs = []string{url}
	}
	if creds := c.String("creds"); creds != "" {
		o.Server.Credentials = creds
	}
	if prefix := c.String("prefix"); prefix != "" {
		o.Subjects.Prefix = prefix
	}
	for _, arg := range c.Args().Slice() {
		r, err := parseRange(o.Subjects, arg)
		if err != nil {
			return o, nil, misused(c, "%v", err)
		}
		o.Only = append(o.Only, r)
	}
	names, err := dcFilesOf(c)
	if err != nil || len(names) == 0 {
		return o, nil, err
	}
	file, err := parseDC(c, names)
	return o, file, err
}

// fromConfiguration takes how to log in from a configuration and, if its URL is
// asked for, where a daemon with this configuration would be.
func fromConfiguration(o *bridge.ObserverOptions, cfg *config.Config, dir string, url bool) error {
	node, err := nodeOptions(cfg, dir)
	if err != nil {
		return err
	}
	o.Subjects = node.Subjects
	if node.External != nil {
		o.Server = *node.External
		return nil
	}
	o.Server.User, o.Server.Password, o.Server.Credentials = node.Embedded.User, node.Embedded.Password, node.Embedded.Credentials
	switch {
	case !url:
	case node.Embedded.Listen == "none":
		return errors.New("this configuration's backbone listens nowhere: name the hub, or another server of its cluster, with --nats")
	case cfg.Backbone.Embedded.Listen.Port == 0:
		return errors.New("this configuration's backbone listens on a port that the system chooses: name it with --nats; the daemon's log says it, in the line that says ready")
	case node.Embedded.Listen != "":
		o.Server.URLs = []string{"nats://" + node.Embedded.Listen}
	default:
		o.Server.URLs = []string{"nats://" + bridge.DefaultListen}
	}
	return nil
}

// tap prints what is seen.
type tap struct {
	decoder decoder
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

func (t *tap) show(seen bridge.Observed) error {
	if seen.Missed > 0 {
		fmt.Fprintf(t.notes, "… missed %d: more is sent than can be shown\n", seen.Missed)
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
	fmt.Fprintf(&b, "%s → %s  ", or(d.Sender, "nobody"), or(strings.Join(d.Recipients, ","), "nobody"))
	fmt.Fprintf(&b, "%s  %d B", or(d.Name, "no message"), d.Size)
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
	return string(appendClean(nil, b.String()))
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

func withoutPasswords(urls []string) string {
	var shown []string
	for _, u := range urls {
		shown = append(shown, config.URL(u).String())
	}
	return strings.Join(shown, ",")
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
