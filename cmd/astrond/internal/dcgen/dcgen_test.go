package dcgen

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/cmd/astrond/internal/dcgen/testdata/game"
	"natstron/dc"
	"natstron/internal/doctest"
)

// project is the root of the whole project, from here.
const project = "../../../.."

func source(t testing.TB, names ...string) Source {
	t.Helper()
	file, err := dc.ParseFiles(names...)
	must(t, err)
	return Source{File: file, Names: names}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The bindings are what they were, and the same each time: go test . -update writes them.
// (If the Go ones do not compile, "astrond dc gen go -o" does.)
func TestGolden(t *testing.T) {
	golang, err := Go(source(t, "testdata/game/game.dc"), "game")
	must(t, err)
	const client = project + "/clients/typescript/test/"
	for path, code := range map[string][]byte{
		"testdata/game/game.ts": TypeScript(source(t, "testdata/game/game.dc")),
		"testdata/game/game.go": golang,
		"testdata/game/game.py": Python(source(t, "testdata/game/game.dc")),
		client + "park.dc.ts":   TypeScript(source(t, client+"park.dc")),
	} {
		doctest.Compare(t, path, strings.Replace(string(code), codec, "# Here is codec.py.\n", 1))
	}
}

// A program packs and reads values through the Go bindings.
func TestGoBindings(t *testing.T) {
	file, err := game.Bind(source(t, "testdata/game/game.dc").File)
	must(t, err)
	items := game.AvatarSetItems{
		Items: []game.Stack{{Id: 7, Name: "hat", Colours: []game.Colour{{Red: 1, Green: 2}}, Count: 3}},
		Two:   []game.Colour{{Red: 100}, {Green: 50}},
	}
	roundTrip(t, file.Toon.SetItems, items)
	roundTrip(t, file.Avatar.SetWords, game.AvatarSetWords{Words: []string{"a", ""}, Data: []byte{1}, Letter: 'x', Big: -1 << 63, Old: []uint8{9}})
	roundTrip(t, file.Node.SetXY, game.NodeSetXY{SetX: game.NodeSetX{X: 15}, SetY: game.NodeSetY{Y: -1}})
	roundTrip(t, file.Avatar.Choose, game.AvatarChoose{What: dc.Record{{Name: "kind", Value: uint8(2)}, {Name: "n", Value: uint16(9)}}})
	roundTrip(t, file.Named.Name, "Flippy")
	roundTrip(t, file.Avatar.Hello, struct{}{})
	if id := file.Toon.Mood.ID(); id != game.ToonMoodID {
		t.Errorf("mood is field %d", id)
	}
	items.Two[0].Red = 101
	if _, err := file.Avatar.SetItems.Pack(items); err == nil || err.Error() != "setItems.two[0].red: 101 is outside 0-100" {
		t.Errorf("a colour of 101: %v", err)
	}
	if _, err := game.Bind(source(t, project+"/examples/hello/hello.dc").File); err == nil || !strings.Contains(err.Error(), "0x000fe205") {
		t.Errorf("bound to another file: %v", err)
	}
}

func roundTrip[T any](t *testing.T, f dc.Typed[T], v T) {
	t.Helper()
	packed, err := f.Pack(v)
	must(t, err)
	back, err := f.Unpack(packed)
	must(t, err)
	if diff := cmp.Diff(v, back); diff != "" {
		t.Errorf("%s:\n%s", f.Name(), diff)
	}
}

// corpus is what else code is written for: each list of DC files of original games and
// samples, if there are any.
func corpus(t *testing.T) []Source {
	all := []Source{source(t, "testdata/game/game.dc")}
	folder := os.Getenv("NATSTRON_DC_CORPUS")
	if folder == "" {
		t.Log("NATSTRON_DC_CORPUS is not set: only game.dc")
		return all
	}
	table, err := os.ReadFile(filepath.Join(folder, "corpus.tsv"))
	must(t, err)
	for line := range strings.Lines(string(table)) {
		files, result, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || line[0] == '#' || result == "reject" {
			continue
		}
		var names []string
		for name := range strings.FieldsSeq(files) {
			names = append(names, filepath.Join(folder, name))
		}
		all = append(all, source(t, names...))
	}
	return all
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// The Go code of all DC files compiles, and go vet finds nothing, in a module of its own:
// other tests read the tree of this one meanwhile.
func TestGoCompiles(t *testing.T) {
	root, err := filepath.Abs(project)
	must(t, err)
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} { // our requirements, so that nothing has to be fetched
		text, err := os.ReadFile(filepath.Join(root, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	for i, s := range corpus(t) {
		pkg := fmt.Sprintf("game%d", i)
		code, err := Go(s, pkg)
		must(t, err)
		must(t, os.Mkdir(filepath.Join(dir, pkg), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, pkg, "game.go"), code, 0o600))
	}
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOWORK", "off")
	run(t, dir, "go", "mod", "edit", "-module", "example.org/games", "-require", "natstron@v0.0.0", "-replace", "natstron="+root)
	run(t, dir, "go", "vet", "./...")
}

// The TypeScript code of all DC files has the types that it says, together with the client.
func TestTypeScriptCompiles(t *testing.T) {
	client, err := filepath.Abs(project + "/clients/typescript")
	must(t, err)
	tsc := filepath.Join(client, "node_modules/.bin/tsc")
	if _, err := os.Stat(tsc); err != nil {
		t.Skip("NOT TESTED: no TypeScript here; npm ci in clients/typescript brings it")
	}
	dir := t.TempDir()
	for i, s := range corpus(t) {
		must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("game%d.ts", i)), TypeScript(s), 0o600))
	}
	use, err := os.ReadFile("testdata/use.ts")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "use.ts"), use, 0o600))
	config := fmt.Sprintf(`{
		"extends": %q,
		"compilerOptions": {"paths": {"natstron-client": [%q]}, "typeRoots": [%q], "noUnusedLocals": false, "module": "ESNext", "moduleResolution": "bundler"},
		"include": ["*.ts"]
	}`, filepath.Join(client, "tsconfig.json"), filepath.Join(client, "src/index.ts"), filepath.Join(client, "node_modules/@types"))
	must(t, os.WriteFile(filepath.Join(dir, "tsconfig.json"), []byte(config), 0o600))
	run(t, dir, tsc, "-p", ".")
}

// python is Python 3, if there is one.
func pythonHere(t *testing.T) string {
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT TESTED: no python3 here")
	}
	return path
}

// The Python code of all DC files compiles and can be imported.
func TestPythonCompiles(t *testing.T) {
	python, dir := pythonHere(t), t.TempDir()
	imports := ""
	for i, s := range corpus(t) {
		name := fmt.Sprintf("game%d", i)
		must(t, os.WriteFile(filepath.Join(dir, name+".py"), Python(s), 0o600))
		run(t, dir, python, "-m", "py_compile", name+".py")
		imports += "import " + name + "\n"
	}
	run(t, dir, python, "-c", imports+"for f in game0.FIELDS.values():\n    game0._member_codecs(f)\n")
}

// A program packs and reads values through the Python bindings.
func TestPythonBindings(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "game.py"), Python(source(t, "testdata/game/game.dc")), 0o600))
	run(t, "testdata", pythonHere(t), "use.py", dir)
}

// Python packs, reads and refuses values as package dc does.
func TestPythonValues(t *testing.T) {
	python, vectors := pythonHere(t), filepath.Join(t.TempDir(), "vectors.jsonl")
	c := exec.Command("go", "test", "-count=1", "-run=^TestWriteVectors$", "natstron/dc")
	c.Env = append(os.Environ(), "NATSTRON_DC_VECTORS="+vectors)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c = exec.Command(python, "testdata/vectors.py", "codec.py", vectors)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Log(string(bytes.TrimSpace(out)))
}
