package yaml

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"natstron/bridge/wire"
	"natstron/storage"
)

const infoName = "info.yaml"

// info is info.yaml: one counter, and what is free, of whatever range.
type info struct {
	next uint64
	free []wire.DoID
}

// readInfo reads the file of a folder; the info is empty if there is no file.
func readInfo(dir string) (i info, err error) {
	path := filepath.Join(dir, infoName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(data) == 0 {
		return i, nil
	}
	if err != nil {
		return i, err
	}
	top, err := readMapping(data)
	if err != nil {
		return i, fmt.Errorf("%s: %w", path, err)
	}
	for _, pair := range top {
		switch key := keyOf(pair); key {
		case "next":
			text, _ := textOf(pair.Value)
			if i.next, err = strconv.ParseUint(text, 10, 33); err != nil {
				return i, fmt.Errorf("%s: next: %q is not a doId", path, text)
			}
		case "free":
			if i.free, err = idsOf(pair.Value); err != nil {
				return i, fmt.Errorf("%s: free: %w", path, err)
			}
		default:
			return i, fmt.Errorf("%s: unknown key %q; next and free are known", path, key)
		}
	}
	return i, nil
}

func (i info) append(b []byte) []byte {
	b = fmt.Appendf(b, "next: %d\n", i.next)
	if len(i.free) > 0 {
		b = append(b, "free:\n"...)
	}
	for _, id := range i.free {
		b = fmt.Appendf(b, "  - %d\n", id)
	}
	return b
}

// state is what the info says of a range.
func (i info) state(r storage.Range) storage.IDs {
	s := storage.IDs{Next: min(max(i.next, uint64(r.Min)), uint64(r.Max)+1)}
	seen := map[wire.DoID]bool{}
	for _, id := range i.free {
		if r.Contains(id) && uint64(id) < s.Next && !seen[id] {
			seen[id] = true
			s.Free = append(s.Free, id)
		}
	}
	return s
}

// with returns the info with that state of a range; what is free outside it stays.
func (i info) with(r storage.Range, s storage.IDs) info {
	others := slices.DeleteFunc(slices.Clone(i.free), r.Contains)
	return info{next: s.Next, free: append(others, s.Free...)}
}

// idsOf reads a list of ids.
func idsOf(n ast.Node) ([]wire.DoID, error) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		if _, null := n.(*ast.NullNode); null {
			return nil, nil
		}
		return nil, fmt.Errorf("expected a list, found %s", n.Type())
	}
	ids := make([]wire.DoID, 0, len(list.Values))
	for _, one := range list.Values {
		text, _ := textOf(one)
		id, err := strconv.ParseUint(text, 10, 32)
		if err != nil || id == 0 {
			return nil, fmt.Errorf("%q is not a doId", text)
		}
		ids = append(ids, wire.DoID(id))
	}
	return ids, nil
}
