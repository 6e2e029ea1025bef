package e2e

import (
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"natstron/e2e/browser"
)

// The tutorial, step by step.

// A reader follows docs/tutorial.md, and docs/howto.md after it: takes its files and changes, builds
// and runs each step, and sees what the page says. Excerpts of examples are what the examples have.
func TestTutorial(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT TESTED: eight builds and two browsers take a while")
	}
	r := newReader(t)
	text := read(t, "..", "docs", "tutorial.md")
	steps := regexp.MustCompile(`(?m)^## \d\. `).Split(text, -1)[1:]
	if len(steps) != 8 {
		t.Fatalf("the tutorial has %d steps", len(steps))
	}
	for i, step := range steps {
		r.heading = fmt.Sprintf("step %d", i+1)
		r.follow(step)
	}
	r.heading = "How to"
	r.follow(read(t, "..", "docs", "howto.md"))
	for done := range r.actions {
		t.Errorf("the tutorial does not say %q", done)
	}
	if r.missing != "" {
		t.Skip("NOT TESTED: the pages of the tutorial: " + r.missing)
	}
	r.run(r.tool("tsc")) // an editor finds no fault
}

// reader is who follows the tutorial.
type reader struct {
	t       testing.TB
	dir     string
	run     func(program string, args ...string) string
	files   map[string]string
	changed bool // since the game was started
	goCode  string
	game    *arena
	pages   map[string]*watcher // by the player's name, from step 3 on
	actions map[string]func()   // what the page asks the reader to do
	met     bool                // Ada and Bob see each other, since the start
	missing string              // what there is not to try the pages
	heading string
}

func newReader(t testing.TB) *reader {
	t.Helper()
	r := &reader{t: t, dir: t.TempDir(), files: map[string]string{}, pages: map[string]*watcher{}}
	r.run = ownModule(t, r.dir, "example.org/arena")
	ada := func() *watcher { return r.page("Ada") }
	r.actions = map[string]func(){
		"Ada holds ArrowLeft":   func() { ada().Key("ArrowLeft", true) },
		"Ada closes her window": func() { ada().Eval("client.close()") },
		"Ada walks into a firefly": func() {
			ada().Until(`(p => {
				const [x, y] = all("Firefly")[0].get("setXY");
				p.walk(x - p.x, y - p.y);
				return p.get("setPoints")[0] > 0;
			})(player("Ada"))`)
		},
		"Ada walks to 100, 200; the process is started again; the pages are loaded again": func() {
			ada().Eval(`player("Ada").walk(100 - player("Ada").x, 200 - player("Ada").y)`)
			r.page("Bob").Until(`player("Ada").x === 100`)
			r.start()
		},
		"Ada presses Digit1; Bob's page is loaded again": func() {
			ada().Key("Digit1", true)
			r.page("Bob").Until(`player("Ada").hat`)
			r.page("Bob").Reload()
			r.wait("Bob")
		},
		"Ada presses Digit1; the process is started again; the pages are loaded again": func() {
			ada().Key("Digit1", true)
			r.page("Bob").Until(`player("Ada").hat`)
			r.start()
		},
	}
	if _, err := exec.LookPath("node"); err != nil {
		r.missing = "there is no node"
	} else if _, err := os.Stat("../clients/typescript/node_modules/esbuild"); err != nil {
		r.missing = "npm ci in clients/typescript"
	} else if browser.Find() == "" {
		r.missing = "there is no Chromium"
	}
	return r
}

var (
	// tutorialParts are the blocks of code, with language, title and content, and the actions.
	tutorialParts = regexp.MustCompile("(?ms)^( *)```(\\w+)(?: title=\"([^\"]+)\")?\n(.*?)^ *```$|^<!-- (.*?) -->$")
	generateLine  = regexp.MustCompile(`(?m)^//go:generate (.*)$`)
	answerLine    = regexp.MustCompile(`(?m)^(.+) // (.+)$`)
)

// follow does what a step says.
func (r *reader) follow(step string) {
	r.t.Helper()
	for _, m := range tutorialParts.FindAllStringSubmatch(step, -1) {
		indent, language, title, content, action := m[1], m[2], m[3], m[4], m[5]
		content = strings.TrimPrefix(strings.ReplaceAll("\n"+content, "\n"+indent, "\n"), "\n") // of a list's item
		window, isConsole := strings.CutSuffix(title, "'s console")
		switch {
		case action != "":
			do, ok := r.actions[action]
			if !ok {
				r.t.Fatalf("%s: nobody knows how to do this: %s", r.heading, action)
			}
			delete(r.actions, action)
			r.ready()
			if r.missing == "" {
				do()
			}
		case language == "console":
			r.ready()
			r.command(content)
		case isConsole:
			r.ready()
			if r.missing == "" {
				r.console(window, content)
			}
		case strings.HasPrefix(title, "examples/"): // an excerpt
			if !strings.Contains(unindented(read(r.t, "..", title)), unindented(content)) {
				r.t.Errorf("%s: this is not in %s:\n%s", r.heading, title, content)
			}
		case title != "" && language == "diff":
			r.files[title] = r.patch(title, content)
			r.changed = true
		case title != "":
			r.files[title] = content
			r.changed = true
		case language != "sh" && language != "mermaid":
			r.t.Errorf("%s: a block has no title:\n%s", r.heading, content)
		}
	}
	r.ready()
}

// unindented is a text without the blanks at the beginning of its lines.
func unindented(text string) string {
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(text, "")
}

// patch is a file after a change. Context and removed lines of each part stand together in the
// file, once.
func (r *reader) patch(name, change string) string {
	r.t.Helper()
	text := r.files[name]
	for hunk := range strings.SplitSeq(change, "@@ @@\n") {
		var before, after strings.Builder
		for line := range strings.Lines(hunk) {
			rest := line
			if line != "\n" {
				rest = line[1:]
			}
			if line[0] != '+' {
				before.WriteString(rest)
			}
			if line[0] != '-' {
				after.WriteString(rest)
			}
		}
		if n := strings.Count("\n"+text, "\n"+before.String()); n != 1 {
			r.t.Fatalf("%s: these lines are in %s %d times:\n%s\nIt is:\n%s", r.heading, name, n, before.String(), text)
		}
		text = strings.TrimPrefix(strings.Replace("\n"+text, "\n"+before.String(), "\n"+after.String(), 1), "\n")
	}
	return text
}

// ready builds the game and starts it, if there is something new.
func (r *reader) ready() {
	r.t.Helper()
	if !r.changed {
		return
	}
	r.changed = false
	goCode := ""
	for name, text := range r.files {
		path := filepath.Join(r.dir, name)
		must(r.t, os.MkdirAll(filepath.Dir(path), 0o700))
		switch filepath.Ext(name) {
		case ".go":
			if formatted, err := format.Source([]byte(text)); err != nil || string(formatted) != text {
				r.t.Errorf("%s: gofmt would change %s: %v", r.heading, name, err)
			}
		case ".yml":
			text = onFreePorts(text)
		case ".json": // the folder beside is the project's
			root, err := filepath.Abs("..")
			must(r.t, err)
			text = strings.ReplaceAll(text, "../natstron", root)
		}
		write(r.t, path, text)
	}
	for _, name := range []string{"main.go", "fireflies.go", "players.go"} {
		goCode += r.files[name]
	}
	program := filepath.Join(r.dir, "arena")
	if goCode != r.goCode {
		r.run("go", "build", "-ldflags=-s -w", "-o", program, ".")
		r.goCode = goCode
	}
	for _, m := range generateLine.FindAllStringSubmatch(goCode, -1) {
		words := strings.Fields(strings.Replace(m[1], "go run .", program, 1))
		if tool, ok := strings.CutPrefix(words[0], "../natstron/clients/typescript/node_modules/.bin/"); ok {
			if r.missing != "" {
				continue
			}
			words[0] = r.tool(tool)
		}
		r.run(words[0], words[1:]...)
	}
	r.start()
}

// tool is a program that the TypeScript client has.
func (r *reader) tool(name string) string {
	r.t.Helper()
	path, err := filepath.Abs("../clients/typescript/node_modules/.bin/" + name)
	must(r.t, err)
	return path
}

// start starts the game, again if it runs, and loads the pages.
func (r *reader) start() {
	r.t.Helper()
	if r.game != nil {
		r.game.signal(syscall.SIGINT)
		r.game.ends(0)
	}
	d := program(r.t, exec.Command(filepath.Join(r.dir, "arena"), "--boring"))
	d.dir, d.cmd.Dir = r.dir, r.dir
	d.launch()
	d.waitFor("ready")
	r.game, r.met = &arena{daemon: d}, false
	for name := range r.pages {
		r.pages[name].Go(r.game.page() + "#" + name)
		r.wait(name)
	}
}

// page is a player's page.
func (r *reader) page(name string) *watcher {
	r.t.Helper()
	if r.pages[name] == nil {
		r.pages[name] = &watcher{browser.Open(r.t, r.game.page()+"#"+name, 1000, 700), r.t}
		r.wait(name)
	}
	return r.pages[name]
}

func (r *reader) wait(name string) {
	r.t.Helper()
	r.pages[name].Until("globalThis.all && all('Firefly').length === 20")
	if strings.Contains(r.files["arena.dc"], "dclass Avatar") {
		r.pages[name].Until(fmt.Sprintf("player(%q)", name))
	}
}

// console types lines into the console of a page, and waits until they answer what they should.
func (r *reader) console(name, lines string) {
	r.t.Helper()
	if !r.met && strings.Contains(r.files["arena.dc"], "dclass Avatar") {
		r.page("Ada")
		r.page("Bob").Until(`player("Ada") && player("Bob")`)
		r.met = true
	}
	found := answerLine.FindAllStringSubmatch(lines, -1)
	if len(found) != strings.Count(lines, "\n") {
		r.t.Errorf("%s: a line has no answer:\n%s", r.heading, lines)
	}
	for _, m := range found {
		r.page(name).Until(fmt.Sprintf("(() => { try { return JSON.stringify(%s) === JSON.stringify(%s) } catch { return false } })()", m[1], m[2]))
	}
	r.page(name).picture("tutorial " + r.heading)
	if found := r.page(name).Errors(); len(found) > 0 {
		r.t.Errorf("%s: the page did what it must not: %v", r.heading, found)
	}
}

// command runs a command of the game's program, and compares what it prints: … stands for anything.
func (r *reader) command(shown string) {
	r.t.Helper()
	first, want, _ := strings.Cut(shown, "\n")
	args, ok := strings.CutPrefix(first, "$ go run . ")
	if !ok {
		r.t.Fatalf("%s: no command of the game: %s", r.heading, first)
	}
	c := exec.Command(filepath.Join(r.dir, "arena"), strings.Fields(args)...)
	c.Dir, c.Env = r.dir, append(os.Environ(), "NATS_URL="+r.game.nats())
	out, err := c.Output()
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".+") + "$"
	if err != nil || !regexp.MustCompile(pattern).Match(out) {
		r.t.Errorf("%s: %s: %v\n%s\nwant\n%s", r.heading, first, err, out, want)
	}
}
