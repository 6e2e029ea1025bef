package dc

import (
	"slices"
	"strings"
)

// Keyword is a set of the keywords that every DC file knows without declaring
// them. They say where the updates of a field go, who may send them, and what
// is kept (protocol document 12, "Distributed object fields"). What a file
// declares itself is asked for by name: [Field.HasNamed].
type Keyword uint16

// The built-in keywords. Their bits are those that enter the legacy hash.
const (
	Required  Keyword = 1 << iota // has a value whenever the object exists
	Broadcast                     // updates go to all who see the object's location
	Ownrecv                       // updates go to the owner
	RAM                           // the value is kept while the object exists
	DB                            // the value is kept in the database
	Clsend                        // any client that sees the object may send updates
	Clrecv                        // clients see the value when the object enters
	Ownsend                       // the owner may send updates
	Airecv                        // updates go to the object's AI
)

// builtin are the built-in keywords in the order of their bits.
var builtin = [...]string{
	"required", "broadcast", "ownrecv", "ram", "db", "clsend", "clrecv", "ownsend", "airecv",
}

// KeywordNamed returns the built-in keyword of that name.
func KeywordNamed(name string) (Keyword, bool) {
	i := slices.Index(builtin[:], name)
	if i < 0 {
		return 0, false
	}
	return 1 << i, true
}

// String lists the names, separated by spaces.
func (k Keyword) String() string {
	var names []string
	for i, n := range builtin {
		if k&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return strings.Join(names, " ")
}

// customHash stands in a keyword list's flags once the list has a keyword that
// is not built in, or is but was declared in a file. The hash then takes the
// keywords' names instead of their bits.
const customHash = ^uint32(0)

// keywordList is the keywords of one field.
type keywordList struct {
	bits  Keyword
	names []string // in the order written, each once
	flags uint32   // what the hash takes, or customHash
}

// add puts a keyword into the list; declared says that a file declared it.
func (l *keywordList) add(name string, declared bool) {
	if l.has(name) {
		return
	}
	l.names = append(l.names, name)
	bit, ok := KeywordNamed(name)
	l.bits |= bit
	if ok && !declared {
		l.flags |= uint32(bit)
	} else {
		l.flags = customHash
	}
}

// same reports whether both lists hold the same keywords, in any order.
func (l *keywordList) same(other *keywordList) bool {
	missing := func(name string) bool { return !other.has(name) }
	return len(l.names) == len(other.names) && !slices.ContainsFunc(l.names, missing)
}

func (l *keywordList) has(name string) bool { return slices.Contains(l.names, name) }
