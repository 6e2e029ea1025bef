package rolestest

import (
	"fmt"
	"slices"
	"strings"

	"natstron/internal/wire"
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
	case wire.StateServerObjectSetField, wire.StateServerObjectSetFields, wire.StateServerObjectDeleteFieldRAM,
		wire.StateServerObjectDeleteRAM:
		return update
	case direct, wire.ClientAgentSendDatagram, wire.StateServerObjectGetLocation, wire.StateServerObjectGetAI,
		wire.StateServerObjectGetOwner, wire.StateServerObjectGetAll, wire.StateServerObjectGetZonesObjects,
		wire.StateServerObjectGetChildCount:
		return nothing
	}
	return change
}

// toObject says whether a step goes to an object of a state server.
func (s step) toObject() bool {
	return s.kind >= wire.StateServerCreateObjectWithRequired && s.kind != wire.StateServerCreateObjectWithRequired
}

// ordered says whether all effects of step i come before all of step j, which was
// sent behind it.
func (q *sequence) ordered(i, j int) bool {
	all := q.all()
	a, b := all[i], all[j]
	switch a.effect() {
	case change:
		return true
	case update:
		return !b.toObject()
	}
	return false
}

// check says what is wrong with what a hearer heard; nothing if it is right.
func (q *sequence) check(hearer string, got []string) string {
	want := q.want[hearer]
	var texts []string
	steps := map[string][]int{}
	for _, l := range want {
		texts = append(texts, l.text)
		steps[l.text] = append(steps[l.text], l.step)
	}
	if !slices.Equal(sorted(texts), sorted(got)) {
		return fmt.Sprintf("heard\n\t%s\nand in one process\n\t%s", strings.Join(got, "\n\t"), strings.Join(texts, "\n\t"))
	}
	var of []int
	for _, text := range got {
		of = append(of, steps[text][0])
		steps[text] = steps[text][1:]
	}
	for at, j := range of {
		for _, i := range of[at+1:] {
			if i < j && q.ordered(i, j) {
				return fmt.Sprintf("heard of %q before %q:\n\t%s\nand in one process\n\t%s", q.all()[j].name, q.all()[i].name,
					strings.Join(got, "\n\t"), strings.Join(texts, "\n\t"))
			}
		}
	}
	return ""
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
