// Package secret reads passwords and tokens from files, and keeps those in URLs from being
// shown.
package secret

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSize bounds what is read.
const maxSize = 64 << 10

// Read is the secret itself or, where a file is named instead, what the file holds,
// without the line end that editors leave. With neither it is empty.
func Read(secret, file string) (string, error) {
	if file == "" {
		return secret, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	if len(data) > maxSize {
		return "", fmt.Errorf("read secret: %s is larger than 64 KiB", file)
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		return "", errors.New("read secret: " + file + " is empty")
	}
	return text, nil
}
