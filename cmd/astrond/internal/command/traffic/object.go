package traffic

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/command/operate"
	"natstron/cmd/astrond/internal/logging"
)

// Object asks the cluster for one object.
func Object() *cli.Command {
	return &cli.Command{
		Name:      "object",
		Usage:     "ask the running cluster for an object: class, location, owner, AI and fields",
		ArgsUsage: "DOID",
		Description: "The state server that holds the object answers, or the database-state server whose\n" +
			"ranges include it, even if it is not active. With the game's DC files, class and\n" +
			"fields have their names; without them, the fields cannot be read.",
		Flags: append(cmdline.BackboneFlags(), cmdline.DCFlag(),
			&cli.Uint64Flag{Name: "database", Usage: "ask the database server with this control `CHANNEL`, too (default: those of --config)"},
			&cli.BoolFlag{Name: "who-sees", Usage: "tell which clients see the object, and who else hears of it"},
			&cli.StringFlag{Name: "client", Usage: "tell why the client with this `CHANNEL` sees the object, or does not"},
			&cli.DurationFlag{Name: "timeout", Value: 2 * time.Second, Usage: "wait this `TIME` for an answer"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		),
		Action: objectAction,
	}
}

func objectAction(c *cli.Context) error {
	if c.NArg() != 1 {
		return cmdline.Misused(c, "name one object by its doId")
	}
	id, err := cmdline.ParseDoID(c.Args().First())
	if err != nil {
		return cmdline.Misused(c, "%v", err)
	}
	at, err := cmdline.ClusterOf(c)
	if err != nil {
		return err
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	if c.Bool("who-sees") || c.IsSet("client") {
		return operate.SeenBy(ctx, c, at, id)
	}
	in, err := newInquiry(ctx, at, id)
	if err != nil {
		return cmdline.NoBackbone(err, "publish and subscribe to "+strings.Join(at.Subjects.Needed(), ", "))
	}
	defer in.end()
	if err := in.ask(databases(c, at)); err != nil {
		return err
	}
	timeout := c.Duration("timeout")
	if err := in.listen(ctx, timeout); err != nil {
		return err
	}
	found := &in.found
	if c.Bool("json") {
		if err := cmdline.PrintJSON(c.App.Writer, found); err != nil {
			return err
		}
	} else if err := found.print(c.App.Writer); err != nil {
		return err
	}
	switch {
	case !found.Found && c.Bool("json"):
		return cmdline.ErrTold
	case !found.Found:
		return fmt.Errorf("no answer for object %d within %v: no state server has it, and no database-state server is responsible for it", id, timeout)
	case at.File == nil:
		fmt.Fprintln(c.App.ErrWriter, "to read the fields, give the game's DC files with --dc or --config")
	}
	return nil
}

// databases are the database servers to ask.
func databases(c *cli.Context, at cmdline.Cluster) []wire.Channel {
	if c.IsSet("database") {
		return []wire.Channel{wire.Channel(c.Uint64("database"))}
	}
	var all []wire.Channel
	if at.Config != nil {
		for _, role := range at.Config.Roles {
			if role.Database != nil {
				all = append(all, role.Database.Control)
			}
		}
	}
	return all
}

// foundObject is what the Cluster says of an object.
type foundObject struct {
	DoID  uint32 `json:"do_id"`
	Found bool   `json:"found"`
	// Active are the answers of those who hold the object; more than one is a
	// fault of the game.
	Active []activeObject `json:"active,omitempty"`
	Owner  *uint64        `json:"owner,omitempty,string"` // nil where nobody said
	AI     *uint64        `json:"ai,omitempty,string"`
	// Stored is what databases have of it.
	Stored []storedObject `json:"stored,omitempty"`
}

type activeObject struct {
	Class  string      `json:"class"`
	Parent uint32      `json:"parent"`
	Zone   uint32      `json:"zone"`
	Fields []tappedArg `json:"fields"`
	Fault  string      `json:"fault,omitempty"`
}

type storedObject struct {
	Database string      `json:"database"` // its control channel
	Class    string      `json:"class"`
	Fields   []tappedArg `json:"fields"`
	Fault    string      `json:"fault,omitempty"`
}

// print writes it for people; nothing if nobody has the object.
func (f *foundObject) print(out io.Writer) error {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	if n := len(f.Active); n > 1 {
		fmt.Fprintf(w, "%d answers for object %d: more than one state server has it\n", n, f.DoID)
	}
	for _, o := range f.Active {
		fmt.Fprintf(w, "%s %d\n", logging.Clean(o.Class), f.DoID)
		fmt.Fprintf(w, "  location\t%s\n", place(o))
		fmt.Fprintf(w, "  owner\t%s\n", channelOrNone(f.Owner))
		fmt.Fprintf(w, "  AI\t%s\n", channelOrNone(f.AI))
		printFields(w, o.Fields, o.Fault)
	}
	for _, o := range f.Stored {
		fmt.Fprintf(w, "%s %d, stored by the database server %s\n", logging.Clean(o.Class), f.DoID, o.Database)
		printFields(w, o.Fields, o.Fault)
	}
	_ = w.Flush() // a strings.Builder takes everything
	_, err := io.WriteString(out, b.String())
	return err
}

func place(o activeObject) string {
	if o.Parent == 0 && o.Zone == 0 {
		return "nowhere"
	}
	return fmt.Sprintf("%d:%d (parent:zone)", o.Parent, o.Zone)
}

func channelOrNone(c *uint64) string {
	switch {
	case c == nil:
		return "not told"
	case *c == 0:
		return "none"
	}
	return channelText(wire.Channel(*c))
}

func printFields(w io.Writer, fields []tappedArg, fault string) {
	for _, f := range fields {
		fmt.Fprintf(w, "  %s\t%s\n", logging.Clean(f.Name), logging.Clean(string(f.Value)))
	}
	if fault != "" {
		fmt.Fprintf(w, "  (%s)\n", logging.Clean(fault))
	}
}
