package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What may differ, with the reason.

// moment is a step of which somebody heard something else at the two daemons.
type moment struct {
	before []step
	last   *step
	*difference
}

// knownDifference is what may differ, with a reason in docs/protocol.md or a document that
// it names.
type knownDifference struct {
	why string
	// end: the two worlds are not the same any more, so the sequence ends.
	end bool
	is  func(moment) bool
}

var knownDifferences = []knownDifference{
	{"a value out of range ends the C++ daemon", true, func(m moment) bool { return m.tagged("bad value") && m.hearer == "all" }},
	{"a message that is cut off may not reach all that it is for there", false, func(m moment) bool {
		return m.tagged("cut") && m.onlyHere("! ")
	}},
	{"a required or molecular field in OTHER is kept twice there", true, func(m moment) bool {
		return slices.ContainsFunc(append(duckRequired, "setXY"), func(field string) bool { return m.ever("other " + field) })
	}},
	{"an object that leaves its parent tells its AI and its children here", true, func(m moment) bool {
		return m.here("CHANGING_AI") && !m.there("CHANGING_AI") ||
			m.once("LOCATION 0:0") && (slices.Equal(withoutRecipients(m.ours), withoutRecipients(m.theirs)) || m.here("_AI") || m.there("_AI"))
	}},
	{"ENTER_LOCATION straight to a client that does not look there", true, func(m moment) bool { return m.says("} ENTER_LOCATION") }},

	{"an interest that waits ends when its zones are closed here, and when its time is up there", true, func(m moment) bool {
		return m.says("INTEREST") && m.onlyHere("DONE_INTEREST_RESP", "GET_ZONES_OBJECTS")
	}},
	{"a REMOVE_INTEREST of an interest that is not open", true, func(m moment) bool {
		return m.says("CLIENTAGENT_REMOVE_INTEREST") && m.there("interest_id=0")
	}},

	{"a question that is cut off is answered with a failure here", false, func(m moment) bool {
		return m.tagged("cut") && len(m.theirs) == 0 && (m.here("do_id=0") || m.here("success=false"))
	}},
	{"questions of fields or objects that are unknown, or have no value, are answered here", false, func(m moment) bool {
		return m.says("GET_FIELD") && len(m.theirs) == 0 && m.here("success=false")
	}},
	{"a field twice in one message to the database: the first counts there, the last here", true, func(m moment) bool {
		return m.last.stores() && slices.ContainsFunc(append(slices.Clone(m.before), *m.last), func(s step) bool {
			return s.stores() && names(s.line, bookFields) > 1
		})
	}},
	{"GET_FIELDS of an inactive object: a wrong count there, and defaults of fields that are not required", false, func(m moment) bool {
		return m.says("{db") && m.says(" GET_FIELDS")
	}},
	{"GET_FIELD of a required field that is not stored", false, func(m moment) bool {
		return m.says(" GET_FIELD ") && m.there("success=false") && m.here("setShelf")
	}},
	{"a zone query is passed on to the children only if the parent knows of one there", false, func(m moment) bool {
		return m.onlyHere("GET_ZONES_OBJECTS")
	}},
	{"an object under itself or below is refused here", true, func(m moment) bool { return m.ever("cycle") }},
	{"a broadcast of an object without a location goes to the channel of its zone's number there", false, func(m moment) bool { return m.there(" to 0") }},
	{"messages with a doId, sent to the children of a parent, are for nobody here", true, func(m moment) bool {
		return m.ever("to children")
	}},
	{"an update of an object that the client owned, and owns no more, ends the client there", true, func(m moment) bool {
		return m.last.as == 0 && (m.there("error_code=117") || m.there("error_code=119")) && !m.here("error_code")
	}},
	{"an object that the client took out of its sight leaves with its ownership here", true, func(m moment) bool {
		return m.says("SET_OWNER") && m.onlyHere("CLIENT_OBJECT_LEAVING do_id")
	}},
	{"after a GET_ALL of an inactive object it is never activated there", true, func(m moment) bool {
		return m.says("ACTIVATE") && m.once("} GET_ALL")
	}},
	{"an object that the client moved is still in its old zone there, and leaves when that is closed", true, func(m moment) bool {
		return m.once("CLIENT_OBJECT_LOCATION") && m.says("INTEREST") && len(m.theirs) != len(m.ours) &&
			(m.there("CLIENT_OBJECT_LEAVING") || m.here("CLIENT_OBJECT_LEAVING") || m.there("error_code=153") || m.here("error_code=153"))
	}},
	{"an interest that closes takes the channel of a zone along there that was opened by itself", true, func(m moment) bool {
		return m.once("OPEN_CHANNEL 1") && m.once("INTEREST") && m.onlyHere("CLIENT_")
	}},
	{"SET_FIELDS is all or nothing here", true, func(m moment) bool {
		return m.once("SET_FIELDS") && m.ever("foreign field") || m.says("SET_FIELDS") && m.tagged("cut")
	}},
	{"SET_AI with the AI that the object has from its parent counts here", true, func(m moment) bool { return m.ever("same AI") }},
	{"what the database does not have is announced as deleted there", false, func(m moment) bool {
		return m.says("DELETE") && m.hearer == "watch" && len(m.ours) == 0 && m.there("DBSERVER_OBJECT_DELETE ")
	}},
	{"children that a parent never had are told of its AI, or deleted, there", false, func(m moment) bool { return m.onlyThere(" to 1:") }},
	{"what a client is told right before it is dropped is lost here", true, func(m moment) bool {
		return m.tagged("ends a client in a burst") && m.says("CLIENTAGENT_DROP") && m.here("ended")
	}},
	{"what a client leaves behind is done as soon as it is ejected here, and when its connection has ended there", true, func(m moment) bool {
		return m.ever("ends a client in a burst")
	}},
	{"the order of session objects, and of the objects that leave with one", true, func(m moment) bool {
		return m.there("error_code=153") && m.here("error_code=153") || m.once("ADD_SESSION_OBJECT") && (m.onlyHere("DELETE_") || m.onlyThere("DELETE_"))
	}},
	{"DELETE_CHILDREN leaves a wrong count there", true, func(m moment) bool {
		return m.once("DELETE_CHILDREN") && (m.here("ZONES_COUNT_RESP") || m.says("ADD_INTEREST") && m.onlyHere(""))
	}},
	{"a zone counts as active there once somebody has asked for it", false, func(m moment) bool { return m.says("GET_ACTIVE_ZONES") }},
	{"a client's message that is cut off has another code there", false, func(m moment) bool {
		return m.tagged("cut") && m.there("CLIENT_EJECT") && m.here("CLIENT_EJECT")
	}},
	{"a parent that is created after its children does not tell them its AI there", true, func(m moment) bool {
		return m.orphans() && (m.here("_AI") || m.there("_AI"))
	}},
	{"objects of the first class of the DC files are unreadable there", false, func(m moment) bool { return m.once("dclass=Gate") && m.says("{db") }},
	{"an interest waits for zones that another one waits for here", true, func(m moment) bool {
		done := func(line string) bool { return strings.Contains(line, "DONE_INTEREST_RESP") }
		return m.says("ADD_INTEREST") && m.there("DONE_INTEREST_RESP") &&
			same(slices.DeleteFunc(slices.Clone(m.theirs), done), slices.DeleteFunc(slices.Clone(m.ours), done))
	}},
	{"active objects take announcements of the database here", true, func(m moment) bool {
		return m.once("ACTIVATE") && m.once("DBSERVER_OBJECT_") && (m.here("db") || m.there("db"))
	}},
	{"a parent that is created after its children never acknowledges them there", true, func(m moment) bool {
		return m.orphans() && (m.says("ADD_INTEREST") && m.onlyHere("") || m.onlyHere("LOCATION_ACK"))
	}},
	{"implicit defaults of ranges without 0", true, func(m moment) bool { return m.there("setPrice(0)") && m.here("setPrice(5)") }},
	{"what is there of a message that is cut off, or what it says before more bytes, may count there", true, func(m moment) bool {
		return m.ever("cut") || m.ever("excess")
	}},
}

// known is why the last of the steps may differ; nil if nothing is known.
func known(steps []step, d *difference) *knownDifference {
	last := len(steps) - 1
	for i := range knownDifferences {
		if k := &knownDifferences[i]; k.is(moment{steps[:last], &steps[last], d}) {
			return k
		}
	}
	return nil
}

func (m moment) tagged(tag string) bool { return m.last.tagged(tag) }

// ever reports whether this step or one before is tagged.
func (m moment) ever(tag string) bool {
	return m.tagged(tag) || slices.ContainsFunc(m.before, func(s step) bool { return slices.Contains(s.tags, tag) })
}

// once reports whether this step or one before says something.
func (m moment) once(what string) bool {
	return m.says(what) || slices.ContainsFunc(m.before, func(s step) bool { return strings.Contains(s.line, what) })
}

// orphans reports whether an object was created that had been named as a parent before.
func (m moment) orphans() bool {
	lines := ""
	for _, s := range append(slices.Clone(m.before), *m.last) {
		lines += " " + s.line
	}
	for do := firstRoot; do <= lastDuck; do++ {
		child := strings.Index(lines, fmt.Sprintf(" %d:1", do))
		created := regexp.MustCompile(fmt.Sprintf("CREATE_OBJECT_WITH_REQUIRED(_OTHER)? %d ", do)).FindAllStringIndex(lines, -1)
		if n := len(created); child >= 0 && n > 0 && child < created[n-1][0] {
			return true
		}
	}
	return false
}

func (m moment) says(what string) bool  { return strings.Contains(m.last.line, what) }
func (m moment) there(what string) bool { return someLine(m.theirs, what) }
func (m moment) here(what string) bool  { return someLine(m.ours, what) }

// onlyHere and onlyThere report whether all that differs is lines with one of some texts that are
// heard there, or here.
func (m moment) onlyHere(what ...string) bool  { return onlyIn(m.ours, m.theirs, what) }
func (m moment) onlyThere(what ...string) bool { return onlyIn(m.theirs, m.ours, what) }

func onlyIn(rest, others, what []string) bool {
	rest = slices.Clone(rest)
	for _, line := range others {
		i := slices.Index(rest, line)
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, text := range what {
		rest = slices.DeleteFunc(rest, func(line string) bool { return strings.Contains(line, text) })
	}
	return len(rest) == 0
}

func someLine(lines []string, what string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, what) })
}

// withoutRecipients is lines as they are, but for whom they are.
func withoutRecipients(lines []string) (all []string) {
	for _, line := range lines {
		text, _, _ := strings.Cut(line, " to ")
		all = append(all, text)
	}
	return all
}

// names is how often a line names the field that it names most often.
func names(line string, fields []string) (most int) {
	for _, f := range fields {
		most = max(most, strings.Count(line+" ", " "+f+"("))
	}
	return most
}
