package database

import (
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
	"natstron/roles/rolestest/script"
	"natstron/storage"
)

// FuzzRead: whatever a message says, it is read or refused, and what is read can be
// stored as it is, and answered and announced within a datagram.
func FuzzRead(f *testing.F) {
	file := script.ParseDC(f, "testdata/guild.dc")
	indexes, err := fieldIndexes(file, []Index{{Field: "Account.setUser", Unique: true}, {Field: "Account.realm"}, {Field: "Avatar.setX"}})
	must(f, err)
	r := newReader(file, nil, indexes)
	for _, line := range []string{
		`4003 DBSERVER_CREATE_OBJECT 1 dclass=Avatar setName("Flo") setMood("x") setXY(1, 2)`,
		`4003 DBSERVER_OBJECT_GET_FIELD 2 1000 setName`,
		`4003 DBSERVER_OBJECT_GET_FIELDS 3 1000 setName setMood setXY setName`,
		`4003 DBSERVER_OBJECT_GET_ALL 4 1000`,
		`4003 DBSERVER_OBJECT_SET_FIELD 1000 setMoney(5)`,
		`4003 DBSERVER_OBJECT_SET_FIELDS 1000 setMoney(5) setBadge(hex 0100ff)`,
		`4003 DBSERVER_OBJECT_SET_FIELD_IF_EQUALS 5 1000 setMoney(5) setMoney(6)`,
		`4003 DBSERVER_OBJECT_SET_FIELDS_IF_EQUALS 6 1000 setMoney(5) setMoney(6) setXY(1, 2) setXY(3, 4)`,
		`4003 DBSERVER_OBJECT_SET_FIELD_IF_EMPTY 7 1000 setName("x")`,
		`4003 DBSERVER_OBJECT_DELETE_FIELD 1000 setXY`,
		`4003 DBSERVER_OBJECT_DELETE_FIELDS 1000 setLevel setName hp`,
		`4003 DBSERVER_OBJECT_DELETE 1000`,
		`4003 DBSERVER_FIND_OBJECTS 8 dclass=Account setUser("flo") 1000 10`,
		`4003 DBSERVER_CREATE_OBJECT_IF_ABSENT 9 dclass=Account setUser("flo") realm(1)`,
	} {
		d, err := msgtext.Parse(file, 5000, line)
		must(f, err)
		f.Add([]byte(d))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := wire.Datagram(b)
		m, err := d.Message()
		if err != nil {
			return
		}
		q, err := r.read(m, time.Time{})
		var w wire.Writer
		if err != nil {
			if q != nil {
				writeAnswer(&w, control, q, outcome{err: err})
			}
			if resultOf(err) == Done || resultOf(err) == Unavailable {
				t.Fatalf("refused for no known reason: %v", err)
			}
			return
		}
		for _, v := range append(q.change.Set, q.change.If...) {
			if !v.Field.Has(dc.DB) {
				t.Fatalf("%s is not db", v.Field.Name())
			}
			if v.Packed != nil && v.Field.Validate(v.Packed) != nil {
				t.Fatalf("%s has the value %x", v.Field.Name(), v.Packed)
			}
			if _, err := storage.Encode(v.Field, v.Packed); err != nil && v.Packed != nil && !v.Field.IsMolecular() {
				t.Fatalf("%s cannot be stored: %v", v.Field.Name(), err)
			}
		}
		last := -1
		for _, v := range q.change.Set {
			if int(v.Field.ID()) <= last {
				t.Fatalf("%s stands behind field %d", v.Field.Name(), last)
			}
			last = int(v.Field.ID())
		}
		writeAnswer(&w, control, q, outcome{})
		for _, write := range announcements(q) {
			write(&w)
			if _, err := w.Datagram(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
