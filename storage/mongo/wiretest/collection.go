package wiretest

import (
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// collection holds documents. They are never changed, but replaced.
type collection struct {
	byID    map[string]bson.D
	indexes []*index
}

// idKey is an _id as a key: numbers count by what they are.
func idKey(id any) string {
	switch id := id.(type) {
	case int32, int64, float64:
		return fmt.Sprintf("n%d", number(id))
	}
	return fmt.Sprintf("%T%v", id, id)
}

func (c *collection) insert(d bson.D) error {
	key := idKey(lookup(d, "_id"))
	if _, there := c.byID[key]; there {
		return fmt.Errorf("E11000 duplicate key error collection: c index: _id_ dup key: { _id: %v }", lookup(d, "_id"))
	}
	return c.replace(nil, d)
}

func (c *collection) all() []bson.D { return c.find(nil, bson.D{{Key: "_id", Value: 1}}, 0) }

func (c *collection) find(filter, order bson.D, limit int64) []bson.D {
	var found []bson.D
	if len(filter) > 0 && filter[0].Key == "_id" && !isOperators(filter[0].Value) {
		if d, ok := c.byID[idKey(filter[0].Value)]; ok && matches(d, filter) {
			found = append(found, d)
		}
		return found
	}
	found, ok := c.indexed(filter)
	if !ok {
		for _, d := range c.byID {
			if matches(d, filter) {
				found = append(found, d)
			}
		}
	}
	sortBy(found, order)
	if limit > 0 && int64(len(found)) > limit {
		found = found[:limit]
	}
	return found
}

func sortBy(list []bson.D, order bson.D) {
	slices.SortFunc(list, func(a, b bson.D) int {
		for _, e := range order {
			x, _ := at(a, e.Key)
			y, _ := at(b, e.Key)
			if n := compare(x, y) * int(number(e.Value)); n != 0 {
				return n
			}
		}
		return 0
	})
}

// modify changes one document, or with upsert makes it.
func (c *collection) modify(filter, order, change bson.D, upsert bool) (before, after bson.D, matched bool, err error) {
	found := c.find(filter, order, 1)
	switch {
	case len(found) > 0:
		before = found[0]
	case upsert:
		before = bson.D{{Key: "_id", Value: lookup(filter, "_id")}}
	default:
		return nil, nil, false, nil
	}
	after = before
	for _, op := range change {
		for _, e := range asD(op.Value) {
			if after, err = apply(after, op.Key, e, len(found) == 0); err != nil {
				return nil, nil, false, err
			}
		}
	}
	var there bson.D
	if len(found) > 0 {
		there = before
	}
	if err := c.replace(there, after); err != nil {
		return nil, nil, false, err
	}
	return before, after, len(found) > 0, nil
}

// apply does one operator's work for one path.
func apply(d bson.D, op string, e bson.E, fresh bool) (bson.D, error) {
	old, has := at(d, e.Key)
	path := strings.Split(e.Key, ".")
	switch op {
	case "$set":
		return put(d, path, e.Value), nil
	case "$setOnInsert":
		if !fresh {
			return d, nil
		}
		return put(d, path, e.Value), nil
	case "$unset":
		if !has {
			return d, nil
		}
		return put(d, path, nil), nil
	case "$inc":
		return put(d, path, number(old)+number(e.Value)), nil
	case "$max":
		if has && compare(old, e.Value) >= 0 {
			return d, nil
		}
		return put(d, path, e.Value), nil
	case "$pullAll":
		left := bson.A{}
		for _, v := range asA(old) {
			if !slices.ContainsFunc(asA(e.Value), func(gone any) bool { return equal(v, gone) }) {
				left = append(left, v)
			}
		}
		return put(d, path, left), nil
	case "$push":
		list := append(slices.Clone(asA(old)), asA(lookup(asD(e.Value), "$each"))...)
		if n := int(-number(lookup(asD(e.Value), "$slice"))); n > 0 && len(list) > n {
			list = list[len(list)-n:]
		}
		return put(d, path, list), nil
	}
	return nil, fmt.Errorf("unknown operator %s", op)
}

// put returns a document with another value at the path; nil is none.
func put(d bson.D, path []string, v any) bson.D {
	out := slices.Clone(d)
	i := slices.IndexFunc(out, func(e bson.E) bool { return e.Key == path[0] })
	if len(path) > 1 {
		var inner bson.D
		if i >= 0 {
			inner = asD(out[i].Value)
		}
		v = put(inner, path[1:], v)
	}
	switch {
	case i >= 0 && v == nil:
		return slices.Delete(out, i, i+1)
	case i >= 0:
		out[i].Value = v
		return out
	case v == nil:
		return out
	}
	return append(out, bson.E{Key: path[0], Value: v})
}
