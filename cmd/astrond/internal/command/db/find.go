package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/dc"
	"natstron/storage"
)

func dbFind(c *cli.Context) error {
	if c.NArg() != 2 {
		return cmdline.Misused(c, "name a class, and one value: astrond db find Account 'setName(\"Flo\")'")
	}
	limit := c.Int("limit")
	if limit < 1 {
		return cmdline.Misused(c, "--limit must be 1 or more")
	}
	return readDB(c, func(ctx context.Context, d chosenDB, r storage.Reader) error {
		class, ok := d.file.DClassByName(c.Args().Get(0))
		if !ok {
			return fmt.Errorf("the DC files have no dclass %s", c.Args().Get(0))
		}
		change, err := parseChange(class, c.Args().Tail(), nil)
		if err != nil {
			return err
		}
		if !c.Bool("scan") && !d.isIndexed(class, change.Set[0].Field) {
			return fmt.Errorf("%s.%s is not indexed%s: --scan looks at every object", class.Name(), change.Set[0].Field.Name(), d.whatIsIndexed())
		}
		ids, err := findAll(ctx, r, d.file, class, change.Set[0], c.Bool("scan"), limit+1)
		if err != nil {
			return err
		}
		if err := showAll(ctx, c, d, r, ids[:min(len(ids), limit)]); err != nil {
			return err
		}
		switch {
		case len(ids) == 0:
			fmt.Fprintln(c.App.ErrWriter, "no object has this value")
		case len(ids) > limit:
			fmt.Fprintf(c.App.ErrWriter, "there are more; --limit shows more than %d\n", limit)
		}
		return nil
	})
}

func (d chosenDB) isIndexed(class *dc.Class, f *dc.Field) bool {
	return slices.ContainsFunc(d.indexes(), func(x storage.FieldIndex) bool { return x.Class == class && x.Field == f })
}

func (d chosenDB) whatIsIndexed() string {
	var names []string
	for _, x := range d.indexes() {
		names = append(names, x.String())
	}
	if len(names) == 0 {
		return " (the database's index in the configuration is empty)"
	}
	return " (the database's index has " + strings.Join(names, ", ") + ")"
}

// indexes are those of the configuration that fit the DC files.
func (d chosenDB) indexes() (list []storage.FieldIndex) {
	for _, x := range d.role.Index {
		if one, err := storage.FindIndex(d.file, x.Field, x.Unique); err == nil {
			list = append(list, one)
		}
	}
	return list
}

// findAll finds the objects of a class that have a value, by an index or by looking at
// all of them.
func findAll(ctx context.Context, r storage.Reader, file *dc.File, class *dc.Class, v dc.FieldValue, scan bool, limit int) (ids []wire.DoID, err error) {
	if !scan {
		return storage.Find(ctx, r, storage.FieldIndex{Class: class, Field: v.Field}, v.Packed, 0, limit)
	}
	for o, err := range r.All(ctx, 0) {
		if errors.Is(err, storage.ErrUnreadable) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if o.Class != class.Name() {
			continue
		}
		s, err := storage.Read(file, o)
		if err != nil {
			return nil, err
		}
		if packed, ok := s.Get(v.Field); ok && bytes.Equal(packed, v.Packed) {
			if ids = append(ids, o.ID); len(ids) == limit {
				break
			}
		}
	}
	return ids, nil
}
