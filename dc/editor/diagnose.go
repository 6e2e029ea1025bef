package editor

import (
	"encoding/json"

	"natstron/dc"
)

// publish tells the editor what is wrong now with the files of all projects that have an open file,
// as far as it does not know that.
func (s *server) publish() error {
	if s.publishedAt == s.changed {
		return nil
	}
	s.publishedAt = s.changed
	found := map[string]publishParams{}
	for _, a := range s.current() {
		for i, f := range a.files {
			uri, version := uriOf(f.name), (*int)(nil)
			if d := s.open[f.name]; d != nil {
				uri, version = d.uri, d.version
			}
			p := publishParams{URI: uri, Version: version, Diagnostics: []diagnostic{}}
			if i == 0 {
				for _, why := range a.unread {
					p.Diagnostics = append(p.Diagnostics, diagnostic{Severity: severityError, Source: source, Message: why})
				}
			}
			for _, e := range a.faults {
				if e.File == f.name {
					p.Diagnostics = append(p.Diagnostics, f.diagnostic(e))
				}
			}
			if before, ok := found[uri]; ok { // in a project, and open in another one: whatever is wrong is told
				p.Diagnostics = append(before.Diagnostics, p.Diagnostics...)
			}
			found[uri] = p
		}
	}
	now := map[string]string{}
	for _, uri := range sortedKeys(found) {
		p := found[uri]
		list, err := json.Marshal(p.Diagnostics)
		if err != nil {
			return err
		}
		now[uri] = string(list)
		if s.published[uri] == now[uri] || s.published[uri] == "" && len(p.Diagnostics) == 0 {
			continue
		}
		if err := s.send(notification{"2.0", "textDocument/publishDiagnostics", p}); err != nil {
			return err
		}
	}
	for _, uri := range sortedKeys(s.published) {
		if now[uri] == "" && s.published[uri] != "[]" { // closed, or in no project any more
			p := publishParams{URI: uri, Diagnostics: []diagnostic{}}
			if err := s.send(notification{"2.0", "textDocument/publishDiagnostics", p}); err != nil {
				return err
			}
		}
	}
	s.published = now
	return nil
}

// source is what editors show as the origin of a diagnostic.
const source = "astrond"

func (f *file) diagnostic(e *dc.Error) diagnostic {
	d := diagnostic{Severity: severityWarning, Source: source, Message: e.Msg}
	if f.project.broken {
		d.Severity = severityError
	}
	line := min(e.Line-1, len(f.text.lines)-1)
	d.Range = f.text.span(f.text.word(f.text.lines[line] + e.Column - 1))
	return d
}
