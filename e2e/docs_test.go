package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// The statements in the documents that a test can check.

// documents are all Markdown files of the project and their text, except those that
// others are made from.
func documents(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "venv" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".md" && !d.IsDir() && !strings.HasPrefix(path, filepath.Join(root, "internal")) {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all[path] = string(text)
		}
		return nil
	})
	must(t, err)
	return all
}

var (
	fence   = regexp.MustCompile("(?ms)^\\s*```.*?^\\s*```")
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
)

// anchors are what links may name behind a #.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1]))
	}
	return all
}

// Every link within the project leads somewhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := documents(t)
	if len(all) < 15 {
		t.Errorf("only %d documents were found", len(all))
	}
	count := 0
	for path, text := range all {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			count++
			to := path
			if target != "" {
				to = filepath.Join(filepath.Dir(path), target)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s, which is not there", path, m[1])
			} else if anchor != "" && !slices.Contains(anchors(all[to]), anchor) {
				t.Errorf("%s links to %s, which has no such heading", path, m[1])
			}
		}
	}
	if count < 40 {
		t.Errorf("only %d links were found", count)
	}
}

// Every document can be found from the table of contents.
func TestTableOfContents(t *testing.T) {
	t.Parallel()
	contents := read(t, root, "docs", "README.md")
	for path := range documents(t) {
		if name := filepath.Base(path); filepath.Base(filepath.Dir(path)) == "docs" && name != "README.md" && !strings.Contains(contents, "]("+name+")") {
			t.Errorf("docs/README.md does not lead to %s", name)
		}
	}
}

// astrond has every command that a document shows, with the options shown.
func TestCommandsInDocuments(t *testing.T) {
	t.Parallel()
	help := map[string]string{} // of each command
	usage := func(words ...string) string {
		name := strings.Join(words, " ")
		if _, ok := help[name]; !ok {
			out, errOut, _ := astrond(t, append(slices.Clone(words), "--help")...)
			help[name] = out + errOut
		}
		return help[name]
	}
	shown := regexp.MustCompile(`(?m)^\s*(?:\$ )?(?:[^\s=]+/)?astrond ([a-z]+)((?: .*)?)$`)
	option := regexp.MustCompile(`(?:^| )(--[a-z-]+)`)
	main := usage()
	count := 0
	for path, text := range documents(t) {
		for _, block := range fence.FindAllString(text, -1) {
			for _, m := range shown.FindAllStringSubmatch(block, -1) {
				words := []string{m[1]}
				if !strings.Contains(main, "\n    "+m[1]+" ") {
					t.Errorf("%s shows astrond %s, which there is not", path, m[1])
					continue
				}
				count++
				arguments, _, _ := strings.Cut(m[2], "  ") // what follows explains it
				arguments, _, _ = strings.Cut(arguments, " #")
				if sub := strings.Fields(arguments); len(sub) > 0 && (m[1] == "dc" || m[1] == "db" || m[1] == "bench") {
					words = append(words, sub[0])
				}
				for _, o := range option.FindAllStringSubmatch(arguments, -1) {
					if o[1] != "--help" && !strings.Contains(usage(words...), o[1]) {
						t.Errorf("%s shows astrond %s %s, which has no %s", path, strings.Join(words, " "), arguments, o[1])
					}
				}
			}
		}
	}
	if count < 15 {
		t.Errorf("only %d commands were found", count)
	}
}

// doc.go says of each file here what it tests, in the words that the file begins with.
func TestOverview(t *testing.T) {
	t.Parallel()
	overview := read(t, "doc.go")
	files, err := filepath.Glob("*_test.go")
	must(t, err)
	for _, file := range files {
		_, rest, _ := strings.Cut(overview, "//   - "+file+": ")
		words, _, _ := strings.Cut(rest, "\n")
		if words == "" {
			t.Errorf("doc.go does not say what %s tests", file)
		} else if !strings.Contains(read(t, file), "\n// "+words+"\n") {
			t.Errorf("%s does not begin with what doc.go says of it: %s", file, words)
		}
	}
}
