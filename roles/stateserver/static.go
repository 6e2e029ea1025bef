package stateserver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"natstron/bridge/wire"
	"natstron/dc"
)

// A StaticObject exists as long as the state server: the root of a world, say, or
// a directory. It is in no location.
type StaticObject struct {
	ID    wire.DoID `key:"id,required" alone:"give each object an id of its own" doc:"The object's doId."`
	Class string    `key:"class,required" but:"a name as DC files have it" doc:"The object's class, which the DC files must have."`
	// Fields are values by the fields' names, as a DC file would write them as
	// defaults, of one argument also without parentheses. What is required and not
	// named has its default.
	Fields map[string]string `key:"fields" doc:"Values of fields by their names, each as a DC file would write it as a default; required ones that are left out have their default."`
}

// A StaticFault is what is wrong with a static object.
type StaticFault struct {
	Index int    // in Options.Objects
	Key   string // "id", "class", or "fields."+name
	Err   error
}

// Error says what is wrong.
func (f StaticFault) Error() string { return fmt.Sprintf("objects[%d].%s: %v", f.Index, f.Key, f.Err) }

// CheckStatic finds what is wrong with objects that a configuration names.
func CheckStatic(file *dc.File, objects []StaticObject) []StaticFault {
	var faults []StaticFault
	seen := map[wire.DoID]int{}
	for i, o := range objects {
		if first, twice := seen[o.ID]; twice {
			faults = append(faults, StaticFault{i, "id", fmt.Errorf("object %d is objects[%d], too", o.ID, first)})
		} else {
			seen[o.ID] = i
		}
		class, err := o.class(file)
		if err != nil {
			faults = append(faults, StaticFault{i, "class", err})
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(o.Fields)) {
			if _, _, err := o.field(class, name); err != nil {
				faults = append(faults, StaticFault{i, "fields." + name, err})
			}
		}
	}
	return faults
}

func (o *StaticObject) class(file *dc.File) (*dc.Class, error) {
	class, ok := file.DClassByName(o.Class)
	if !ok {
		return nil, fmt.Errorf("the DC files have no dclass %s", o.Class)
	}
	return class, nil
}

// field is a field and its packed value.
func (o *StaticObject) field(class *dc.Class, name string) (*dc.Field, []byte, error) {
	f, ok := class.FieldByName(name)
	switch {
	case !ok:
		return nil, nil, fmt.Errorf("%s has no field %s", class.Name(), name)
	case !Kept(f):
		return nil, nil, fmt.Errorf("%s is neither required nor ram: an object does not keep it", name)
	}
	text := o.Fields[name]
	if f.IsMethod() && !strings.HasPrefix(text, "(") {
		text = "(" + text + ")" // of one argument
	}
	packed, err := f.ParseText(text, dc.Scaled)
	return f, packed, err
}

// values are those of an object of the class.
func (o *StaticObject) values(class *dc.Class) (*Values, error) {
	v := new(Values)
	for name := range o.Fields {
		f, packed, err := o.field(class, name)
		if err != nil {
			return nil, err
		}
		if err := v.Set(f, packed); err != nil {
			return nil, err
		}
	}
	return v, v.SetDefaults(class)
}

// createStatic creates the static objects.
func (r *Role) createStatic() error {
	for _, o := range r.options.Objects {
		class, err := o.class(r.options.File)
		if err != nil {
			return fmt.Errorf("static object %d: %w", o.ID, err)
		}
		values, err := o.values(class)
		if err != nil {
			return fmt.Errorf("static object %d: %w", o.ID, err)
		}
		if kept := r.space.objects[o.ID]; kept != nil && kept.static && kept.class == class {
			continue
		} else if kept != nil {
			r.space.Delete(kept, r.options.Control)
		}
		made, err := r.space.Create(Spec{DoID: o.ID, Class: class, Values: values, Sender: r.options.Control})
		if err != nil {
			return fmt.Errorf("static object %d: %w", o.ID, err)
		}
		made.static = true
	}
	return r.deleteStatic()
}

// deleteStatic ends the static objects that survived and are not in the configuration any
// more.
func (r *Role) deleteStatic() error {
	if r.space.survival == nil {
		return nil
	}
	for id, o := range r.space.objects {
		if o.static && !slices.ContainsFunc(r.options.Objects, func(s StaticObject) bool { return s.ID == id }) {
			r.space.Delete(o, r.options.Control)
		}
	}
	return nil
}
