package editor

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"natstron/dc"
)

// Options of a language server.
type Options struct {
	Version string // what the editor shows of the server's version

	// Project says which files belong together with the one at a path, which is absolute. A
	// Project without files is that file alone. It may be nil. It is asked again after each change.
	Project func(path string) Project
}

// Project is the DC files of one game, in the order in which they are read.
type Project struct {
	Files       []string // absolute paths
	Inheritance dc.Inheritance
}

// ErrNoShutdown is the error of [Serve] if the editor ended the conversation without a shutdown.
var ErrNoShutdown = errors.New("the editor ended the connection without a shutdown")

// Serve is a language server for the editor that writes to in and reads from out. It returns when
// the editor ends the conversation: nil if it did so as it should, [ErrNoShutdown] if not, or the
// error of in, of out, or of a message whose end cannot be found.
//
// A goroutine reads in until its end, which can be after Serve has returned.
func Serve(in io.Reader, out io.Writer, o Options) error {
	s := &server{out: bufio.NewWriter(out), options: o, workspace: newWorkspace(o.Project)}
	type read struct {
		message
		err error
	}
	messages, done := make(chan read), make(chan struct{})
	defer close(done)
	go func() {
		for r := newReader(in); ; {
			m, err := readMessage(r)
			select {
			case messages <- read{m, err}:
			case <-done:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		var next read
		select {
		case next = <-messages:
		default: // nothing waits
			err := s.publish()
			if err == nil {
				err = s.out.Flush()
			}
			if err != nil {
				return fmt.Errorf("write to the editor: %w", err)
			}
			next = <-messages
		}
		switch {
		case next.err == io.EOF || next.err == nil && next.Method == "exit":
			if err := s.out.Flush(); err != nil {
				return fmt.Errorf("write to the editor: %w", err)
			}
			if !s.shutdown {
				return ErrNoShutdown
			}
			return nil
		case next.err != nil:
			return fmt.Errorf("read from the editor: %w", next.err)
		}
		if err := s.handle(next.message); err != nil {
			return fmt.Errorf("write to the editor: %w", err)
		}
	}
}

// server is the state of a conversation.
type server struct {
	out     *bufio.Writer
	options Options

	initialized, shutdown bool

	*workspace
	published   map[string]string // by address: diagnostics, as JSON
	publishedAt int               // the count of changes then
}

// handle acts on a message, and answers it if it is a request.
func (s *server) handle(m message) error {
	request := len(m.ID) > 0 && string(m.ID) != "null"
	switch {
	case m.invalid != nil:
		return s.send(failure{"2.0", json.RawMessage("null"), fail(parseError, "%v", m.invalid)})
	case m.Method == "" && request:
		return nil // an answer; nothing was asked
	case m.Method == "":
		return s.send(failure{"2.0", json.RawMessage("null"), fail(invalidRequest, "a message without a method")})
	}
	result, err := s.call(m)
	var rpc *rpcError
	switch {
	case err != nil && !errors.As(err, &rpc):
		return err
	case err != nil && request:
		return s.send(failure{"2.0", m.ID, rpc})
	case err != nil && rpc.Code != unknownMethod: // unknown notifications are to be ignored
		return s.tell(fmt.Sprintf("%s: %s", m.Method, rpc.Message))
	case err == nil && request:
		return s.send(response{"2.0", m.ID, result})
	}
	return nil
}

// tell shows a warning to the user.
func (s *server) tell(text string) error {
	return s.send(notification{"2.0", "window/showMessage", messageParams{severityWarning, text}})
}

// call is what each method does.
func (s *server) call(m message) (any, error) {
	switch {
	case m.Method == "initialize":
		return s.initialize(m.Params)
	case !s.initialized:
		return nil, fail(notInitialized, "the server is not initialized")
	case s.shutdown:
		return nil, fail(invalidRequest, "the server is shut down")
	}
	switch m.Method {
	case "shutdown":
		s.shutdown = true
		return nil, nil
	case "initialized", "$/cancelRequest", "$/setTrace", "workspace/didChangeConfiguration":
		return nil, nil
	case "textDocument/didOpen":
		p, err := decode[openParams](m.Params)
		if err != nil {
			return nil, err
		}
		return nil, s.openDocument(p.Document.URI, p.Document.Version, p.Document.Text)
	case "textDocument/didChange":
		return nil, s.change(m.Params)
	case "textDocument/didClose":
		p, err := decode[documentParams](m.Params)
		if err != nil {
			return nil, err
		}
		return nil, s.closeDocument(p.Document.URI)
	case "textDocument/didSave", "workspace/didChangeWatchedFiles":
		s.changed++ // other files may have changed, too
		return nil, nil
	case "textDocument/documentSymbol":
		return onDocument(s, m.Params, func(f *file) []documentSymbol { return outline(f) })
	case "textDocument/formatting":
		return onDocument(s, m.Params, format)
	case "textDocument/hover":
		return atPlace(s, m.Params, hover)
	case "textDocument/definition":
		return atPlace(s, m.Params, s.definition)
	case "textDocument/completion":
		return atPlace(s, m.Params, complete)
	}
	return nil, fail(unknownMethod, "there is no method %q here", m.Method)
}

func (s *server) initialize(params json.RawMessage) (any, error) {
	if s.initialized {
		return nil, fail(invalidRequest, "the server is initialized already")
	}
	p, err := decode[initializeParams](params)
	if err != nil {
		return nil, err
	}
	s.initialized = true
	c := capabilities{
		PositionEncoding: "utf-16", Sync: syncOptions{OpenClose: true, Change: 1, Save: true},
		Hover: true, Definition: true, Symbols: true, Formatting: true,
		Completion: completionOptions{Triggers: []string{"(", ":", ","}},
	}
	if slices.Contains(p.Capabilities.General.PositionEncodings, "utf-8") {
		c.PositionEncoding, s.bytes = "utf-8", true
	}
	return initializeResult{c, serverInfo{"astrond dc lsp", s.options.Version}}, nil
}

func (s *server) change(params json.RawMessage) error {
	p, err := decode[changeParams](params)
	if err != nil {
		return err
	}
	if len(p.Changes) == 0 {
		return nil
	}
	last := p.Changes[len(p.Changes)-1]
	if last.Range != nil {
		return fail(invalidParams, "a part of the text was sent, the whole was asked for")
	}
	return s.changeDocument(p.Document.URI, p.Document.Version, last.Text)
}

// onDocument answers a request about an open file.
func onDocument[R any](s *server, params json.RawMessage, answer func(*file) R) (any, error) {
	p, err := decode[documentParams](params)
	if err != nil {
		return nil, err
	}
	f, err := s.file(p.Document.URI)
	if err != nil {
		return nil, err
	}
	return answer(f), nil
}

// atPlace answers a request about a place in an open file.
func atPlace[R any](s *server, params json.RawMessage, answer func(f *file, offset int) R) (any, error) {
	p, err := decode[placeParams](params)
	if err != nil {
		return nil, err
	}
	f, err := s.file(p.Document.URI)
	if err != nil {
		return nil, err
	}
	return answer(f, f.text.offset(p.Position)), nil
}
