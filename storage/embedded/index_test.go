package embedded

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/storagetest"
)

var byName = storage.Index{Class: "Toon", Field: "setName", Unique: true}

// TestFindUsesIndex: SQLite goes through the index, for a search and for the look whether a
// value is taken, and sorts nothing.
func TestFindUsesIndex(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "objects.db"), wide)
	ordinary := storage.Index{Class: "Toon", Field: "hp"}
	storagetest.Must(t, s.SetIndexes(t.Context(), []storage.Index{byName, ordinary}, nil))
	for i := range 100 {
		storagetest.Creates(t, s, 1000+wire.DoID(i), document.Document{{Name: "setName", Value: fmt.Sprint(i)}, {Name: "hp", Value: int32(i % 2)}})
	}
	for _, x := range []storage.Index{byName, ordinary} {
		conn, err := s.readers.Conn(t.Context())
		storagetest.Must(t, err)
		n := 0 // a connection learns of new indexes when it reads
		storagetest.Must(t, conn.QueryRowContext(t.Context(), "SELECT count(*) FROM objects").Scan(&n))
		rows, err := conn.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+findSQL(x.Class, x.Field), `"5"`, 0, 10)
		storagetest.Must(t, err)
		plan := ""
		for rows.Next() {
			var id, parent, unused int
			var detail string
			storagetest.Must(t, rows.Scan(&id, &parent, &unused, &detail))
			plan += detail + "\n"
		}
		storagetest.Must(t, errors.Join(rows.Close(), conn.Close()))
		if !strings.Contains(plan, "find "+x.String()) || strings.Contains(plan, "TEMP B-TREE") || strings.Count(plan, "\n") != 1 {
			t.Errorf("%v: %s", x, plan)
		}
	}
}

// TestLayoutOfUniqueIndexes: a file with unique indexes is not opened by releases that
// would take ids for taken, and is again without them.
func TestLayoutOfUniqueIndexes(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "objects.db"), wide)
	for _, c := range []struct {
		list []storage.Index
		want int
	}{{nil, 1}, {[]storage.Index{{Class: "Toon", Field: "hp"}}, 1}, {[]storage.Index{byName}, 2}, {nil, 1}} {
		storagetest.Must(t, s.SetIndexes(t.Context(), c.list, nil))
		version := 0
		storagetest.Must(t, s.readers.QueryRow("PRAGMA user_version").Scan(&version))
		if version != c.want {
			t.Errorf("%v: layout %d, want %d", c.list, version, c.want)
		}
	}
}

// BenchmarkFind finds one of 10,000 objects by its name.
func BenchmarkFind(b *testing.B) {
	s := opened(b, filepath.Join(b.TempDir(), "objects.db"), wide)
	storagetest.Must(b, s.SetIndexes(b.Context(), []storage.Index{byName}, nil))
	for i := range 10_000 {
		storagetest.Creates(b, s, 1000+wire.DoID(i), document.Document{{Name: "setName", Value: fmt.Sprint(i)}})
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		ids, err := s.Find(b.Context(), storage.Query{Class: "Toon", Field: "setName", Value: fmt.Sprint(n % 10_000), Limit: 2})
		if err != nil || len(ids) != 1 {
			b.Fatal(ids, err)
		}
	}
}
