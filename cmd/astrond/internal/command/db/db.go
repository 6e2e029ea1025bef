// Package db is astrond db: the objects of a database.
package db

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/dc"
	"natstron/internal/config"
	"natstron/internal/configfile"
	"natstron/roles/database"
)

// Command is what people do with the objects of a database.
func Command() *cli.Command {
	configuration := &cli.StringFlag{Name: "config", Usage: "the configuration `FILE` with the database", Value: config.DefaultFile}
	control := &cli.Uint64Flag{Name: "control", Usage: "the `CHANNEL` of the database, where the file has several"}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print a JSON object a line"}
	return &cli.Command{
		Name:  "db",
		Usage: "the objects of a database: export, import, get, find, set, check",
		Description: "These commands open the database that a configuration names, without the cluster.\n" +
			"get, find, check and export work while astrond runs. import and set change objects: stop\n" +
			"astrond first, unless the database is MongoDB. An object that is active in the\n" +
			"cluster does not see the change, and overwrites it.",
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return cmdline.Misused(c, "there is no command %q%s", c.Args().First(), cmdline.DidYouMean(c.Args().First(), c.Command.Subcommands))
			}
			return cli.ShowSubcommandHelp(c)
		},
		Subcommands: []*cli.Command{
			{
				Name: "get", Usage: "show objects, with the names of the DC files", ArgsUsage: "DOID ...",
				Flags: []cli.Flag{configuration, control, asJSON}, Action: withFaults(dbGet),
			},
			{
				Name: "find", Usage: "show the objects of a class that have a value", ArgsUsage: "CLASS 'setName(\"Flo\")'",
				Description: "The field must be in the index of the database, or --scan given. The value is\n" +
					"written as set takes it: setName(\"Flo\"), or hp=15.",
				Flags: []cli.Flag{configuration, control, asJSON,
					&cli.IntFlag{Name: "limit", Usage: "show at most `N` objects", Value: 20},
					&cli.BoolFlag{Name: "scan", Usage: "look at every object, so that any field will do"}},
				Action: withFaults(dbFind),
			},
			{
				Name: "set", Usage: "change fields of an object", ArgsUsage: "DOID 'setName(\"Flo\")' 'hp=15' ...",
				Description: "Values are written as in a DC file: numbers, \"text\", {1, 2} for structs, [1, 2]\n" +
					"for arrays, <0a0b> for packed bytes. All changes are made, or none.",
				Flags: []cli.Flag{configuration, control, &cli.StringSliceFlag{
					Name: "delete", Usage: "remove the value of this `FIELD`; repeat it for several",
				}},
				Action: withFaults(dbSet),
			},
			{
				Name: "check", Usage: "list objects that do not fit the DC files, and why",
				Flags: []cli.Flag{configuration, control, asJSON}, Action: withFaults(dbCheck),
			},
			{
				Name: "export", Usage: "write all objects, a JSON object a line", ArgsUsage: "[OUTPUT]",
				Flags: []cli.Flag{configuration, control}, Action: withFaults(dbExport),
			},
			{
				Name: "import", Usage: "put objects into the database", ArgsUsage: "SOURCE",
				Description: "SOURCE is a file that export wrote, or - for standard input; a folder of YAML files,\n" +
					"Astron's or ours; a file of the embedded database; or mongodb://HOST:PORT/DATABASE,\n" +
					"Astron's, OtpGo's or Ardos'. import does not change the source. It skips objects\n" +
					"that are in the database already and equal, so an import that stopped can be run again.",
				Flags: []cli.Flag{configuration, control, &cli.BoolFlag{
					Name: "replace", Usage: "replace objects that are in the database already and differ",
				}},
				Action: withFaults(dbImport),
			},
		},
	}
}

// withFaults is a command that tells the faults of the configuration for people.
func withFaults(action cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		err := action(c)
		var faults *configfile.Error
		if errors.As(err, &faults) {
			cmdline.PrintFaults(c.App.ErrWriter, c.String("config"), faults)
			return cmdline.ErrTold
		}
		return err
	}
}

// chosenDB is a database of a configuration.
type chosenDB struct {
	cfg  *config.Config
	path string // of the role in the configuration
	role *database.Options
	file *dc.File
}

// chooseDB reads the configuration and its DC files, and finds the database in it.
func chooseDB(c *cli.Context) (chosenDB, error) {
	name := c.String("config")
	cfg, err := config.Load(name)
	if err != nil {
		return chosenDB{}, err
	}
	d := chosenDB{cfg: cfg}
	var controls []string
	for i, role := range cfg.Roles {
		role := role.Database
		if role == nil {
			continue
		}
		controls = append(controls, fmt.Sprint(role.Control))
		if wanted := wire.Channel(c.Uint64("control")); wanted == 0 || wanted == role.Control {
			if d.role != nil {
				return d, cmdline.Misused(c, "%s has several databases: choose one with --control %s", name, strings.Join(controls, " or "))
			}
			d.role, d.path = role, config.RolePath(i)
		}
	}
	switch {
	case len(controls) == 0:
		return d, fmt.Errorf("%s has no role of type database: give --config the configuration of a process that has one", name)
	case d.role == nil:
		return d, fmt.Errorf("%s has no database with the control channel %d; its databases have %s", name, c.Uint64("control"), strings.Join(controls, ", "))
	}
	d.file, err = cmdline.DCFiles{Names: cfg.General.DCFiles, Inheritance: cfg.General.Inheritance}.Parse(c)
	return d, err
}
