package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/storage"
	"natstron/storage/document"
)

// unfit is something stored that the DC file cannot read, for machines.
type unfit struct {
	DoID    wire.DoID       `json:"do_id"`
	DClass  string          `json:"dclass,omitempty"`
	Field   string          `json:"field,omitempty"` // none: it is about the object
	Stored  json.RawMessage `json:"stored,omitempty"`
	Problem string          `json:"problem"`
}

func dbCheck(c *cli.Context) error {
	if c.NArg() > 0 {
		return cmdline.Misused(c, "check takes no objects; to see some, use get")
	}
	return readDB(c, func(ctx context.Context, d chosenDB, r storage.Reader) error {
		return checkAll(ctx, c, d, r)
	})
}

// checkAll tells of everything stored that the DC file cannot read.
func checkAll(ctx context.Context, c *cli.Context, d chosenDB, r storage.Reader) (err error) {
	p := newProgress(c.App.ErrWriter, "checked")
	defer p.end()
	objects, bad, kinds := 0, 0, map[string]int{}
	tell := func(u unfit) error {
		kinds[kindOf(u)]++
		if c.Bool("json") {
			return json.NewEncoder(c.App.Writer).Encode(u)
		}
		where := fmt.Sprintf("%d %s", u.DoID, u.DClass)
		if u.Field != "" {
			where += "." + u.Field
		}
		_, err := fmt.Fprintf(c.App.Writer, "%s: %s\n", where, u.Problem)
		return err
	}
	for o, err := range r.All(ctx, 0) {
		if err != nil && !errors.Is(err, storage.ErrUnreadable) {
			return err
		}
		objects++
		p.add()
		found := unfitIn(d, o, err)
		if len(found) > 0 {
			bad++
		}
		for _, u := range found {
			if err := tell(u); err != nil {
				return err
			}
		}
	}
	p.end()
	fmt.Fprintf(c.App.ErrWriter, "%d of %d objects do not fit the DC files\n", bad, objects)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(c.App.ErrWriter, "  %s: %d\n", kind, kinds[kind])
	}
	if bad > 0 {
		return cmdline.ErrTold
	}
	return nil
}

func kindOf(u unfit) string {
	switch {
	case u.DClass == "":
		return "no object at all"
	case u.Field == "":
		return u.DClass + ", the class"
	}
	return u.DClass + "." + u.Field
}

// unfitIn is what the DC file cannot read of an object; err is why there is none.
func unfitIn(d chosenDB, o storage.Object, err error) []unfit {
	if err != nil {
		return []unfit{{DoID: o.ID, Problem: reasonOf(err)}}
	}
	s, err := storage.Read(d.file, o)
	if err != nil {
		return []unfit{{DoID: o.ID, DClass: o.Class, Problem: reasonOf(err)}}
	}
	var found []unfit
	for _, u := range s.Unreadable {
		found = append(found, unfit{DoID: o.ID, DClass: o.Class, Field: u.Name,
			Stored: document.AppendValue(nil, u.Stored), Problem: reasonOf(u.Err)})
	}
	return found
}
