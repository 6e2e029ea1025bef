package rolestest

import (
	"fmt"
	"slices"
	"strings"

	"natstron/bridge/wire"
)

// effect is how far the effects of a step reach, as package bridge sees it.
type effect int

const (
	nothing effect = iota
	update         // others see something else
	change         // others hear something else
)

func (s step) effect() effect {
	switch s.kind {
	case wire.StateServerObjectSetField, wire.StateServerObjectSetFields, wire.StateServerObjectDeleteFieldRAM:
		return update
	case direct, wire.ClientAgentSendDatagram, wire.StateServerObjectGetLocation, wire.StateServerObjectGetAI,
		wire.StateServerObjectGetOwner, wire.StateServerObjectGetAll, wire.StateServerObjectGetZonesObjects,
		wire.StateServerObjectGetChildCount:
		return nothing
	}
	return change
}

// ordered reports whether all effects of step i must come before all of step j, which was
// sent behind it.
//
// Not ordered are:
//   - what is behind a question, or a message to somebody: only orders are waited for;
//   - updates of objects, and what else is for state servers: updates are what games
//     send most, and waiting for each would make their rate that of round trips.
//     Within one state server they are in order all the same;
//   - two deletions, or two interests, which may go on side by side;
//   - two messages for one object, or for the control channel, as far as a first one
//     leads to something in other processes: they arrive and are handled in order, and
//     thousands of objects can be created without a wait.
func (q *sequence) ordered(i, j int) bool {
	all := q.all()
	a, b := all[i], all[j]
	switch {
	case a.effect() == nothing,
		a.effect() == update && b.isForObjects(),
		a.kind == b.kind && a.kind == wire.StateServerObjectDeleteRAM,
		a.isInterest() && b.isInterest(),
		a.place == b.place && a.isForObjects():
		return false
	}
	return true
}

func (s step) isInterest() bool {
	return s.kind == wire.ClientAgentAddInterest || s.kind == wire.ClientAgentAddInterestMultiple
}

// isForObjects reports whether a step is for a state server and its objects.
func (s step) isForObjects() bool { return s.kind >= wire.StateServerCreateObjectWithRequired }

// excused reports whether a hearer may hear something else than in one process.
//
// An object that moves under a parent of another state server has to ask that for its
// AI. What is sent to the object right behind the move is there before the answer, and
// is for the AI that it had before.
//
// A session object that moves out of its client's sight is deleted by the client agent
// while it still asks for its new AI: two processes act on one order.
func (q *sequence) excused(hearer string) bool {
	moved := map[string]bool{}
	for _, s := range q.steps {
		if (moved[s.place] || moved["y's"] && s.kind == wire.StateServerObjectSetLocation) && (hearer == "ai" || hearer == "ai2") {
			return true
		}
		moved["y's"] = moved["y's"] || s.kind == wire.ClientAgentAddSessionObject
		moved[s.place] = moved[s.place] || s.kind == wire.StateServerObjectSetLocation
	}
	return false
}

// cuts reports whether a client may hear less: one that is dropped, since what is written
// to it and has not been read by then is lost.
func (q *sequence) cuts(hearer string) bool {
	return hearer == "y" && slices.ContainsFunc(q.steps, func(s step) bool { return s.kind == wire.ClientAgentDrop })
}

// mayHearMore reports whether a client may hear more, or less, of a step: the one that
// ends a session object of it, which ejects the client. What the same step leads to on
// another state server comes before or after that.
func (q *sequence) mayHearMore(hearer string) bool {
	want := q.want[hearer]
	return len(want) > 0 && want[len(want)-1].text == fmt.Sprint(wire.ClientEject, " ", uint16(wire.EjectSessionObjectDeleted))
}

// loose reports whether what is heard of a step may be something else, or nothing, since
// an order behind it may overtake it: it is an update or a question, which is not
// waited for, and concerns what that order changes.
func (q *sequence) loose(i int) bool {
	for j := i + 1; j < len(q.steps); j++ {
		if a, b := q.steps[i], q.steps[j]; a.effect() != change && a.isForObjects() && a.place != b.place &&
			b.effect() == change && !q.ordered(i, j) {
			return true
		}
	}
	return false
}

// check says what is wrong with what a hearer heard; nothing if it is right.
func (q *sequence) check(hearer string, got []string) string {
	var texts []string
	steps := map[string][]int{}
	for _, l := range q.want[hearer] {
		texts = append(texts, l.text)
		steps[l.text] = append(steps[l.text], l.step)
	}
	complain := func(format string, args ...any) string {
		return fmt.Sprintf(format, args...) + fmt.Sprintf(":\n\t%s\nand in one process:\n\t%s",
			strings.Join(got, "\n\t"), strings.Join(texts, "\n\t"))
	}
	if q.excused(hearer) {
		return ""
	}
	more, loose := q.mayHearMore(hearer), len(q.steps)
	for i := range q.steps {
		if q.loose(i) { // what is seen of later steps may be with it or without
			more, loose = true, min(loose, i)
		}
	}
	var of []int
	for _, text := range got {
		if len(steps[text]) > 0 {
			of = append(of, steps[text][0])
			steps[text] = steps[text][1:]
		} else if !more {
			return complain("heard %q", text)
		}
	}
	for text, missing := range steps {
		for _, i := range missing {
			if !q.cuts(hearer) && !q.mayHearMore(hearer) && (i >= len(q.steps) || i < loose) {
				return complain("heard nothing of %q: %q", q.all()[i].name, text)
			}
		}
	}
	for at, j := range of {
		for _, i := range of[at+1:] {
			if i < j && q.ordered(i, j) {
				return complain("heard of %q before %q", q.all()[j].name, q.all()[i].name)
			}
		}
	}
	return ""
}
