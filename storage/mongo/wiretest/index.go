package wiretest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// index is a partial index by the first of its paths.
type index struct {
	name   string
	spec   bson.D
	path   string
	filter bson.D
	unique bool
	ids    map[string]map[string]bool // keys of ids, by values
}

// valueKey is a value as a key: numbers count by what they are, also inside.
func valueKey(v any) string {
	switch v := v.(type) {
	case int32, int64, float64:
		return fmt.Sprintf("n%v", number(v))
	case bson.D:
		var b strings.Builder
		for _, e := range v {
			fmt.Fprintf(&b, "%q:%s,", e.Key, valueKey(e.Value))
		}
		return "{" + b.String() + "}"
	case bson.A:
		var b strings.Builder
		for _, e := range v {
			b.WriteString(valueKey(e) + ",")
		}
		return "[" + b.String() + "]"
	}
	return fmt.Sprintf("%T%q", v, fmt.Sprint(v))
}

// keyIn is a document's key in an index; ok is false if it is not in it.
func (x *index) keyIn(d bson.D) (key string, ok bool) {
	v, ok := at(d, x.path)
	if !ok || !matches(d, x.filter) {
		return "", false
	}
	return valueKey(v), true
}

// refuse is the error of a document that an index does not take.
func (x *index) refuse(d bson.D) error {
	key, ok := x.keyIn(d)
	if !ok || !x.unique {
		return nil
	}
	for id := range x.ids[key] {
		if id != idKey(lookup(d, "_id")) {
			return fmt.Errorf("E11000 duplicate key error collection: c index: %s dup key: { %s: %s }", x.name, x.path, key)
		}
	}
	return nil
}

func (x *index) add(d bson.D) {
	if key, ok := x.keyIn(d); ok {
		if x.ids[key] == nil {
			x.ids[key] = map[string]bool{}
		}
		x.ids[key][idKey(lookup(d, "_id"))] = true
	}
}

func (x *index) remove(d bson.D) {
	if key, ok := x.keyIn(d); ok {
		delete(x.ids[key], idKey(lookup(d, "_id")))
	}
}

// replace puts a document in another's place; before or after may be nil.
func (c *collection) replace(before, after bson.D) error {
	for _, x := range c.indexes {
		if err := x.refuse(after); err != nil {
			return err
		}
	}
	for _, x := range c.indexes {
		x.remove(before)
		x.add(after)
	}
	if after == nil {
		delete(c.byID, idKey(lookup(before, "_id")))
	} else {
		c.byID[idKey(lookup(after, "_id"))] = after
	}
	return nil
}

// indexed returns what an index has for a filter; ok is false if none helps.
func (c *collection) indexed(filter bson.D) (found []bson.D, ok bool) {
	for _, x := range c.indexes {
		v, has := direct(filter, x.path)
		if !has || isOperators(v) || !implies(filter, x.filter) {
			continue
		}
		for id := range x.ids[valueKey(v)] {
			if d := c.byID[id]; matches(d, filter) {
				found = append(found, d)
			}
		}
		return found, true
	}
	return nil, false
}

// direct is what a filter says of a path.
func direct(filter bson.D, path string) (any, bool) {
	i := slices.IndexFunc(filter, func(e bson.E) bool { return e.Key == path })
	if i < 0 {
		return nil, false
	}
	return filter[i].Value, true
}

// implies reports whether what fits a filter also fits that of a partial index.
func implies(filter, partial bson.D) bool {
	for _, e := range partial {
		v, ok := direct(filter, e.Key)
		if !ok || !isOperators(e.Value) && !equal(v, e.Value) {
			return false
		}
	}
	return true
}

func createIndexes(c *collection, body bson.D) bson.D {
	for _, one := range asA(lookup(body, "indexes")) {
		spec := asD(one)
		name, _ := lookup(spec, "name").(string)
		if slices.ContainsFunc(c.indexes, func(x *index) bool { return x.name == name }) {
			continue
		}
		x := &index{name: name, spec: spec, filter: asD(lookup(spec, "partialFilterExpression")), unique: lookup(spec, "unique") == true, ids: map[string]map[string]bool{}}
		x.path = asD(lookup(spec, "key"))[0].Key
		for _, d := range c.byID {
			if err := x.refuse(d); err != nil {
				return failure(11000, "Index build failed: "+err.Error())
			}
			x.add(d)
		}
		c.indexes = append(c.indexes, x)
	}
	return ok()
}

func listIndexes(c *collection, name string) bson.D {
	list := []bson.D{{{Key: "v", Value: int32(2)}, {Key: "key", Value: bson.D{{Key: "_id", Value: int32(1)}}}, {Key: "name", Value: "_id_"}}}
	for _, x := range c.indexes {
		list = append(list, x.spec)
	}
	return batch(name, list)
}

func dropIndexes(c *collection, body bson.D) bson.D {
	name, _ := lookup(body, "index").(string)
	before := len(c.indexes)
	c.indexes = slices.DeleteFunc(c.indexes, func(x *index) bool { return x.name == name })
	if len(c.indexes) == before {
		return failure(27, "IndexNotFound")
	}
	return ok()
}

// aggregate knows $match, $sort and $limit, and $group by a path with $sum of 1 and $min.
func aggregate(c *collection, name string, body bson.D) bson.D {
	list := c.all()
	for _, stage := range asA(lookup(body, "pipeline")) {
		one := asD(stage)[0]
		switch one.Key {
		case "$match":
			list = slices.DeleteFunc(list, func(d bson.D) bool { return !matches(d, asD(one.Value)) })
		case "$sort":
			sortBy(list, asD(one.Value))
		case "$limit":
			list = list[:min(len(list), int(number(one.Value)))]
		case "$group":
			list = group(list, asD(one.Value))
		default:
			return failure(40324, "unknown stage "+one.Key)
		}
	}
	return batch(name, list)
}

func group(list []bson.D, by bson.D) []bson.D {
	path, _ := lookup(by, "_id").(string)
	groups := map[string]bson.D{}
	for _, d := range list {
		v, _ := at(d, strings.TrimPrefix(path, "$"))
		key := valueKey(v)
		g, there := groups[key]
		if !there {
			g = bson.D{{Key: "_id", Value: v}}
		}
		for _, e := range by[1:] {
			op := asD(e.Value)[0]
			before := lookup(g, e.Key)
			switch op.Key {
			case "$sum":
				g = put(g, []string{e.Key}, number(before)+number(op.Value))
			case "$min":
				least, _ := at(d, strings.TrimPrefix(op.Value.(string), "$"))
				if before == nil || compare(least, before) < 0 {
					g = put(g, []string{e.Key}, least)
				}
			}
		}
		groups[key] = g
	}
	return slices.Collect(maps.Values(groups))
}
