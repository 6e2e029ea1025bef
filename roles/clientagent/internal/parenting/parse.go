package parenting

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"natstron/bridge/wire"
	"natstron/dc"
)

// FieldName is the field that holds a parent's rule.
const FieldName = "setParentingRules"

// MaxZones bounds the zones that one rule may show at once.
const MaxZones = 4096

// maxRepeated is how much of a text that is no rule is repeated.
const maxRepeated = 100

// Parse reads a rule. An error says what is wrong, and what would be right.
func Parse(kind, text string) (Rule, error) {
	switch kind {
	case "", "Stated": // without a value, the field's is empty
		return Rule{}, nil
	case "Follow":
		return Rule{Kind: Follow}, nil
	case "Cartesian", "CartesianStated":
		return parseCartesian(text)
	case "Auto":
		return parseAuto(text)
	}
	return Rule{}, fmt.Errorf("there is no type %q: want Stated, Follow, Cartesian or Auto", shortened(kind))
}

func shortened(text string) string { return text[:min(len(text), maxRepeated)] }

func parseCartesian(text string) (Rule, error) {
	parts := strings.SplitN(text, ":", 4)
	if len(parts) != 3 {
		return Rule{}, fmt.Errorf("%q is not startZone:gridSize:radius", shortened(text))
	}
	var n [3]uint32
	for i, part := range parts {
		var err error
		if n[i], err = number(part); err != nil {
			return Rule{}, err
		}
	}
	r := Rule{Kind: Cartesian, Start: wire.Zone(n[0]), Size: n[1], Radius: n[2]}
	cells := uint64(r.Size) * uint64(r.Size)
	if r.Size == 0 || cells > math.MaxUint32+1-uint64(r.Start) {
		return Rule{}, fmt.Errorf("a grid of %d × %d cells from zone %d on does not fit: the last zone is %d", r.Size, r.Size, r.Start, uint32(math.MaxUint32))
	}
	if across := min(2*uint64(r.Radius)+1, uint64(r.Size)); across*across > MaxZones {
		return Rule{}, fmt.Errorf("a radius of %d shows %d zones at once: at most %d are allowed", r.Radius, across*across, MaxZones)
	}
	return r, nil
}

func parseAuto(text string) (Rule, error) {
	origin, list, ok := strings.Cut(text, ":")
	if !ok {
		return Rule{}, fmt.Errorf("%q is not originZone:zone|zone|…", shortened(text))
	}
	n, err := number(origin)
	if err != nil {
		return Rule{}, err
	}
	r := Rule{Kind: Auto, Origin: wire.Zone(n)}
	for part := range strings.SplitSeq(list, "|") {
		if part == "" {
			continue
		}
		n, err := number(part)
		if err != nil {
			return Rule{}, err
		}
		r.Extra = append(r.Extra, wire.Zone(n))
	}
	slices.Sort(r.Extra)
	r.Extra = slices.Compact(r.Extra)
	switch {
	case len(r.Extra) == 0:
		return Rule{}, fmt.Errorf("%q names no zone after its origin: want originZone:zone|zone|…", shortened(text))
	case len(r.Extra) > MaxZones:
		return Rule{}, fmt.Errorf("it names %d zones: at most %d are allowed", len(r.Extra), MaxZones)
	}
	return r, nil
}

func number(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || text[0] == '+' {
		return 0, fmt.Errorf("%q is not a number from 0 to %d", shortened(text), uint32(math.MaxUint32))
	}
	return uint32(n), nil
}

// ErrField says that a class's field of that name is something else.
var ErrField = errors.New("its " + FieldName + " does not take two strings, type and rule")

// FieldOf is the field of a class that holds the rule; nil if it has none. The error is
// [ErrField].
func FieldOf(class *dc.Class) (*dc.Field, error) {
	f, ok := class.FieldByName(FieldName)
	if !ok {
		return nil, nil
	}
	if _, _, err := texts(f, f.DefaultPacked()); err != nil {
		return nil, err
	}
	return f, nil
}

// Read reads a packed value of such a field.
func Read(f *dc.Field, packed []byte) (Rule, error) {
	kind, rule, err := texts(f, packed)
	if err != nil {
		return Rule{}, err
	}
	return Parse(kind, rule)
}

// texts are the two arguments of a value.
func texts(f *dc.Field, packed []byte) (kind, rule string, err error) {
	v, err := f.Unpack(packed)
	if err != nil {
		return "", "", err
	}
	arguments, ok := v.(dc.Record)
	if !ok || len(arguments) != 2 {
		return "", "", ErrField
	}
	kind, isText := arguments[0].Value.(string)
	rule, isTextToo := arguments[1].Value.(string)
	if !isText || !isTextToo {
		return "", "", ErrField
	}
	return kind, rule, nil
}

// CheckClasses tells of the classes whose defaults are no rules.
func CheckClasses(file *dc.File, report func(class *dc.Class, err error)) {
	for _, class := range file.Classes() {
		f, err := FieldOf(class)
		if err == nil && f != nil {
			_, err = Read(f, f.DefaultPacked())
		}
		if err != nil {
			report(class, err)
		}
	}
}
