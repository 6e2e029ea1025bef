package editor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of a message. A file of the longest size that a parser takes, 4 MiB, can be six times
// as long in JSON.
const (
	maxMessage     = 32 << 20
	maxHeaderLine  = 4096
	maxHeaderLines = 32
)

// message is a request, a notification if it has no id, or a response of the editor, which has
// no method.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`

	invalid error // it is not JSON of this form
}

// response answers a request. Result is not left out where it is null.
type response struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result"`
}

type failure struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Error   *rpcError       `json:"error"`
}

type notification struct {
	Version string `json:"jsonrpc"`
	Method  string `json:"method"`
	Params  any    `json:"params"`
}

// rpcError is why a request failed.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *rpcError) Error() string { return e.Message }

// Codes of errors, of JSON-RPC and of the Language Server Protocol.
const (
	parseError     = -32700
	invalidRequest = -32600
	unknownMethod  = -32601
	invalidParams  = -32602
	notInitialized = -32002
)

func fail(code int, format string, args ...any) *rpcError {
	return &rpcError{code, fmt.Sprintf(format, args...)}
}

// newReader is a reader for readMessage.
func newReader(in io.Reader) *bufio.Reader { return bufio.NewReaderSize(in, maxHeaderLine) }

// readMessage reads the next message. The error is [io.EOF] at the end; after any other one, it is
// unknown where the next message begins.
func readMessage(r *bufio.Reader) (message, error) {
	length := -1
	for n := 0; ; n++ {
		line, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF) && n == 0 && len(line) == 0:
			return message{}, io.EOF
		case errors.Is(err, io.EOF):
			return message{}, io.ErrUnexpectedEOF
		case errors.Is(err, bufio.ErrBufferFull):
			return message{}, fmt.Errorf("a line of a header has more than %d bytes", maxHeaderLine)
		case err != nil:
			return message{}, err
		case n > maxHeaderLines:
			return message{}, fmt.Errorf("a header has more than %d lines", maxHeaderLines)
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		name, value, _ := strings.Cut(text, ":")
		if !strings.EqualFold(name, "Content-Length") {
			continue
		}
		length, err = strconv.Atoi(strings.TrimSpace(value))
		if err != nil || length < 0 || length > maxMessage {
			return message{}, fmt.Errorf("a message of %q bytes: at most %d are read", strings.TrimSpace(value), maxMessage)
		}
	}
	if length < 0 {
		return message{}, errors.New("a header without Content-Length")
	}
	var body bytes.Buffer // grows with what comes, not with what was announced
	if n, err := io.CopyN(&body, r, int64(length)); err != nil {
		return message{}, fmt.Errorf("a message of %d bytes ended after %d: %w", length, n, io.ErrUnexpectedEOF)
	}
	var m message
	if err := json.Unmarshal(body.Bytes(), &m); err != nil {
		m = message{invalid: err}
	}
	return m, nil
}

// send writes a message.
func (s *server) send(m any) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

// decode reads the parameters of a request.
func decode[T any](params json.RawMessage) (T, error) {
	var v T
	if len(params) == 0 {
		return v, nil
	}
	if err := json.Unmarshal(params, &v); err != nil {
		return v, fail(invalidParams, "%v", err)
	}
	return v, nil
}
