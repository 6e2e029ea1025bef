package dcgen

import (
	_ "embed" // the dissector
	"fmt"
	"iter"
	"strings"

	"natstron/bridge/wire"
	"natstron/dc"
)

// dissector is the part of the Lua program that is the same for all DC files.
//
//go:embed dissector.lua
var dissector string

// Wireshark writes a program in Lua with which Wireshark shows messages: those of clients,
// and those of the message director.
func Wireshark(source Source) []byte {
	schema := source.File.Schema()
	w := &writer{}
	w.line("-- Shows Astron's messages in Wireshark, with the classes of %s.", source.from())
	w.line("-- Put this file into Wireshark's folder of Lua plugins: Help, About Wireshark, Folders.")
	w.line("-- Written by astrond dc wireshark.")
	w.line("\n-- The messages between clients and client agents.\nlocal CLIENT_MESSAGES = {")
	for _, m := range wire.ClientMsgTypes() {
		layout, _ := wire.ClientLayoutOf(m)
		w.line("\t[%d] = { name = %q, parts = %s },", uint16(m), layout.Name, luaParts(layout.Parts()))
	}
	w.line("}\n\n-- The messages of the cluster.\nlocal MESSAGES = {")
	for _, m := range wire.MsgTypes() {
		layout, _ := wire.LayoutOf(m)
		w.line("\t[%d] = { name = %q, parts = %s },", uint16(m), m.String(), luaParts(layout.Parts()))
	}
	w.line("}\n\n-- The structs of the DC files, and their members.\nlocal STRUCTS = {")
	for _, s := range schema.Structs {
		w.line("\t[%q] = %s,", s.Name, inLua.literal(s.Members))
	}
	w.line("}\n\n-- The dclasses, and the fields of each, inherited ones too.\nlocal CLASSES = {")
	for _, c := range schema.Classes {
		class, _ := source.File.ClassByID(c.ID)
		ids := []uint16{}
		for _, f := range class.Fields() {
			ids = append(ids, f.ID())
		}
		w.line("\t[%d] = { name = %q, fields = %s },", c.ID, c.Name, inLua.literal(ids))
	}
	w.line("}\n\n-- The fields, and what they carry.\nlocal FIELDS = {")
	byID := map[uint16]dc.FieldSchema{}
	for _, c := range schema.Classes {
		for _, f := range c.Fields {
			byID[f.ID] = f
			w.line("\t[%d] = %s,", f.ID, luaField(c, f, byID))
		}
	}
	w.line("}\n")
	w.WriteString(dissector)
	return []byte(w.String())
}

// luaField is a field: a molecular one has structs of its methods' arguments.
func luaField(c dc.ClassSchema, f dc.FieldSchema, byID map[uint16]dc.FieldSchema) string {
	set := map[string]int{}
	for _, k := range f.Keywords {
		set[k] = 1
	}
	molecular, members := "", f.Args
	switch {
	case f.Type != nil:
		members = []dc.ParamSchema{{Name: "value", Type: f.Type}}
	case f.Atomics != nil:
		molecular = "molecular = true, "
		for _, id := range f.Atomics {
			atomic := byID[id]
			members = append(members, dc.ParamSchema{Name: atomic.Name, Type: &dc.TypeSchema{Kind: "struct", Members: atomic.Args}})
		}
	}
	return fmt.Sprintf("{ name = %q, class = %q, keywords = %s, %smembers = %s }",
		f.Name, c.Name, inLua.literal(set), molecular, inLua.literal(members))
}

// luaParts are the arguments of a message: name, kind, and what is in a group.
func luaParts(parts iter.Seq[wire.Part]) string {
	var list []string
	for p := range parts {
		inner := ""
		if below := luaParts(p.Parts()); below != "{}" {
			inner = ", " + below
		}
		list = append(list, "{ "+quoted(p.Name)+", "+quoted(p.Kind.String())+inner+" }")
	}
	if list == nil {
		return "{}"
	}
	return "{ " + strings.Join(list, ", ") + " }"
}
