package dc

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The JSON of a schema is what other languages read.
func TestSchema(t *testing.T) {
	f, err := Parse([]Source{{"a.dc", `
		keyword p2p;
		struct Colour { uint8(0-100) red; uint8(0-100) green; };
		dclass Node {
			setX(int16 / 10 (-5-5) x) broadcast ram;
			setY(int16 % 360 / 10 y) broadcast ram;
			setXY : setX, setY;
			nothing() p2p;
		};
		dclass Toon : Node {
			Colour colour = {1, 2} required;
			setLists(int8array a, string(5) b, blob(1-2) c, Colour d[3], string e[2], uint32 f[2-4, 8]);
			setBig(int64(0-9007199254740996) a, char('a'-'f') b, Gone c);
			setKind(switch (uint8 kind) { case 1: string name; break; default: uint8; } what);
		};`}})
	must(t, err)
	b, err := json.Marshal(f.Schema())
	must(t, err)
	var got, want any
	must(t, json.Unmarshal(b, &got))
	must(t, json.Unmarshal([]byte(`{
		"hash": 0,
		"structs": [{"name": "Colour", "members": [
			["red", {"kind": "uint8", "range": [[0, 100]]}], ["green", {"kind": "uint8", "range": [[0, 100]]}]]}],
		"classes": [
			{"name": "Node", "id": 1, "fields": [
				{"id": 2, "name": "setX", "keywords": ["broadcast", "ram"], "args": [["x", {"kind": "int16", "divisor": 10, "range": [[-50, 50]]}]]},
				{"id": 3, "name": "setY", "keywords": ["broadcast", "ram"], "args": [["y", {"kind": "int16", "divisor": 10, "modulus": "3600"}]]},
				{"id": 4, "name": "setXY", "keywords": ["broadcast", "ram"], "atomics": [2, 3]},
				{"id": 5, "name": "nothing", "keywords": ["p2p"], "args": []}]},
			{"name": "Toon", "id": 2, "bases": ["Node"], "fields": [
				{"id": 6, "name": "colour", "keywords": ["required"], "type": {"kind": "struct", "name": "Colour"}},
				{"id": 7, "name": "setLists", "args": [
					["a", {"kind": "array", "of": "int8"}], ["b", {"kind": "string", "size": 5}], ["c", {"kind": "blob", "range": [[1, 2]]}],
					["d", {"kind": "array", "of": {"kind": "struct", "name": "Colour"}, "size": 3}],
					["e", {"kind": "array", "of": "string", "count": [[2, 2]]}],
					["f", {"kind": "array", "of": "uint32", "count": [[2, 4], [8, 8]]}]]},
				{"id": 8, "name": "setBig", "args": [
					["a", {"kind": "int64", "range": [[0, "9007199254740996"]]}], ["b", {"kind": "char", "range": [[97, 102]]}],
					["c", {"kind": "undeclared", "name": "Gone"}]]},
				{"id": 9, "name": "setKind", "args": [
					["what", {"kind": "switch", "key": ["kind", "uint8"], "cases": [["01", [["name", "string"]]]], "default": [["_1", "uint8"]]}]]}
			]}
		]}`), &want))
	want.(map[string]any)["hash"] = float64(f.Hash())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, b)
	}
}
