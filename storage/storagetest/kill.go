package storagetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
)

// KillEnv has the test binary of a backend claim names in the database that it names, until it
// is killed; its TestMain calls [ClaimNames] then.
const KillEnv = "NATSTRON_TEST_KILL_DATABASE"

// claimed are the names that the writers fight for.
const claimed, claimers = 30, 8

func nameValue(n int) document.Document {
	return document.Document{{Name: "setName", Value: document.Document{{Name: "name", Value: fmt.Sprintf("name %d", n)}}}}
}

// ClaimNames has 8 writers create objects with names, rename and delete them, and says on
// standard output what was answered. It returns with the first error.
func ClaimNames(st storage.Store) error {
	ctx := context.Background()
	if err := st.SetIndexes(ctx, []storage.Index{byName, byHP}, nil); err != nil {
		return err
	}
	return WriteUntilKilled(claimers, func(say Say) error { return claimOne(ctx, st, say) })
}

// claimOne creates an object with a name, gives it another, and deletes it, mostly.
func claimOne(ctx context.Context, st storage.Store, say Say) error {
	n := rand.IntN(claimed)
	id, err := st.Create(ctx, "Toon", append(nameValue(n), document.Element{Name: "hp", Value: int64(n)}))
	if errors.Is(err, storage.ErrTaken) {
		say("taken 0 %d", n)
		return nil
	}
	if err != nil {
		return err
	}
	say("has %d %d", id, n)
	if rand.IntN(2) == 0 {
		other := rand.IntN(claimed)
		say("changes %d %d", id, other)
		err := st.Update(ctx, id, storage.Update{Set: nameValue(other)})
		switch {
		case err == nil:
			n = other
		case !errors.Is(err, storage.ErrTaken):
			return err
		}
		say("has %d %d", id, n)
	}
	if rand.IntN(8) == 0 {
		return nil // it stays for a while
	}
	say("deletes %d %d", id, n)
	return st.Delete(ctx, id)
}

// claims are what the writers have said: the names that each object may have, and
// whether it may be gone. -1 is none. What was not answered may be done later: a server
// goes on with a last request of a process that is dead.
type claims struct {
	names map[wire.DoID][2]int
	gone  map[wire.DoID]bool
	lines int
	open  int // how many requests were not answered, at most
}

func (c *claims) line(line string) error {
	var what string
	var id wire.DoID
	var n int
	if _, err := fmt.Sscanf(line, "%s %d %d", &what, &id, &n); err != nil {
		return fmt.Errorf("the writer says %q", line)
	}
	c.lines++
	switch what {
	case "has": // it may be a new object under the id of one that is gone
		c.names[id] = [2]int{n, -1}
		delete(c.gone, id)
	case "changes":
		c.names[id] = [2]int{c.names[id][0], n}
	case "deletes":
		c.gone[id] = true
	}
	return nil
}

// check compares what was said with what there is, and takes that over.
func (c *claims) check(ctx context.Context, st storage.Store) error {
	err := Agree(ctx, st, byName, byHP)
	if err != nil { // a server may have done a last change of the dead process meanwhile
		err = Agree(ctx, st, byName, byHP)
	}
	if err != nil {
		return err
	}
	owners := map[string]wire.DoID{}
	found := map[wire.DoID]bool{}
	unanswered := 0
	for o, err := range st.All(ctx, 0) {
		if err != nil {
			return err
		}
		v, _ := o.Fields.Get("setName")
		name := string(document.AppendValue(nil, v))
		if other, twice := owners[name]; twice {
			return fmt.Errorf("%s belongs to %d and %d", name, other, o.ID)
		}
		owners[name] = o.ID
		found[o.ID] = true
		is := -1
		for n := range claimed {
			if document.Equal(v, nameValue(n)[0].Value) {
				is = n
			}
		}
		may, known := c.names[o.ID]
		if !known || c.gone[o.ID] {
			unanswered++ // created and not answered, or deleted not yet, in this round or one before
		} else if is != may[0] && is != may[1] {
			return fmt.Errorf("object %d has the name %d, and not %v", o.ID, is, may)
		}
		if !known || is != may[0] {
			c.names[o.ID] = [2]int{is, -1}
		}
	}
	if c.open += claimers; unanswered > c.open {
		return fmt.Errorf("%d changes were not answered: more than there are writers", unanswered)
	}
	for id := range c.names {
		if !found[id] {
			if !c.gone[id] {
				return fmt.Errorf("object %d is gone, though it was answered", id)
			}
			delete(c.names, id)
			delete(c.gone, id)
		}
	}
	return nil
}

// Kill kills the process that claims names in a database again and again. No name must
// belong to two objects, what was answered must be there, and the indexes must find
// exactly what there is. In some rounds the process begins without indexes, and is killed
// while it makes them, or soon after.
func Kill(t *testing.T, database string, open func() (storage.Store, error)) {
	rounds := KillRounds(t)
	c := &claims{names: map[wire.DoID][2]int{}, gone: map[wire.DoID]bool{}}
	for round := range rounds {
		KillWriter(t, KillEnv, database, rand.IntN(400), c.line)
		st, err := open()
		Must(t, err)
		if err := c.check(t.Context(), st); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if round%3 == 0 {
			Must(t, st.SetIndexes(t.Context(), nil, nil))
		}
		for id := range c.names { // make room
			if rand.IntN(2) == 0 {
				if err := st.Delete(t.Context(), id); err != nil && !(c.gone[id] && errors.Is(err, storage.ErrNotFound)) {
					t.Fatal(err)
				}
				delete(c.names, id)
			}
		}
		Must(t, st.Close())
	}
	t.Logf("%d rounds, %d answers", rounds, c.lines)
}
