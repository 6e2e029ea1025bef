package command

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

// cluster is a running cluster, as a command finds it: its backbone, and what is
// known of it.
type cluster struct {
	server   bridge.External
	subjects bridge.Subjects
	cfg      *config.Config // nil without --config
	file     *dc.File       // nil without DC files
}

// backboneFlags say where a cluster is.
func backboneFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "nats", Usage: "the backbone's `URL` (default: the configuration's, else that of $NATS_URL, else nats://" + bridge.DefaultListen + ")"},
		&cli.StringFlag{Name: "config", Usage: "take the backbone and the DC files of this `FILE`, an astrond.yml"},
		&cli.StringFlag{Name: "creds", Usage: "a NATS credentials `FILE`"},
		&cli.StringFlag{Name: "prefix", Usage: "the cluster's `PREFIX` (backbone.prefix)"},
	}
}

// dcFlag names DC files.
func dcFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "dc", Usage: "a DC `FILE`; repeat it for several, in their order"}
}

// clusterOf is the cluster that the flags name. Its DC files are read if the command
// takes some.
func clusterOf(c *cli.Context) (cluster, error) {
	at := cluster{server: bridge.External{URLs: []string{cmp.Or(os.Getenv("NATS_URL"), "nats://"+bridge.DefaultListen)}}}
	if name := c.String("config"); name != "" {
		var err error
		if at.cfg, err = config.Load(name); err != nil {
			return at, err
		}
		if err := at.fromConfiguration(c.String("nats") == ""); err != nil {
			return at, err
		}
	}
	if url := c.String("nats"); url != "" {
		at.server.URLs = []string{url}
	}
	if creds := c.String("creds"); creds != "" {
		at.server.Credentials = creds
	}
	if prefix := c.String("prefix"); prefix != "" {
		at.subjects.Prefix = prefix
	}
	if !slices.ContainsFunc(c.Command.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), "dc") }) {
		return at, nil
	}
	files, err := dcFilesOf(c)
	if err != nil || len(files.names) == 0 {
		return at, err
	}
	at.file, err = files.parse(c)
	return at, err
}

// fromConfiguration takes how to log in from the configuration and, if its URL is
// asked for, where a daemon with this configuration would be.
func (at *cluster) fromConfiguration(url bool) error {
	node := &at.cfg.Backbone
	at.subjects = node.Subjects
	if node.External != nil {
		at.server = *node.External
		return nil
	}
	at.server.Login = node.Embedded.Login
	switch {
	case !url:
	case node.Embedded.Listen == "none":
		return errors.New("the backbone of this configuration listens nowhere: give the URL of the hub, or of another server of its cluster, with --nats")
	case node.Embedded.Listen == "" && node.Embedded.Config != "":
		return at.fromNATSConfiguration(node.Embedded.Config)
	case strings.HasSuffix(node.Embedded.Listen, ":0"):
		return errPortUnknown
	case node.Embedded.Listen != "":
		at.server.URLs = []string{"nats://" + node.Embedded.Listen}
	default:
		at.server.URLs = []string{"nats://" + bridge.DefaultListen}
	}
	return nil
}

var errPortUnknown = errors.New("the system chooses the port of this configuration's backbone: give its URL with --nats; the line \"ready\" in the daemon's log has it")

// fromNATSConfiguration finds the embedded server where NATS's own file has it.
func (at *cluster) fromNATSConfiguration(file string) error {
	address, err := bridge.ListensAt(file)
	switch {
	case err != nil:
		return fmt.Errorf("%w\nGive the URL of the backbone with --nats", err)
	case strings.HasSuffix(address, ":0"):
		return errPortUnknown
	}
	at.server.URLs = []string{"nats://" + cmp.Or(address, bridge.DefaultListen)}
	return nil
}
