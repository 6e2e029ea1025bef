package dcgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"natstron/dc"
)

// reservedTS are names that a declaration at the top of a module cannot have, or that
// the module uses.
const reservedTS = `natstron dc keywords Keyword Omit Uint8Array Array
	break case catch class const continue debugger default delete do else enum export extends false finally for
	function if import in instanceof new null return super switch this throw true try typeof var void while with
	implements interface let package private protected public static yield await async any boolean number string
	symbol bigint object never unknown undefined type arguments eval NaN Infinity`

// typeScript writes a module.
type typeScript struct {
	writer
	source  Source
	schema  *dc.Schema
	taken   names
	structs map[string]string // the name of the interface of each struct
	fields  map[string]string // the name of the interface of the fields of each dclass
	has     map[string][]string
}

// TypeScript writes a module for the package natstron-client.
func TypeScript(source Source) []byte {
	t := &typeScript{
		source: source, schema: source.File.Schema(), taken: newNames(reservedTS),
		structs: map[string]string{}, fields: map[string]string{}, has: map[string][]string{},
	}
	classes := map[string]string{}
	for _, c := range t.schema.Classes {
		classes[c.Name] = t.taken.pick(c.Name)
	}
	for _, c := range t.schema.Classes {
		t.fields[c.Name] = t.taken.pick(c.Name + "Fields")
	}
	for _, s := range t.schema.Structs {
		name := s.Name
		if classes[name] != "" {
			name += "Value"
		}
		t.structs[s.Name] = t.taken.pick(name)
	}
	t.line("// Written by `astrond dc gen ts` from %s. Do not change it: change the DC file, and run it again.", source.from())
	t.line("\nimport * as natstron from \"natstron-client\";")
	for i, c := range structClasses(source.File, t.schema) {
		t.structType(c, t.schema.Structs[i])
	}
	for _, c := range t.schema.Classes {
		t.class(c, classes[c.Name])
	}
	t.line("\n/** The keywords that fields can have. */")
	t.line("export const keywords = %s as const;", inTypeScript.literal(keywords(source.File)))
	t.line("export type Keyword = (typeof keywords)[number];")
	t.description()
	return []byte(t.String())
}

func (t *typeScript) structType(c *dc.Class, s dc.StructSchema) {
	kind := "struct"
	if !c.IsStruct() {
		kind = "dclass, as a value,"
	}
	t.line("\n/** The %s %s. */", kind, c.Name())
	t.line("export interface %s {", t.structs[c.Name()])
	for i, p := range c.Type().Params() {
		t.line("  /** `%s` */", p)
		t.line("  %s: %s;", inTypeScript.key(s.Members[i].Name), t.typ(s.Members[i].Type))
	}
	t.line("}")
}

func (t *typeScript) class(c dc.ClassSchema, name string) {
	class, _ := t.source.File.ClassByID(c.ID)
	t.line("\n/** What the fields of the dclass %s carry. */", c.Name)
	t.line("export interface %s%s {", t.fields[c.Name], t.extends(c))
	for _, f := range c.Fields {
		if f.Name == "" {
			continue // nobody can name it, either
		}
		field, _ := class.Field(f.ID)
		t.line("  /** `%s` */", field)
		t.line("  %s: [%s];", inTypeScript.key(f.Name), t.args(c, f))
	}
	t.line("}")
	t.line("\n/** The dclass %s. */", c.Name)
	t.line("export class %s extends natstron.DistributedObject<%s> {", name, t.fields[c.Name])
	t.line("  static readonly dclass: string = %q;", c.Name)
	t.line("}")
}

// extends says what a class inherits. A field hides those of the same name, and those of
// the first base hide those of the others.
func (t *typeScript) extends(c dc.ClassSchema) string {
	hidden := []string{}
	for _, f := range c.Fields {
		if f.Name != "" {
			hidden = append(hidden, f.Name)
		}
	}
	var parts []string
	for _, b := range c.Bases {
		base := t.fields[b]
		var omit []string
		for _, name := range t.has[b] {
			if slices.Contains(hidden, name) {
				omit = append(omit, strconv.Quote(name))
			}
		}
		if len(omit) > 0 {
			base = fmt.Sprintf("Omit<%s, %s>", base, strings.Join(omit, " | "))
		}
		parts = append(parts, base)
		for _, name := range t.has[b] {
			if !slices.Contains(hidden, name) {
				hidden = append(hidden, name)
			}
		}
	}
	t.has[c.Name] = hidden
	if len(parts) == 0 {
		return ""
	}
	return " extends " + strings.Join(parts, ", ")
}

// args are the elements of the tuple of a field's values.
func (t *typeScript) args(c dc.ClassSchema, f dc.FieldSchema) string {
	var all []string
	switch {
	case f.Type != nil:
		all = append(all, "value: "+t.typ(f.Type))
	case f.Atomics != nil:
		class, _ := t.source.File.ClassByID(c.ID)
		field, _ := class.Field(f.ID)
		for _, a := range field.Atomics() {
			all = append(all, "..."+t.fields[a.Class().Name()]+"["+strconv.Quote(a.Name())+"]")
		}
	default:
		for _, p := range f.Args {
			label := newNames(reservedTS).pick(p.Name)
			all = append(all, label+": "+t.typ(p.Type))
		}
	}
	return strings.Join(all, ", ")
}

func (t *typeScript) typ(s *dc.TypeSchema) string {
	switch s.Kind {
	case "int64", "uint64":
		return "bigint"
	case "char", "string":
		return "string"
	case "blob", "blob32":
		return "Uint8Array"
	case "array":
		of := t.typ(s.Of)
		if strings.ContainsAny(of, " |") {
			return "Array<" + of + ">"
		}
		return of + "[]"
	case "struct":
		if s.Members == nil {
			return t.structs[s.Name]
		}
		return t.record(s.Members)
	case "switch":
		return t.union(s)
	case "undeclared":
		return "never"
	}
	return "number"
}

func (t *typeScript) record(members []dc.ParamSchema) string {
	parts := make([]string, len(members))
	for i, m := range members {
		parts[i] = inTypeScript.key(m.Name) + ": " + t.typ(m.Type)
	}
	if len(parts) == 0 {
		return "Record<string, never>"
	}
	return "{ " + strings.Join(parts, "; ") + " }"
}

// union is the type of a switch: a record for each case, which the key tells apart.
func (t *typeScript) union(s *dc.TypeSchema) string {
	var parts []string
	key := inTypeScript.key(s.Key.Name) + ": "
	add := func(keyType string, members []dc.ParamSchema) {
		record := "{ " + key + keyType
		for _, m := range members {
			record += "; " + inTypeScript.key(m.Name) + ": " + t.typ(m.Type)
		}
		if record += " }"; !slices.Contains(parts, record) {
			parts = append(parts, record)
		}
	}
	for _, c := range s.Cases {
		add(t.keyLiteral(s.Key.Type, c.Value), c.Members)
	}
	if s.Default != nil {
		add(t.typ(s.Key.Type), s.Default)
	}
	if len(parts) == 0 {
		return "never"
	}
	return strings.Join(parts, " | ")
}

// keyLiteral is the type of a key with one value, if there is one.
func (t *typeScript) keyLiteral(s *dc.TypeSchema, packed []byte) string {
	n := uint64(0)
	for i, b := range packed {
		n |= uint64(b) << (8 * min(i, 7))
	}
	shift := 64 - 8*min(len(packed), 8)
	switch s.Kind {
	case "uint8", "uint16", "uint32":
		if s.Divisor == 0 {
			return strconv.FormatUint(n, 10)
		}
	case "int8", "int16", "int32":
		if s.Divisor == 0 {
			return strconv.FormatInt(int64(n<<shift)>>shift, 10)
		}
	case "uint64":
		return strconv.FormatUint(n, 10) + "n"
	case "int64":
		return strconv.FormatInt(int64(n), 10) + "n"
	case "string":
		if s.Size == nil && len(packed) >= 2 && strconv.QuoteToASCII(string(packed[2:])) == quoted(string(packed[2:])) {
			return quoted(string(packed[2:]))
		}
	}
	return t.typ(s)
}

// description writes what a client packs and reads values with, a field a line.
func (t *typeScript) description() {
	t.line("\n/** What a client packs and reads values with. */")
	t.line("export const dc: natstron.Schema = {")
	t.line("  hash: 0x%08x,", t.schema.Hash)
	t.line("  structs: [")
	for _, s := range t.schema.Structs {
		t.line("    %s,", inTypeScript.literal(s))
	}
	t.line("  ],")
	t.line("  classes: [")
	for _, c := range t.schema.Classes {
		bases := ""
		if c.Bases != nil {
			bases = " bases: " + inTypeScript.literal(c.Bases) + ","
		}
		t.line("    {")
		t.line("      name: %q, id: %d,%s", c.Name, c.ID, bases)
		t.line("      fields: [")
		for _, f := range c.Fields {
			t.line("        %s,", inTypeScript.literal(f))
		}
		t.line("      ],")
		t.line("    },")
	}
	t.line("  ],")
	t.line("};")
}
