package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Secret is a password or a token. However it is printed, logged or encoded, it
// shows no more than that it is set; [Secret.Reveal] is the one way to its text.
type Secret string

// Reveal is the secret's text.
func (s Secret) Reveal() string { return string(s) }

// String tells whether the secret is set.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return masked
}

// Format keeps every verb of package fmt from showing the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText keeps encoders from showing the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue keeps logs from showing the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// maxSecretFile bounds what ReadSecret takes from a file.
const maxSecretFile = 64 << 10

// ReadSecret is the secret itself or, where a file is named in its place, what the
// file holds, without the line end that editors leave. A name that is not absolute
// is relative to dir. With neither it is empty.
func ReadSecret(dir string, secret Secret, file string) (Secret, error) {
	if file == "" {
		return secret, nil
	}
	f, err := os.Open(resolveFile(dir, file))
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	if len(data) > maxSecretFile {
		return "", fmt.Errorf("read secret: %s is larger than 64 KiB", file)
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		return "", errors.New("read secret: " + file + " is empty")
	}
	return Secret(text), nil
}

func resolveFile(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
