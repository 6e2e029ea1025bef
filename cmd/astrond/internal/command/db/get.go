package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/dump"
)

func dbGet(c *cli.Context) error {
	if c.NArg() == 0 {
		return cmdline.Misused(c, "name the objects")
	}
	var ids []wire.DoID
	for _, arg := range c.Args().Slice() {
		id, err := cmdline.ParseDoID(arg)
		if err != nil {
			return cmdline.Misused(c, "%v", err)
		}
		ids = append(ids, id)
	}
	return readDB(c, func(ctx context.Context, d chosenDB, r storage.Reader) error {
		return showAll(ctx, c, d, r, ids)
	})
}

// showAll shows some objects, those that are there.
func showAll(ctx context.Context, c *cli.Context, d chosenDB, r storage.Reader, ids []wire.DoID) (err error) {
	for _, id := range ids {
		o, failed := r.Get(ctx, id)
		switch {
		case failed != nil:
			err = errors.Join(err, failed)
		case c.Bool("json"):
			fmt.Fprintf(c.App.Writer, "%s", dump.AppendObject(nil, o))
		default:
			showObject(c.App.Writer, d.file, o)
		}
	}
	return err
}

// showObject shows an object as the DC file reads it, with what it cannot read.
func showObject(w io.Writer, file *dc.File, o storage.Object) {
	fmt.Fprintf(w, "%d %s\n", o.ID, o.Class)
	s, err := storage.Read(file, o)
	if err != nil {
		fmt.Fprintf(w, "  ! %v\n", reasonOf(err))
		for _, e := range o.Fields {
			fmt.Fprintf(w, "  %s: %s\n", e.Name, document.AppendValue(nil, e.Value))
		}
		return
	}
	for _, v := range s.Values {
		fmt.Fprintf(w, "  %s\n", valueText(v))
	}
	for _, u := range s.Unreadable {
		fmt.Fprintf(w, "  ! %s: %s\n      %v\n", u.Name, document.AppendValue(nil, u.Stored), reasonOf(u.Err))
	}
}

// reasonOf leaves out that something cannot be read, where that is plain.
func reasonOf(err error) string {
	return strings.TrimPrefix(err.Error(), storage.ErrUnreadable.Error()+": ")
}

// valueText is a value as dbSet takes it: setName("Flo"), or hp = 15.
func valueText(v dc.FieldValue) string {
	text, err := v.Field.Text(v.Packed, dc.TextStyle{UTF8: true})
	switch {
	case err != nil:
		return v.Field.Name() + ": " + err.Error()
	case v.Field.IsMethod():
		return v.Field.Name() + text
	}
	return v.Field.Name() + " = " + text
}

func dbSet(c *cli.Context) (err error) {
	if c.NArg() == 0 || c.NArg() == 1 && len(c.StringSlice("delete")) == 0 {
		return cmdline.Misused(c, "name an object, and its changes")
	}
	id, err := cmdline.ParseDoID(c.Args().First())
	if err != nil {
		return cmdline.Misused(c, "%v", err)
	}
	d, err := chooseDB(c)
	if err != nil {
		return err
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	store, err := d.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	objects := storage.NewObjects(store, d.file)
	before, err := objects.Get(ctx, id)
	if err != nil {
		return err
	}
	change, err := parseChange(before.Class, c.Args().Tail(), c.StringSlice("delete"))
	if err != nil {
		return err
	}
	if err := objects.Update(ctx, id, change); err != nil {
		return err
	}
	o, err := store.Get(ctx, id)
	if err != nil {
		return err
	}
	showObject(c.App.Writer, d.file, o)
	return nil
}

// parseChange reads values as valueText writes them, and the names of fields that
// shall have none.
func parseChange(class *dc.Class, set, clear []string) (change storage.Change, err error) {
	seen := map[*dc.Field]bool{}
	find := func(name string) (*dc.Field, error) {
		f, ok := class.FieldByName(name)
		switch {
		case !ok:
			return nil, fmt.Errorf("%s has no field %q; it has %s", class.Name(), name, cmdline.FieldNames(class))
		case !f.Has(dc.DB):
			return nil, fmt.Errorf("%s does not have the keyword db: a stored value would never be read", name)
		case seen[f]:
			return nil, fmt.Errorf("%s is changed twice", name)
		}
		seen[f] = true
		return f, nil
	}
	for _, arg := range set {
		name, value, ok := splitChange(arg)
		if !ok {
			return change, fmt.Errorf("%q is not a change: write FIELD(VALUE, ...), or FIELD=VALUE", arg)
		}
		f, err := find(name)
		if err != nil {
			return change, err
		}
		packed, err := f.ParseText(value, dc.Scaled)
		if err != nil {
			return change, err
		}
		change.Set = append(change.Set, dc.FieldValue{Field: f, Packed: packed})
	}
	for _, name := range clear {
		f, err := find(name)
		if err != nil {
			return change, err
		}
		change.Clear = append(change.Clear, f)
	}
	return change, nil
}

// splitChange splits FIELD(VALUE, ...) and FIELD=VALUE.
func splitChange(arg string) (name, value string, ok bool) {
	i := strings.IndexAny(arg, "(=")
	if i < 1 {
		return "", "", false
	}
	name, value = strings.TrimSpace(arg[:i]), arg[i:]
	if arg[i] == '=' {
		value = arg[i+1:]
	}
	return name, value, true
}
