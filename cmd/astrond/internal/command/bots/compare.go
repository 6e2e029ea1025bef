package bots

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"natstron/cmd/astrond/internal/logging"
)

// maxReport bounds a report that is read.
const maxReport = 16 << 20

// Compare prints the numbers of two reports beside each other: those in JSON of this package, or of
// any other one.
func Compare(to io.Writer, before, after string) error {
	a, err := numbers(before)
	if err != nil {
		return err
	}
	b, err := numbers(after)
	if err != nil {
		return err
	}
	known := map[string]float64{}
	for _, n := range b {
		known[n.name] = n.value
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\n", "", logging.Clean(before), logging.Clean(after), "times")
	shown := 0
	for _, n := range a {
		v, ok := known[n.name]
		if !ok {
			continue
		}
		shown++
		ratio := ""
		if n.value != 0 {
			ratio = fmt.Sprintf("%.2f", v/n.value)
		}
		fmt.Fprintf(w, "%s\t%.6g\t%.6g\t%s\t\n", n.name, n.value, v, ratio)
	}
	if shown == 0 {
		return errors.New("the two have no number in common: are they reports of the same command?")
	}
	return w.Flush()
}

type number struct {
	name  string
	value float64
}

// numbers are all of a JSON file, with their paths, in its order.
func numbers(path string) ([]number, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := json.NewDecoder(io.LimitReader(f, maxReport))
	all, err := walk(d, nil, "")
	if err != nil {
		return nil, fmt.Errorf("%s is not a report in JSON: %w", path, err)
	}
	return all, nil
}

// walk reads a value. An object of a list goes by its name, if that comes first, so that lists of
// different lengths can be compared.
func walk(d *json.Decoder, all []number, path string) ([]number, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case float64:
		return append(all, number{logging.Clean(strings.TrimPrefix(path, ".")), t}), nil
	case json.Delim:
		if strings.Count(path, ".") > 20 {
			return nil, errors.New("it is nested too deeply")
		}
		for i := 0; d.More(); i++ {
			name := fmt.Sprint(i)
			if t == '{' {
				key, err := d.Token()
				if err != nil {
					return nil, err
				}
				name = fmt.Sprint(key)
			}
			if all, err = walk(d, all, path+"."+name); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
	}
	return all, err
}
