package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/logging"
	"natstron/dc"
	"natstron/roles/inspect"
)

// Send sends a field update to an object.
func Send() *cli.Command {
	return &cli.Command{
		Name:      "send",
		Usage:     "send an update of a field to an object",
		ArgsUsage: "DOID FIELD [VALUE ...]",
		Description: "For example: astrond send --dc game.dc 200000001 setChat \"hello\"\n" +
			"VALUE is one parameter of the field each, as a DC file writes it; a string needs no\n" +
			"quotation marks of its own. The object's class is asked for in the cluster. Clients\n" +
			"that see the object are told of the update as of any other.",
		Flags: append(cmdline.BackboneFlags(), cmdline.DCFlag(),
			&cli.StringFlag{Name: "class", Usage: "the object's `CLASS`, for an object that no state server has, such as an UberDOG"},
			&cli.StringFlag{Name: "as", Usage: "the `CHANNEL` that is the sender (default: one of the command's own)"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		),
		Action: sendAction,
	}
}

func sendAction(c *cli.Context) error {
	if c.NArg() < 2 {
		return cmdline.Misused(c, "name an object by its doId, and one of its fields")
	}
	id, err := cmdline.ParseDoID(c.Args().First())
	if err != nil {
		return cmdline.Misused(c, "%v", err)
	}
	var sender wire.Channel
	if text := c.String("as"); text != "" {
		if sender, err = wire.ParseChannel(text); err != nil {
			return cmdline.Misused(c, "--as: %v", err)
		}
	}
	at, err := cmdline.ClusterOf(c)
	if err != nil {
		return err
	}
	if at.File == nil {
		return errors.New("give the game's DC files with --dc or --config: the field's number and value come from them")
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	in, err := inspectorOf(at, "astrond send")
	if err != nil {
		return err
	}
	defer in.Close()
	class, err := in.classOf(ctx, at.File, id, c.String("class"))
	if err != nil {
		return err
	}
	field, ok := class.FieldByName(c.Args().Get(1))
	if !ok {
		return fmt.Errorf("class %s has no field %q; it has %s", class.Name(), c.Args().Get(1), cmdline.FieldNames(class))
	}
	packed, err := cmdline.FieldValue(field, c.Args().Slice()[2:])
	if err != nil {
		return err
	}
	if sender == 0 {
		sender = ownChannel()
	}
	update := new(wire.Writer).Header(sender, wire.StateServerObjectSetField, id.Channel()).DoID(id).FieldID(wire.FieldID(field.ID())).Raw(packed)
	if err := in.publish(ctx, update); err != nil {
		return fmt.Errorf("send %s to object %d: %w", field.Name(), id, err)
	}
	if c.Bool("json") {
		value, err := field.JSON(packed, dc.Scaled)
		if err != nil {
			return err
		}
		return cmdline.PrintJSON(c.App.Writer, map[string]any{"do_id": id, "class": class.Name(), "name": field.Name(), "value": json.RawMessage(value)})
	}
	text, err := field.Text(packed, dc.TextStyle{UTF8: true})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.App.Writer, "sent %s%s to %s %d\n", field.Name(), logging.Clean(text), class.Name(), id)
	return err
}

// classOf is the class with a name or, without one, that of an object of the cluster.
func (i inspector) classOf(ctx context.Context, file *dc.File, id wire.DoID, name string) (*dc.Class, error) {
	if name == "" {
		r, err := i.askCluster(ctx, inspect.Question{What: inspect.Object, Object: id})
		if err != nil {
			return nil, err
		}
		for _, held := range r.Object {
			if held.Active {
				name = held.Class
			}
		}
		if name == "" {
			return nil, fmt.Errorf("no state server has object %d, and it is active on no database-state server: give its class with --class", id)
		}
	}
	class, ok := file.ClassByName(name)
	if !ok {
		return nil, fmt.Errorf("the DC files have no class %q", name)
	}
	return class, nil
}
