package traffic

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/dc"
)

// tapFilter is which datagrams are wanted: one of each list that is not empty.
type tapFilter struct {
	types   []func(wire.MsgType) bool
	doIDs   []wire.DoID
	classes []*dc.Class
	fields  []*dc.Field
}

// filterFlags say what a tap shows.
func filterFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "type", Usage: "only messages of this `TYPE`: a name, a pattern such as 'DBSERVER_*', or a number"},
		&cli.StringSliceFlag{Name: "doid", Usage: "only what comes from, goes to, or speaks of the object `DOID`"},
		&cli.StringSliceFlag{Name: "class", Usage: "only what names this `DCLASS`, or a field that it has"},
		&cli.StringSliceFlag{Name: "field", Usage: "only what names this `FIELD`: NAME, of whatever class, or DCLASS.NAME"},
	}
}

// filterOf reads the flags. Within one flag any of its values will do; what is
// given by several flags must all hold.
func filterOf(c *cli.Context, file *dc.File) (*tapFilter, error) {
	f := new(tapFilter)
	for _, t := range c.StringSlice("type") {
		wanted, err := messageTypes(t)
		if err != nil {
			return nil, cmdline.Misused(c, "%v", err)
		}
		f.types = append(f.types, wanted)
	}
	for _, text := range c.StringSlice("doid") {
		id, err := cmdline.ParseDoID(text)
		if err != nil {
			return nil, cmdline.Misused(c, "%v", err)
		}
		f.doIDs = append(f.doIDs, id)
	}
	names := append(c.StringSlice("class"), c.StringSlice("field")...)
	if file == nil {
		if len(names) > 0 {
			return nil, cmdline.Misused(c, "%s is a name in the game's DC files: give them with --dc or --config", names[0])
		}
		return f, nil
	}
	for _, name := range c.StringSlice("class") {
		class, ok := file.ClassByName(name)
		if !ok {
			return nil, cmdline.Misused(c, "the DC files have no dclass %s", name)
		}
		f.classes = append(f.classes, class)
	}
	for _, name := range c.StringSlice("field") {
		fields := fieldsNamed(file, name)
		if len(fields) == 0 {
			return nil, cmdline.Misused(c, "the DC files have no field %s", name)
		}
		f.fields = append(f.fields, fields...)
	}
	return f, nil
}

// messageTypes is the types that a number, a name or a pattern means.
func messageTypes(text string) (func(wire.MsgType) bool, error) {
	if n, err := strconv.ParseUint(text, 0, 16); err == nil {
		return func(t wire.MsgType) bool { return t == wire.MsgType(n) }, nil
	}
	pattern := strings.ToUpper(text)
	found := false
	for t := range 1 << 16 {
		ok, err := path.Match(pattern, wire.MsgType(t).String())
		if err != nil {
			return nil, fmt.Errorf("%q is not a pattern: %w", text, err)
		}
		found = found || ok
	}
	if !found {
		return nil, fmt.Errorf("no message type is called %s", text)
	}
	return func(t wire.MsgType) bool {
		ok, _ := path.Match(pattern, t.String()) // it is a pattern, as seen above
		return ok
	}, nil
}

// fieldsNamed are the fields called NAME, or the one called DCLASS.NAME.
func fieldsNamed(file *dc.File, name string) []*dc.Field {
	if class, field, ok := strings.Cut(name, "."); ok {
		c, ok := file.ClassByName(class)
		if !ok {
			return nil
		}
		if f, ok := c.FieldByName(field); ok {
			return []*dc.Field{f}
		}
		return nil
	}
	var all []*dc.Field
	for _, c := range file.Classes() {
		if f, ok := c.FieldByName(name); ok && !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}

// wants reports whether a datagram is one to show.
func (f *tapFilter) wants(d wire.Datagram, values wire.ValueReader) bool {
	if len(f.types)+len(f.doIDs)+len(f.classes)+len(f.fields) == 0 {
		return true
	}
	m, err := d.Message()
	if err != nil {
		return false // it has neither sender nor type
	}
	if len(f.types) > 0 && !slices.ContainsFunc(f.types, func(is func(wire.MsgType) bool) bool { return is(m.Type) }) {
		return false
	}
	doID := len(f.doIDs) == 0 || f.hasChannel(m.Sender)
	for i := 0; i < d.RecipientCount() && !doID; i++ {
		doID = f.hasChannel(d.Recipient(i))
	}
	class, field := len(f.classes) == 0, len(f.fields) == 0
	layout, ok := wire.LayoutOf(m.Type)
	if !ok || (doID && class && field) {
		return doID && class && field
	}
	// What cannot be taken apart comes as raw bytes: nothing is found in those.
	_ = layout.Decode(&m.Payload, values, func(a wire.Arg) {
		switch a.Kind {
		case wire.KindDoID:
			doID = doID || slices.Contains(f.doIDs, wire.DoID(a.Number))
		case wire.KindLocation:
			doID = doID || slices.Contains(f.doIDs, wire.Channel(a.Number).Location().Parent)
		case wire.KindDClass:
			class = class || f.hasClass(uint16(a.Number))
		case wire.KindField:
			class = class || f.classHas(uint16(a.Number))
			field = field || f.hasField(uint16(a.Number))
		case wire.KindValue:
			class = class || f.classHas(uint16(a.Field))
			field = field || f.hasField(uint16(a.Field))
		}
	})
	return doID && class && field
}

// hasChannel reports whether c is an object's own channel, or that of its row in a
// database.
func (f *tapFilter) hasChannel(c wire.Channel) bool {
	return slices.ContainsFunc(f.doIDs, func(id wire.DoID) bool {
		return c == id.Channel() || c == id.DatabaseChannel()
	})
}

func (f *tapFilter) hasClass(id uint16) bool {
	return slices.ContainsFunc(f.classes, func(c *dc.Class) bool {
		have, ok := c.ID()
		return ok && have == id
	})
}

func (f *tapFilter) classHas(field uint16) bool {
	return slices.ContainsFunc(f.classes, func(c *dc.Class) bool {
		_, ok := c.Field(field)
		return ok
	})
}

func (f *tapFilter) hasField(id uint16) bool {
	return slices.ContainsFunc(f.fields, func(have *dc.Field) bool { return uint16(have.ID()) == id })
}
