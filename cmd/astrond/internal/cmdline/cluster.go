package cmdline

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/bridge"
	"natstron/dc"
	"natstron/internal/config"
)

// Cluster is a running cluster, as a command finds it: its backbone, and what is
// known of it.
type Cluster struct {
	Server   bridge.External
	Subjects bridge.Subjects
	Config   *config.Config // nil without --config
	File     *dc.File       // nil without DC files
}

// BackboneFlags say where a Cluster is.
func BackboneFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "nats", Usage: "the backbone's `URL` (default: the configuration's, else that of $NATS_URL, else nats://" + bridge.DefaultListen + ")"},
		&cli.StringFlag{Name: "config", Usage: "take the backbone and the DC files of this `FILE`, an astrond.yml"},
		&cli.StringFlag{Name: "creds", Usage: "a NATS credentials `FILE`"},
		&cli.StringFlag{Name: "prefix", Usage: "the cluster's `PREFIX` (backbone.prefix)"},
	}
}

// DCFlag names DC files.
func DCFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "dc", Usage: "a DC `FILE`; repeat it for several, in their order"}
}

// ClusterOf is the cluster that the flags name. Its DC files are read if the command
// takes some.
func ClusterOf(c *cli.Context) (Cluster, error) {
	at := Cluster{Server: bridge.External{URLs: []string{cmp.Or(os.Getenv("NATS_URL"), "nats://"+bridge.DefaultListen)}}}
	if name := c.String("config"); name != "" {
		var err error
		if at.Config, err = config.Load(name); err != nil {
			return at, err
		}
		if err := at.fromConfiguration(c.String("nats") == ""); err != nil {
			return at, err
		}
	}
	if url := c.String("nats"); url != "" {
		at.Server.URLs = []string{url}
	}
	if creds := c.String("creds"); creds != "" {
		at.Server.Credentials = creds
	}
	if prefix := c.String("prefix"); prefix != "" {
		at.Subjects.Prefix = prefix
	}
	if !slices.ContainsFunc(c.Command.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), "dc") }) {
		return at, nil
	}
	files, err := DCFilesOf(c)
	if err != nil || len(files.Names) == 0 {
		return at, err
	}
	at.File, err = files.Parse(c)
	return at, err
}

// fromConfiguration takes how to log in from the configuration and, if its URL is
// asked for, where a daemon with this configuration would be.
func (at *Cluster) fromConfiguration(url bool) error {
	node := &at.Config.Backbone
	at.Subjects = node.Subjects
	if node.External != nil {
		at.Server = *node.External
		return nil
	}
	at.Server.Login = node.Embedded.Login
	switch {
	case !url:
	case node.Embedded.Listen == "none":
		return errors.New("the backbone of this configuration listens nowhere: give the URL of the hub, or of another server of its cluster, with --nats")
	case node.Embedded.Listen == "" && node.Embedded.Config != "":
		return at.fromNATSConfiguration(node.Embedded.Config)
	case strings.HasSuffix(node.Embedded.Listen, ":0"):
		return errPortUnknown
	case node.Embedded.Listen != "":
		at.Server.URLs = []string{"nats://" + node.Embedded.Listen}
	default:
		at.Server.URLs = []string{"nats://" + bridge.DefaultListen}
	}
	return nil
}

var errPortUnknown = errors.New("the system chooses the port of this configuration's backbone: give its URL with --nats; the line \"ready\" in the daemon's log has it")

// fromNATSConfiguration finds the embedded server where NATS's own file has it.
func (at *Cluster) fromNATSConfiguration(file string) error {
	address, err := bridge.ListensAt(file)
	switch {
	case err != nil:
		return fmt.Errorf("%w\nGive the URL of the backbone with --nats", err)
	case strings.HasSuffix(address, ":0"):
		return errPortUnknown
	}
	at.Server.URLs = []string{"nats://" + cmp.Or(address, bridge.DefaultListen)}
	return nil
}
