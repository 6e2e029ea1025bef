package metrics

import (
	"reflect"
	"testing"
)

// Each number that a part of the suite counts is a metric.
func TestNoCounterIsForgotten(t *testing.T) {
	forgotten(t, "bridge", node)
	forgotten(t, "message director", messageDirector)
	forgotten(t, "event sender", eventSender)
	forgotten(t, "process", process)
	forgotten(t, "client agent", clientAgent)
	forgotten(t, "state server", stateServer)
	forgotten(t, "dbss", dbssRole)
	forgotten(t, "database", databaseServer)
	forgotten(t, "event logger", eventLogger)
	forgotten(t, "a game's own role", ownRole)
}

// forgotten tells of the numbers of some Stats that change no metric.
func forgotten[S any](t *testing.T, what string, families func(S) []family) {
	t.Helper()
	var zero S
	none := families(zero)
	for _, f := range numbers(reflect.TypeFor[S](), nil) {
		some := reflect.New(reflect.TypeFor[S]()).Elem()
		switch field := some.FieldByIndex(f); {
		case field.CanInt():
			field.SetInt(4711)
		case field.CanUint():
			field.SetUint(4711)
		case field.CanFloat():
			field.SetFloat(4711)
		default:
			field.SetBool(true)
		}
		if reflect.DeepEqual(none, families(some.Interface().(S))) {
			t.Errorf("%s: no metric tells of %s", what, reflect.TypeFor[S]().FieldByIndex(f).Name)
		}
	}
}

// numbers are the fields of a struct that are numbers or truths, those of embedded structs
// included.
func numbers(of reflect.Type, at []int) (all [][]int) {
	for i := range of.NumField() {
		f, index := of.Field(i), append(at[:len(at):len(at)], i)
		zero := reflect.Zero(f.Type)
		switch {
		case f.Anonymous:
			all = append(all, numbers(f.Type, index)...)
		case zero.CanInt() || zero.CanUint() || zero.CanFloat() || f.Type.Kind() == reflect.Bool:
			all = append(all, index)
		}
	}
	return all
}
