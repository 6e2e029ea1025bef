package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Go code of other modules, with public packages alone.

// A game's own Go code does its work with public packages alone, in a module of its
// own, as docs/clientagent.md says.
func TestOwnModule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), read(t, "testdata/ownmodule/main.go"))
	run := ownModule(t, dir, "example.org/park")
	park := filepath.Join(dir, "park")
	run("go", "build", "-o", park, ".")
	if out := run(park); !strings.HasSuffix(out, "done\n") {
		t.Errorf("the program says %s", out)
	}
	if out := run(park, "version"); !strings.HasPrefix(out, "astrond ") {
		t.Errorf("its astrond says %s", out)
	}
}

// ownModule makes a folder a module that requires this one. The function runs a program in it.
func ownModule(t testing.TB, dir, name string) (run func(program string, args ...string) string) {
	t.Helper()
	root, err := filepath.Abs("..")
	must(t, err)
	for _, file := range []string{"go.mod", "go.sum"} { // the requirements are ours, so that nothing has to be fetched
		write(t, filepath.Join(dir, file), read(t, root, file))
	}
	run = func(program string, args ...string) string {
		t.Helper()
		c := exec.Command(program, args...)
		c.Dir, c.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("go", "mod", "edit", "-module", name, "-require", "natstron@v0.0.0", "-replace", "natstron="+root)
	return run
}

// No exported function of a public package takes a type that other modules cannot name.
func TestNoInternalTypeIsTaken(t *testing.T) {
	t.Parallel()
	exports, public := map[string]string{}, []string(nil)
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export,Name", "natstron/...").Output()
	must(t, err)
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export, Name string }
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if strings.HasPrefix(p.ImportPath, "natstron/") && !isInternal(p.ImportPath) && p.Name != "main" {
			public = append(public, p.ImportPath)
		}
	}
	from := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, path := range public {
		p, err := from.Import(path)
		must(t, err)
		for _, name := range p.Scope().Names() {
			o := p.Scope().Lookup(name)
			if !o.Exported() {
				continue
			}
			taken(t, fmt.Sprintf("%s.%s", path, name), o.Type())
			if n, ok := types.Unalias(o.Type()).(*types.Named); ok {
				for m := range n.Methods() {
					if m.Exported() {
						taken(t, fmt.Sprintf("%s.%s.%s", path, name, m.Name()), m.Type())
					}
				}
			}
		}
	}
	if len(public) < 10 {
		t.Errorf("only %d packages were looked at", len(public))
	}
}

func isInternal(path string) bool {
	return strings.Contains("/"+path+"/", "/internal/")
}

// taken reports what a function takes that is internal, and what the structs that it
// takes hold.
func taken(t *testing.T, name string, typ types.Type) {
	t.Helper()
	f, ok := typ.(*types.Signature)
	if !ok {
		return
	}
	for v := range f.Params().Variables() {
		if bad := internalIn(v.Type(), map[types.Type]bool{}); bad != "" {
			t.Errorf("%s takes %s", name, bad)
		}
	}
}

func internalIn(typ types.Type, seen map[types.Type]bool) string {
	if seen[typ] {
		return ""
	}
	seen[typ] = true
	switch x := types.Unalias(typ).(type) {
	case *types.Named:
		if p := x.Obj().Pkg(); p != nil && strings.HasPrefix(p.Path(), "natstron/") {
			if isInternal(p.Path()) {
				return x.String()
			}
			return internalIn(x.Underlying(), seen)
		}
	case *types.Struct:
		for f := range x.Fields() {
			if f.Exported() {
				if bad := internalIn(f.Type(), seen); bad != "" {
					return bad + " in " + f.Name()
				}
			}
		}
	case *types.Map:
		if bad := internalIn(x.Key(), seen); bad != "" {
			return bad
		}
		return internalIn(x.Elem(), seen)
	case interface{ Elem() types.Type }:
		return internalIn(x.Elem(), seen)
	}
	return ""
}
