package inspect

import (
	"context"
	"net/url"
	"strconv"

	"natstron/bridge/wire"
)

// A Query asks what the parameters of a URL say. The error is a [*strconv.NumError] if one
// of them is not the number that it must be.
type Query func(ctx context.Context, ask Asker, parameters url.Values) (any, error)

// Queries are the questions by their names in URLs.
func Queries() map[string]Query {
	return map[string]Query{
		"cluster": question(Processes),
		"clients": question(Clients),
		"client":  question(Client),
		"parents": question(Parents),
		"zones":   question(Zones),
		"objects": question(Objects),
		"object":  question(Object),
		"viewers": question(Viewers),
		"why":     why,
	}
}

func question(what What) Query {
	return func(ctx context.Context, ask Asker, values url.Values) (any, error) {
		n := numbers{values: values}
		q := Question{
			What: what, Find: values.Get("find"), History: values.Has("history"),
			Client: wire.Channel(n.get("client", 64)), Object: wire.DoID(n.get("object", 32)),
			Parent: wire.DoID(n.get("parent", 32)), AI: wire.Channel(n.get("ai", 64)), Owner: wire.Channel(n.get("owner", 64)),
			From: n.get("from", 64), Limit: int(n.get("limit", 16)),
		}
		if values.Has("zone") {
			zone := wire.Zone(n.get("zone", 32))
			q.Zone = &zone
		}
		if n.err != nil {
			return nil, n.err
		}
		return Ask(ctx, ask, q)
	}
}

func why(ctx context.Context, ask Asker, values url.Values) (any, error) {
	n := numbers{values: values}
	client, object := wire.Channel(n.get("client", 64)), wire.DoID(n.get("object", 32))
	if n.err != nil {
		return nil, n.err
	}
	return Why(ctx, ask, client, object)
}

// numbers reads parameters, and keeps the first error.
type numbers struct {
	values url.Values
	err    error
}

func (n *numbers) get(name string, bits int) uint64 {
	s := n.values.Get(name)
	if s == "" {
		return 0
	}
	v, err := strconv.ParseUint(s, 10, bits)
	if err != nil && n.err == nil {
		n.err = err
	}
	return v
}
