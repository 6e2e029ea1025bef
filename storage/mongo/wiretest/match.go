package wiretest

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// at returns the value at a path of names.
func at(d bson.D, path string) (any, bool) {
	name, rest, deeper := strings.Cut(path, ".")
	for _, e := range d {
		if e.Key != name {
			continue
		}
		if !deeper {
			return e.Value, true
		}
		return at(asD(e.Value), rest)
	}
	return nil, false
}

func isOperators(v any) bool {
	d := asD(v)
	return len(d) > 0 && strings.HasPrefix(d[0].Key, "$")
}

// matches reports whether a document fits a filter.
func matches(d, filter bson.D) bool {
	for _, e := range filter {
		v, ok := at(d, e.Key)
		operators := bson.D{{Key: "$eq", Value: e.Value}}
		if isOperators(e.Value) {
			operators = asD(e.Value)
		}
		if !all(operators, func(op bson.E) bool { return matchesOne(v, ok, op.Key, op.Value) }) {
			return false
		}
	}
	return true
}

func all(operators bson.D, fit func(op bson.E) bool) bool {
	return !slices.ContainsFunc(operators, func(op bson.E) bool { return !fit(op) })
}

// matchesOne reports whether a value fits one operator. As in MongoDB, an array also
// fits if one of its elements does.
func matchesOne(v any, ok bool, op string, arg any) bool {
	switch op {
	case "$exists":
		return ok == (arg == true)
	case "$not":
		return !all(asD(arg), func(inner bson.E) bool { return matchesOne(v, ok, inner.Key, inner.Value) })
	case "$ne":
		return !matchesOne(v, ok, "$eq", arg)
	case "$elemMatch":
		return slices.ContainsFunc(asA(v), func(one any) bool {
			return all(asD(arg), func(inner bson.E) bool { return fits(one, inner.Key, inner.Value) })
		})
	}
	return ok && (fits(v, op, arg) || slices.ContainsFunc(asA(v), func(one any) bool { return fits(one, op, arg) }))
}

func fits(v any, op string, arg any) bool {
	switch op {
	case "$eq":
		return equal(v, arg)
	case "$in":
		return slices.ContainsFunc(asA(arg), func(one any) bool { return equal(v, one) })
	}
	if !isNumber(v) || !isNumber(arg) {
		return false
	}
	n := compare(v, arg)
	switch op {
	case "$gt":
		return n > 0
	case "$gte":
		return n >= 0
	case "$lt":
		return n < 0
	case "$lte":
		return n <= 0
	}
	panic("wiretest: unknown operator " + op)
}

func isNumber(v any) bool {
	switch v.(type) {
	case int, int32, int64, float64:
		return true
	}
	return false
}

// number is a value as a whole number.
func number(v any) int64 {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case int64:
		return v
	case float64:
		return int64(v)
	}
	return 0
}

// compare orders numbers, and puts what is none in front.
func compare(a, b any) int {
	switch {
	case isNumber(a) && !isNumber(b):
		return 1
	case !isNumber(a) && isNumber(b):
		return -1
	}
	return cmp.Compare(number(a), number(b))
}

// equal is equality as MongoDB has it.
func equal(a, b any) bool {
	if isNumber(a) && isNumber(b) {
		x, xReal := a.(float64)
		y, yReal := b.(float64)
		switch {
		case xReal && yReal:
			return x == y || math.IsNaN(x) && math.IsNaN(y)
		case xReal:
			return x == math.Trunc(x) && math.Abs(x) < 1<<63 && int64(x) == number(b)
		case yReal:
			return equal(b, a)
		}
		return number(a) == number(b)
	}
	switch a := a.(type) {
	case bson.D:
		b, ok := b.(bson.D)
		return ok && slices.EqualFunc(a, b, func(x, y bson.E) bool { return x.Key == y.Key && equal(x.Value, y.Value) })
	case bson.A:
		b, ok := b.(bson.A)
		return ok && slices.EqualFunc(a, b, equal)
	case bson.Binary:
		b, ok := b.(bson.Binary)
		return ok && a.Subtype == b.Subtype && bytes.Equal(a.Data, b.Data)
	case string, bool, bson.ObjectID, nil:
		return a == b
	}
	return false
}
