package metrics

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// logCalls are the functions that log, and the last of their arguments that may be the message,
// counted from 0. The one before may be the level.
var logCalls = map[string]int{
	"Warn": 0, "Error": 0, "Log": 2, "logLater": 1, "log": 1, "complain": 1,
}

// severeLines are the messages that the log may have from the level warning on, with where
// they are written.
func severeLines(t *testing.T) map[string]token.Position {
	t.Helper()
	lines := map[string]token.Position{}
	root := filepath.Join("..", "..")
	files := token.NewFileSet()
	for _, dir := range []string{"bridge", "cmd", "internal", "roles", "storage"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if e != nil && e.IsDir() && strings.HasSuffix(path, "test") {
				return filepath.SkipDir // those are for tests
			}
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if message, at := severeLine(n); message != "" {
					lines[message] = files.Position(at)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

// severeLine is the message of a call that logs a warning or an error.
func severeLine(n ast.Node) (message string, at token.Pos) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", 0
	}
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", 0
	}
	first, ok := logCalls[function.Sel.Name]
	if !ok {
		return "", 0
	}
	for i := range first + 1 { // some of that name have fewer arguments before the message
		if i >= len(call.Args) {
			break
		}
		text, ok := call.Args[i].(*ast.BasicLit)
		if !ok || text.Kind != token.STRING || i+1 < len(call.Args) && function.Sel.Name == "complain" && i == 0 {
			continue
		}
		if i > 0 && function.Sel.Name != "complain" {
			if level, ok := call.Args[i-1].(*ast.SelectorExpr); ok && (level.Sel.Name == "LevelInfo" || level.Sel.Name == "LevelDebug") {
				return "", 0
			}
		}
		s, err := strconv.Unquote(text.Value)
		if err == nil && strings.Contains(s, " ") {
			return s, text.Pos()
		}
	}
	return "", 0
}

// Each line that the log may have from the level warning on has its place in docs/metrics.md,
// and nothing else has.
func TestLogLinesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("docs.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := severeLines(t)
	var documented []string
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			quoted, _, _ := strings.Cut(rest, "` |")
			documented = append(documented, quoted)
		}
	}
	for line, at := range lines {
		if !slices.Contains(documented, line) {
			t.Errorf("%s: the line %q is not in internal/metrics/docs.md: say there what it means", at, line)
		}
	}
	for _, line := range documented {
		if _, ok := lines[line]; !ok {
			t.Errorf("internal/metrics/docs.md has the line %q, which nothing logs", line)
		}
	}
	if len(lines) < 40 {
		t.Errorf("only %d lines were found", len(lines))
	}
}
