package wiretest

import (
	"bytes"
	"math"
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
		if !isOperators(e.Value) {
			if !ok || !matchesOne(v, ok, "$eq", e.Value) {
				return false
			}
			continue
		}
		for _, op := range asD(e.Value) {
			if !matchesOne(v, ok, op.Key, op.Value) {
				return false
			}
		}
	}
	return true
}

// matchesOne reports whether a value fits one operator. As in MongoDB, an array also
// fits if one of its elements does.
func matchesOne(v any, ok bool, op string, arg any) bool {
	switch op {
	case "$exists":
		return ok == (arg == true)
	case "$not":
		for _, inner := range asD(arg) {
			if !matchesOne(v, ok, inner.Key, inner.Value) {
				return true
			}
		}
		return false
	case "$ne":
		return !matchesOne(v, ok, "$eq", arg)
	case "$elemMatch":
		for _, one := range asA(v) {
			all := true
			for _, inner := range asD(arg) {
				all = all && fits(one, inner.Key, inner.Value)
			}
			if all {
				return true
			}
		}
		return false
	}
	if !ok {
		return false
	}
	if fits(v, op, arg) {
		return true
	}
	for _, one := range asA(v) {
		if fits(one, op, arg) {
			return true
		}
	}
	return false
}

func fits(v any, op string, arg any) bool {
	switch op {
	case "$eq":
		return equal(v, arg)
	case "$in":
		for _, one := range asA(arg) {
			if equal(v, one) {
				return true
			}
		}
		return false
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
	case !isNumber(a) || !isNumber(b):
		return boolInt(isNumber(a)) - boolInt(isNumber(b))
	case number(a) < number(b):
		return -1
	case number(a) > number(b):
		return 1
	}
	return 0
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
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
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if a[i].Key != b[i].Key || !equal(a[i].Value, b[i].Value) {
				return false
			}
		}
		return true
	case bson.A:
		b, ok := b.(bson.A)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case bson.Binary:
		b, ok := b.(bson.Binary)
		return ok && a.Subtype == b.Subtype && bytes.Equal(a.Data, b.Data)
	case string, bool, bson.ObjectID, nil:
		return a == b
	}
	return false
}
