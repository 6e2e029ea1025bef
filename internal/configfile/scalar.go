package configfile

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"natstron/bridge/wire"
)

// scalar is a value written as a single word or text: how to read it and which ones
// are refused.
type scalar struct {
	noun       string // in messages: "an address"
	constraint string
	def        any
	// unset is how the zero value is shown, if not as it is.
	unset string
	// parse reads a text as a string, bool, uint64, int64 or netip.Prefix.
	parse func(text string) (any, *wrong)
	show  func(v any) string
	set   func(into reflect.Value, v any)
	get   func(from reflect.Value) any

	file     fileKind // what a file that it names must be
	path     bool     // it names a file or a folder
	listens  string   // tcp or udp, if it is an address to listen on
	connects bool     // it is an address to connect to
	// alone is what to do about a second value of the same kind.
	alone string
	// refuse is why a switch cannot be on.
	refuse string
}

func (s *scalar) reset(into reflect.Value) { s.put(into, s.def) }

func (s *scalar) put(into reflect.Value, v any) {
	if into.IsValid() {
		s.set(into, v)
	}
}

func (s *scalar) decode(d *decoder, n node, path string, into reflect.Value) {
	text, ok := d.text(n, path, s.noun)
	if !ok {
		return
	}
	v, w := s.parse(text)
	if w != nil {
		d.fault(path, w.problem, w.fix)
		return
	}
	if s.path {
		v = d.file.relative(text)
	}
	if s.file != noFile {
		d.file.files = append(d.file.files, namedFile{path, text, s.file})
	}
	if !into.IsValid() {
		d.file.unread[path] = v
	}
	s.put(into, v)
}

func (s *scalar) walk(path string, from reflect.Value, v visitor) { v.scalar(path, s, from) }

func (s *scalar) describe(k Key, out *[]Key) {
	k.Type = s.kind()
	k.Constraint = s.constraint
	if !k.Required {
		k.Default = s.text(s.def)
	}
	*out = append(*out, k)
}

// kind is the noun without its article.
func (s *scalar) kind() string {
	return strings.TrimPrefix(strings.TrimPrefix(s.noun, "an "), "a ")
}

// text is a value as the file would write it.
func (s *scalar) text(v any) string {
	if s.unset != "" && reflect.ValueOf(v).IsZero() {
		return s.unset
	}
	return s.show(v)
}

// but adds a test to a value's constraints.
func (s *scalar) but(constraint string, refuse func(any) *wrong) {
	s.constraint = strings.TrimPrefix(s.constraint+"; "+constraint, "; ")
	if refuse == nil {
		return
	}
	inner := s.parse
	s.parse = func(text string) (any, *wrong) {
		v, w := inner(text)
		if w == nil {
			w = refuse(v)
		}
		return v, w
	}
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	prefixType   = reflect.TypeFor[netip.Prefix]()
	zonesType    = reflect.TypeFor[wire.ZoneRange]()
	channelType  = reflect.TypeFor[wire.Channel]()
	doIDType     = reflect.TypeFor[wire.DoID]()
)

// scalarOf makes a scalar of a field's type and its tags. It panics where they make
// no sense.
func scalarOf(f reflect.StructField) *scalar {
	s := &scalar{
		show: func(v any) string { return fmt.Sprint(v) }, set: setField, get: getField,
		alone: f.Tag.Get("alone"), refuse: f.Tag.Get("refuse"),
	}
	is := f.Tag.Get("is")
	switch t := f.Type; {
	case f.Tag.Get("choices") != "":
		s.choice(strings.Fields(f.Tag.Get("choices")))
	case is == "size":
		s.size(f.Tag)
	case t == durationType:
		s.duration(is, f.Tag)
	case t == channelType:
		s.channel()
	case t == doIDType:
		s.doID()
	case t == prefixType:
		s.network()
	case t == zonesType:
		s.zones()
	case t.Kind() == reflect.Bool:
		s.boolean(is == "not")
	case t.Kind() == reflect.String:
		s.string(is, f.Tag)
	default:
		s.number(t, f.Tag)
	}
	if but := f.Tag.Get("but"); but != "" {
		s.but(but, nil)
	}
	if called := f.Tag.Get("called"); called != "" {
		s.noun = called
	}
	if unset := f.Tag.Get("unset"); unset != "" {
		s.unset = unset
	}
	if s.refuse != "" {
		s.but("false", func(v any) *wrong {
			if v.(bool) {
				return &wrong{s.refuse, "take the line out"}
			}
			return nil
		})
	}
	s.def = s.zero(f)
	return s
}

// zero is the default: what the tag says, or nothing.
func (s *scalar) zero(f reflect.StructField) any {
	text, ok := f.Tag.Lookup("default")
	if !ok {
		return s.get(reflect.Zero(f.Type))
	}
	v, w := s.parse(text)
	if w != nil {
		panic(fmt.Sprintf("configfile: the default of %s: %s", f.Name, w.problem))
	}
	return v
}

func setField(into reflect.Value, v any) {
	switch v := v.(type) {
	case string:
		into.SetString(v)
	case bool:
		into.SetBool(v)
	case uint64:
		if into.CanInt() {
			into.SetInt(int64(v))
		} else {
			into.SetUint(v)
		}
	case int64:
		into.SetInt(v)
	case netip.Prefix, wire.ZoneRange:
		into.Set(reflect.ValueOf(v))
	}
}

func getField(from reflect.Value) any {
	switch {
	case from.Type() == prefixType, from.Type() == zonesType:
		return from.Interface()
	case from.Kind() == reflect.String:
		return from.String()
	case from.Kind() == reflect.Bool:
		return from.Bool()
	case from.Type() == durationType:
		return from.Int()
	case from.CanInt():
		return uint64(from.Int())
	}
	return from.Uint()
}

// choice takes one of a few words. In a field that is no string, the place of the word
// among them stands for it.
func (s *scalar) choice(words []string) {
	s.noun, s.constraint = "a word", "one of "+strings.Join(words, ", ")
	index := func(text string) int {
		for i, w := range words {
			if w == text {
				return i
			}
		}
		return -1
	}
	s.parse = func(text string) (any, *wrong) {
		if index(text) < 0 {
			return nil, &wrong{show(text) + " is not one of the choices", didYouMean(text, words)}
		}
		return text, nil
	}
	s.set = func(into reflect.Value, v any) {
		switch i := index(v.(string)); into.Kind() {
		case reflect.String:
			into.SetString(v.(string))
		case reflect.Bool:
			into.SetBool(i == 1)
		default:
			into.SetUint(uint64(i))
		}
	}
	s.get = func(from reflect.Value) any {
		switch from.Kind() {
		case reflect.String:
			return from.String()
		case reflect.Bool:
			if from.Bool() {
				return words[1]
			}
			return words[0]
		}
		return words[from.Uint()]
	}
}

// boolean takes a switch. Astron's files write true and false, yes and no, on and off,
// in any case; all of them are taken. An inverted one is false in the field where the
// file says true.
func (s *scalar) boolean(inverted bool) {
	s.noun = "true or false"
	s.parse = parseBool
	if inverted {
		s.set = func(into reflect.Value, v any) { into.SetBool(!v.(bool)) }
		s.get = func(from reflect.Value) any { return !from.Bool() }
	}
}

// number takes a whole number between two limits, both included.
func (s *scalar) number(t reflect.Type, tag reflect.StructTag) {
	least, most := limit(tag, "min", 0), limit(tag, "max", uint64(1)<<(t.Bits()-1)-1)
	if strings.HasPrefix(t.Kind().String(), "uint") {
		most = limit(tag, "max", uint64(1)<<t.Bits()-1)
	}
	s.noun, s.constraint = "a number", fmt.Sprintf("%d to %d", least, most)
	s.parse = func(text string) (any, *wrong) {
		n, w := parseNumber(text, most)
		if w == nil && n < least {
			w = &wrong{show(text) + " is too small", fmt.Sprintf("write a number from %d to %d", least, most)}
		}
		return n, w
	}
}

func limit(tag reflect.StructTag, name string, otherwise uint64) uint64 {
	text := tag.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		panic(fmt.Sprintf("configfile: the limit %q: %v", text, err))
	}
	return n
}

// parseBool reads the words that YAML 1.1 has for a switch.
func parseBool(text string) (any, *wrong) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "y":
		return true, nil
	case "false", "no", "off", "n":
		return false, nil
	}
	return nil, &wrong{show(text) + " is neither true nor false", "write true or false"}
}
