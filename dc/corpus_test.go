package dc

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// corpusFolder is the folder of DC files with Panda3D's answers, which the
// project does not carry. Set NATSTRON_DC_CORPUS to use it.
func corpusFolder(t testing.TB) string {
	t.Helper()
	folder := os.Getenv("NATSTRON_DC_CORPUS")
	if folder == "" {
		t.Skip("NATSTRON_DC_CORPUS is not set: no corpus of DC files to compare with")
	}
	return folder
}

// corpusSet is a list of files and what Panda3D makes of it.
type corpusSet struct {
	names  string
	files  []Source
	hash   uint32
	reject bool
}

func corpusSets(t testing.TB) []corpusSet {
	folder := corpusFolder(t)
	table, err := os.ReadFile(filepath.Join(folder, "corpus.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var sets []corpusSet
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		names, result, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("bad line in corpus.tsv: %q", line)
		}
		set := corpusSet{names: names}
		for name := range strings.FieldsSeq(names) {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			set.files = append(set.files, Source{Name: name, Text: string(text)})
		}
		set.hash, set.reject = expectedHash(t, result)
		sets = append(sets, set)
	}
	return sets
}

func expectedHash(t testing.TB, s string) (hash uint32, reject bool) {
	if strings.EqualFold(s, "reject") {
		return 0, true
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(n), false
}

// compareHash holds a list of files against what Panda3D makes of it.
func compareHash(t *testing.T, files []Source, hash uint32, reject bool) *File {
	t.Helper()
	f, err := Parse(files)
	switch {
	case reject && err == nil:
		t.Errorf("accepted, but Panda3D rejects it")
	case !reject && err != nil:
		t.Errorf("rejected, but Panda3D accepts it:\n%v", err)
	case !reject && f.Hash() != hash:
		t.Errorf("hash 0x%08x, Panda3D says 0x%08x", f.Hash(), hash)
	}
	return f
}

func TestCorpusHashes(t *testing.T) {
	for _, set := range corpusSets(t) {
		t.Run(set.names, func(t *testing.T) { compareHash(t, set.files, set.hash, set.reject) })
	}
}

// jsonLines calls f with every line of a file of the corpus.
func jsonLines(t *testing.T, name string, f func(line []byte)) {
	file, err := os.Open(filepath.Join(corpusFolder(t), name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n := 0
	for s := bufio.NewScanner(file); s.Scan(); n++ {
		f(s.Bytes())
	}
	if n == 0 {
		t.Fatalf("%s is empty", name)
	}
}

func TestCorpusMicro(t *testing.T) {
	jsonLines(t, "micro.jsonl", func(line []byte) {
		var row struct{ Name, DC, Panda3D string }
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		t.Run(row.Name, func(t *testing.T) {
			hash, reject := expectedHash(t, row.Panda3D)
			compareHash(t, []Source{{row.Name, row.DC}}, hash, reject)
		})
	})
}

// builtinOf are the field's built-in keywords, which is what the corpus lists, by name.
func builtinOf(f *Field) []string {
	list := []string{}
	for _, name := range builtin {
		k, _ := KeywordNamed(name)
		if f.Has(k) != f.HasNamed(name) {
			panic("Has and HasNamed disagree on " + name)
		}
		if f.Has(k) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func TestCorpusFields(t *testing.T) {
	parsed := map[string]*File{}
	for _, set := range corpusSets(t) {
		if !set.reject {
			parsed[set.names] = compareHash(t, set.files, set.hash, set.reject)
		}
	}
	jsonLines(t, "fields.jsonl", func(line []byte) {
		type fieldRow struct {
			Files, DClass, Field string
			Number, ID           int
			Keywords             []string
			Molecular, Explicit  bool
			Default, Text        string
		}
		var want fieldRow
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		f := parsed[want.Files]
		class, ok := f.ClassByName(want.DClass)
		if !ok {
			t.Fatalf("%s: no class %s", want.Files, want.DClass)
		}
		field, ok := class.Field(uint16(want.ID))
		if !ok {
			t.Fatalf("%s: no field %d in %s", want.Files, want.ID, want.DClass)
		}
		text, err := field.Text(field.DefaultPacked(), TextStyle{Names: true})
		if err != nil {
			t.Errorf("%s %s.%s: %v", want.Files, want.DClass, want.Field, err)
		}
		got := fieldRow{
			Files: want.Files, DClass: class.Name(), Field: field.Name(), Number: class.number, ID: int(field.ID()),
			Keywords: builtinOf(field), Molecular: field.IsMolecular(), Explicit: field.HasExplicitDefault(),
			Default: hex.EncodeToString(field.DefaultPacked()), Text: text,
		}
		slices.Sort(want.Keywords)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s.%s (-Panda3D +ours):\n%s", want.Files, want.DClass, want.Field, diff)
		}
	})
}
