package yaml

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
)

// maxFile is how many bytes a file may have.
const maxFile = 64 << 20

// objectFile is what is in an object's file.
type objectFile struct {
	storage.Object
	texts map[string]string // of the fields, as written
	other []string          // top-level keys that mean nothing here, as YAML
}

// readObject reads an object's file. Values that the DC file cannot read become
// document.Text; no value is an error.
func readObject(file *dc.File, id wire.DoID, data []byte) (objectFile, error) {
	o := objectFile{Object: storage.Object{ID: id, Fields: document.Document{}}, texts: map[string]string{}}
	top, err := readMapping(data)
	if err != nil {
		return o, fmt.Errorf("%w: %w", storage.ErrUnreadable, err)
	}
	var fields []*ast.MappingValueNode
	for _, pair := range top {
		switch key := keyOf(pair); key {
		case "id":
		case "class":
			o.Class, _ = textOf(pair.Value)
		case "fields":
			if fields, err = mappingOf(pair.Value); err != nil {
				return o, fmt.Errorf("%w: fields: %w", storage.ErrUnreadable, err)
			}
		default:
			o.other = append(o.other, strings.TrimRight(pair.String(), "\n"))
		}
	}
	if o.Class == "" {
		return o, fmt.Errorf("%w: the key class is missing", storage.ErrUnreadable)
	}
	class, _ := file.ClassByName(o.Class)
	for _, pair := range fields {
		name := keyOf(pair)
		text, ok := textOf(pair.Value)
		if !ok {
			continue // no value
		}
		o.texts[name] = text
		o.Fields = append(o.Fields, document.Element{Name: name, Value: readValue(class, name, text)})
	}
	return o, nil
}

// readValue turns text into what it means to the DC file.
func readValue(class *dc.Class, name, text string) document.Value {
	if f, ok := fieldOf(class, name); ok {
		if packed, err := f.ParseText(text, dc.Raw); err == nil {
			if v, err := storage.Encode(f, packed); err == nil {
				return v
			}
		}
	}
	return document.Text(text)
}

// writeValue is the text of a value.
func writeValue(class *dc.Class, name string, v document.Value) (string, error) {
	if t, ok := v.(document.Text); ok {
		return string(t), nil
	}
	f, ok := fieldOf(class, name)
	if !ok {
		return "", fmt.Errorf("%w: the DC file, which says how values are written, does not have the field %s", storage.ErrValue, name)
	}
	packed, err := storage.Decode(f, v)
	if err != nil {
		return "", fmt.Errorf("%w: %w", storage.ErrValue, err)
	}
	text, err := f.Text(packed, dc.TextStyle{Notation: dc.Raw})
	if err != nil {
		return "", fmt.Errorf("%w: %w", storage.ErrValue, err)
	}
	return text, nil
}

func fieldOf(class *dc.Class, name string) (*dc.Field, bool) {
	if class == nil {
		return nil, false
	}
	f, ok := class.FieldByName(name)
	return f, ok && !f.IsMolecular()
}

// change puts other fields into the file. The texts of those that are the same
// stay. changed says which are not.
func (o *objectFile) change(file *dc.File, fields document.Document, changed document.Document) error {
	class, _ := file.ClassByName(o.Class)
	for _, e := range changed {
		text, err := writeValue(class, e.Name, e.Value)
		if err != nil {
			return err
		}
		o.texts[e.Name] = text
	}
	o.Fields = fields
	return nil
}

// append writes the file.
func (o *objectFile) append(b []byte) []byte {
	b = fmt.Appendf(b, "id: %d\nclass: %s\nfields:", o.ID, scalar(o.Class))
	if len(o.Fields) == 0 {
		b = append(b, " {}"...)
	}
	for _, e := range o.Fields {
		b = fmt.Appendf(b, "\n  %s: %s", scalar(e.Name), scalar(o.texts[e.Name]))
	}
	for _, other := range o.other {
		b = append(append(b, '\n'), other...)
	}
	return append(b, '\n')
}

// readMapping reads a file that is one mapping.
func readMapping(data []byte) ([]*ast.MappingValueNode, error) {
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, err
	}
	if len(f.Docs) != 1 || f.Docs[0].Body == nil {
		return nil, fmt.Errorf("expected a mapping")
	}
	return mappingOf(f.Docs[0].Body)
}

func mappingOf(n ast.Node) ([]*ast.MappingValueNode, error) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, nil
	case *ast.NullNode:
		return nil, nil
	}
	return nil, fmt.Errorf("expected a mapping, found %s", n.Type())
}

func keyOf(pair *ast.MappingValueNode) string {
	if n, ok := ast.Node(pair.Key).(ast.ScalarNode); ok {
		if text, ok := textOf(n); ok {
			return text
		}
	}
	return pair.Key.String()
}

// textOf is a scalar as written, without quotation marks; false for null. What is
// no scalar, as [1, 2] without them, is its YAML.
func textOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.NullNode:
		return "", false
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case ast.ScalarNode:
		return n.GetToken().Value, true
	}
	return n.String(), true
}
