package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/ask"
)

// directory is the accounts by their names: a copy of what one object in the database has. It
// changes only together with that.
type directory map[string]wire.DoID

var errTaken = errors.New("somebody else has that name")

// load reads the directory, or creates it in a new database.
func (l *logins) load(then func(error)) {
	l.Ask(l.db.Get("Directory", l.Directory, []string{"entries"}, func(stored ask.Values, err error) {
		switch {
		case errors.Is(err, ask.ErrNotFound):
			l.Ask(l.db.Create("Directory", ask.Values{"entries": []any{}}, func(do wire.DoID, err error) {
				if err == nil && do != l.Directory {
					err = fmt.Errorf("the directory is to be object %d, and the database gave it %d: use a new database, or change the key directory", l.Directory, do)
				}
				then(err)
			}))
		case err != nil:
			then(err)
		default:
			l.names = read(stored)
			l.Log().Info("the directory is loaded", "accounts", len(l.names))
			then(nil)
		}
	}))
}

// add adds a name to the directory. If somebody else has changed it meanwhile, it tries again
// with what is there now: the database sets it only if it is what this role believes it to be.
func (l *logins) add(name string, account wire.DoID, then func(error)) {
	if _, taken := l.names[name]; taken {
		then(errTaken)
		return
	}
	before, after := l.names, directory{name: account}
	for name, account := range before {
		after[name] = account
	}
	l.Ask(l.db.SetIf("Directory", l.Directory, before.values(), after.values(), func(current ask.Values, err error) {
		switch {
		case errors.Is(err, ask.ErrChanged):
			l.names = read(current)
			l.add(name, account, then)
		case err != nil:
			then(err)
		default:
			l.names = after
			then(nil)
		}
	}))
}

func read(v ask.Values) directory {
	d := directory{}
	entries, _ := v["entries"].([]any)
	for _, e := range entries {
		entry, _ := e.(dc.Record)
		name, _ := entry.Get("name")
		account, _ := entry.Get("account")
		text, _ := name.(string)
		number, _ := account.(uint32)
		d[text] = wire.DoID(number)
	}
	return d
}

// values are the directory as the database has it: in the order of the names, so that the same
// directory is always the same bytes.
func (d directory) values() ask.Values {
	entries := []any{}
	for _, name := range slices.Sorted(maps.Keys(d)) {
		entries = append(entries, []any{name, uint32(d[name])})
	}
	return ask.Values{"entries": entries}
}
