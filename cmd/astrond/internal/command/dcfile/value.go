package dcfile

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"

	"natstron/dc"
)

// maxValue bounds a value on standard input: many times what a datagram holds.
const maxValue = 16 << 20

func dcPack(c *cli.Context) error {
	field, err := fieldArgument(c)
	if err != nil {
		return err
	}
	text, err := valueArgument(c)
	if err != nil {
		return err
	}
	packed, err := field.PackJSON([]byte(text), notation(c))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.App.Writer, hex.EncodeToString(packed))
	return err
}

func dcUnpack(c *cli.Context) error {
	field, err := fieldArgument(c)
	if err != nil {
		return err
	}
	text, err := valueArgument(c)
	if err != nil {
		return err
	}
	packed, err := hex.DecodeString(withoutSpace(text))
	if err != nil {
		return fmt.Errorf("the value must be hexadecimal digits, two for each byte: %w", err)
	}
	// A value outside its range is shown, with a note.
	value, err := field.JSON(packed, notation(c))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.App.Writer, string(value)); err != nil {
		return err
	}
	return field.Validate(packed)
}

func notation(c *cli.Context) dc.Notation {
	if c.Bool("raw") {
		return dc.Raw
	}
	return dc.Scaled
}

// valueArgument is the second argument, or what standard input holds.
func valueArgument(c *cli.Context) (string, error) {
	if c.NArg() > 1 {
		return c.Args().Get(1), nil
	}
	text, err := io.ReadAll(io.LimitReader(standardIn(c), maxValue+1))
	if err == nil && len(text) > maxValue {
		err = fmt.Errorf("a value of more than %d bytes", maxValue)
	}
	return string(text), err
}

func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
