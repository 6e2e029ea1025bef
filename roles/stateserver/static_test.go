package stateserver

import (
	"context"
	"strings"
	"testing"

	"natstron/dc"
)

// What is wrong with static objects is found before anything starts.
func TestCheckStatic(t *testing.T) {
	file, err := dc.Parse([]dc.Source{{Name: "t.dc", Text: `
		struct Point { int8 x; };
		dclass Root { setTitle(string) required; setAge(uint8(0-9)) ram; tell(string); };`}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		object StaticObject
		want   string
	}{
		"sound":           {StaticObject{ID: 5000, Class: "Root", Fields: map[string]string{"setTitle": `"x"`, "setAge": "(3)"}}, ""},
		"no such class":   {StaticObject{ID: 5000, Class: "Rot"}, "objects[0].class: the DC files have no dclass Rot"},
		"a struct":        {StaticObject{ID: 5000, Class: "Point"}, "objects[0].class: "},
		"no such field":   {StaticObject{ID: 5000, Class: "Root", Fields: map[string]string{"setName": "1"}}, "objects[0].fields.setName: Root has no field"},
		"not kept":        {StaticObject{ID: 5000, Class: "Root", Fields: map[string]string{"tell": `"x"`}}, "objects[0].fields.tell: "},
		"another type":    {StaticObject{ID: 5000, Class: "Root", Fields: map[string]string{"setAge": `"x"`}}, "objects[0].fields.setAge: "},
		"out of range":    {StaticObject{ID: 5000, Class: "Root", Fields: map[string]string{"setAge": "10"}}, "objects[0].fields.setAge: "},
		"no value at all": {StaticObject{ID: 5000, Class: "Root", Fields: map[string]string{"setAge": "("}}, "objects[0].fields.setAge: "},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, f := range CheckStatic(file, []StaticObject{c.object}) {
				got += f.Error()
			}
			if !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("got %q, want %q", got, c.want)
			}
			cluster := newCluster(t, "one")
			r, err := New(cluster.Nodes["one"], Options{Control: 402000, File: file, Objects: []StaticObject{c.object}})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Start(context.Background()); (err == nil) != (c.want == "") {
				t.Errorf("it started with %v", err)
			} else if err == nil {
				r.Stop(context.Background(), nil)
			}
		})
	}
	twice := []StaticObject{{ID: 5000, Class: "Root"}, {ID: 5000, Class: "Root"}}
	if faults := CheckStatic(file, twice); len(faults) != 1 || faults[0].Key != "id" || faults[0].Index != 1 {
		t.Errorf("twice the same doId: %v", faults)
	}
}
