package storage

import (
	"fmt"
	"strings"

	"natstron/storage/document"
)

// Check returns an error if no backend could do this update: it has a name that a field
// cannot have, or one name twice.
func (u Update) Check() error {
	seen := make(map[string]bool, len(u.Set)+len(u.Delete))
	once := func(name string) error {
		if seen[name] {
			return fmt.Errorf("%w: the field %s is changed twice", ErrValue, name)
		}
		seen[name] = true
		return CheckName(name)
	}
	for _, c := range u.If {
		if err := CheckName(c.Name); err != nil {
			return err
		}
	}
	for _, e := range u.Set {
		if err := once(e.Name); err != nil {
			return err
		}
	}
	for _, name := range u.Delete {
		if err := once(name); err != nil {
			return err
		}
	}
	return nil
}

// CheckNew returns an error if no backend could create this object.
func CheckNew(class string, fields document.Document) error {
	if class == "" {
		return fmt.Errorf("%w: an object needs a class", ErrValue)
	}
	return Update{Set: fields}.Check()
}

// CheckPut returns an error if no backend could put this object. Its fields may have any
// name, because they may come from a database that others wrote.
func CheckPut(o Object) error {
	switch {
	case o.ID == 0:
		return fmt.Errorf("%w: 0 is not a doId", ErrValue)
	case o.Class == "":
		return fmt.Errorf("%w: an object needs a class", ErrValue)
	}
	return nil
}

// CheckName returns an error if a database could not store a field of this name and find
// it again. All names in DC files are valid.
func CheckName(name string) error {
	if name == "" || strings.ContainsAny(name, ".$\x00") {
		return fmt.Errorf("%w: a field cannot have the name %q", ErrValue, name)
	}
	return nil
}
