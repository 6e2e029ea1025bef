package wiretest

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// lookup returns the value of a key; nil if it is not there.
func lookup(d bson.D, key string) any {
	v, _ := at(d, key)
	return v
}

func asD(v any) bson.D {
	d, _ := v.(bson.D)
	return d
}

func asA(v any) bson.A {
	a, _ := v.(bson.A)
	return a
}

// run does a command, and returns the answer.
func (s *Server) run(body bson.D) bson.D {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := body[0].Key
	switch strings.ToLower(name) {
	case "hello", "ismaster":
		return s.hello()
	case "ping", "endsessions", "killcursors":
		return ok()
	}
	target, _ := body[0].Value.(string)
	database, _ := lookup(body, "$db").(string)
	c := s.collection(database + "." + target)
	write := map[string]func(*collection, bson.D) bson.D{"insert": insert, "update": update, "delete": remove, "findAndModify": findAndModify}[name]
	switch {
	case write != nil && s.standby:
		return append(failure(10107, "NotWritablePrimary"), bson.E{Key: "topologyVersion", Value: s.version()})
	case write != nil:
		return s.once(body, func() bson.D { return write(c, body) })
	case name == "find":
		return s.firstBatch(body, database+"."+target, c.find(asD(lookup(body, "filter")), asD(lookup(body, "sort")), number(lookup(body, "limit"))))
	case name == "getMore":
		return s.nextBatch(body)
	case name == "listCollections":
		return batch(database+".$cmd.listCollections", s.names(database))
	case name == "count":
		return ok(bson.E{Key: "n", Value: int32(len(c.find(asD(lookup(body, "query")), nil, 0)))})
	case name == "createIndexes":
		return createIndexes(c, body)
	case name == "listIndexes":
		return listIndexes(c, database+"."+target)
	case name == "dropIndexes":
		return dropIndexes(c, body)
	case name == "aggregate":
		return aggregate(c, database+"."+target, body)
	case name == "dropDatabase":
		for key := range s.data {
			if strings.HasPrefix(key, database+".") {
				delete(s.data, key)
			}
		}
		return ok()
	}
	return failure(59, "CommandNotFound: "+name)
}

func ok(more ...bson.E) bson.D { return append(bson.D{{Key: "ok", Value: 1.0}}, more...) }

func (s *Server) version() bson.D {
	return bson.D{{Key: "processId", Value: s.election}, {Key: "counter", Value: int64(1)}}
}

func (s *Server) hello() bson.D {
	d := ok(bson.E{Key: "isWritablePrimary", Value: !s.standby}, bson.E{Key: "ismaster", Value: !s.standby},
		bson.E{Key: "maxBsonObjectSize", Value: int32(16 << 20)}, bson.E{Key: "maxMessageSizeBytes", Value: int32(maxMessage)},
		bson.E{Key: "maxWriteBatchSize", Value: int32(100000)}, bson.E{Key: "minWireVersion", Value: int32(0)}, bson.E{Key: "maxWireVersion", Value: int32(21)})
	if s.set {
		me := s.listener.Addr().String()
		d = append(d, bson.E{Key: "setName", Value: "test"}, bson.E{Key: "setVersion", Value: int32(1)}, bson.E{Key: "hosts", Value: bson.A{me}},
			bson.E{Key: "me", Value: me}, bson.E{Key: "secondary", Value: s.standby}, bson.E{Key: "logicalSessionTimeoutMinutes", Value: int32(30)})
		if !s.standby {
			d = append(d, bson.E{Key: "primary", Value: me}, bson.E{Key: "electionId", Value: s.election})
		}
	}
	return d
}

// once does a write that the driver may repeat once.
func (s *Server) once(body bson.D, f func() bson.D) bson.D {
	n := lookup(body, "txnNumber")
	if n == nil {
		return f()
	}
	key := fmt.Sprint(lookup(body, "lsid"), n)
	if answer := s.answered[key]; answer != nil {
		return answer
	}
	answer := f()
	s.answered[key] = answer
	return answer
}

func (s *Server) collection(name string) *collection {
	c := s.data[name]
	if c == nil {
		c = &collection{byID: map[string]bson.D{}}
		s.data[name] = c
	}
	return c
}

func (s *Server) names(database string) []bson.D {
	var list []bson.D
	for key, c := range s.data {
		if name, is := strings.CutPrefix(key, database+"."); is && len(c.byID) > 0 {
			list = append(list, bson.D{{Key: "name", Value: name}, {Key: "type", Value: "collection"}})
		}
	}
	return list
}

func batch(name string, documents []bson.D) bson.D {
	a := bson.A{}
	for _, d := range documents {
		a = append(a, d)
	}
	return ok(bson.E{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: name}, {Key: "firstBatch", Value: a}}})
}

// batchSize is how many documents come at once if the client does not say.
const batchSize = 101

// firstBatch answers with the first documents, and keeps the others for the cursor.
func (s *Server) firstBatch(body bson.D, name string, documents []bson.D) bson.D {
	n := batchSize
	if size := lookup(body, "batchSize"); size != nil {
		n = int(number(size))
	}
	if len(documents) <= n {
		return batch(name, documents)
	}
	s.cursors = append(s.cursors, documents[n:])
	answer := batch(name, documents[:n])
	asD(lookup(answer, "cursor"))[0].Value = int64(len(s.cursors))
	return answer
}

// nextBatch answers with all other documents of a cursor.
func (s *Server) nextBatch(body bson.D) bson.D {
	id, _ := body[0].Value.(int64)
	if id < 1 || id > int64(len(s.cursors)) {
		return failure(43, "CursorNotFound")
	}
	name, _ := lookup(body, "collection").(string)
	database, _ := lookup(body, "$db").(string)
	answer := batch(database+"."+name, s.cursors[id-1])
	s.cursors[id-1] = nil
	asD(lookup(answer, "cursor"))[2].Key = "nextBatch"
	return answer
}

func insert(c *collection, body bson.D) bson.D {
	n, failed := int32(0), bson.A{}
	for i, d := range asA(lookup(body, "documents")) {
		if err := c.insert(asD(d)); err != nil {
			failed = append(failed, bson.D{{Key: "index", Value: int32(i)}, {Key: "code", Value: int32(11000)}, {Key: "errmsg", Value: err.Error()}})
			if lookup(body, "ordered") != false {
				break
			}
			continue
		}
		n++
	}
	return counted(n, "writeErrors", failed)
}

// counted is the answer to a write, with a list unless it is empty.
func counted(n int32, key string, list bson.A) bson.D {
	answer := ok(bson.E{Key: "n", Value: n}, bson.E{Key: "nModified", Value: n})
	if len(list) > 0 {
		answer = append(answer, bson.E{Key: key, Value: list})
	}
	return answer
}

func update(c *collection, body bson.D) bson.D {
	n, upserted := int32(0), bson.A{}
	for i, one := range asA(lookup(body, "updates")) {
		u := asD(one)
		_, after, matched, err := c.modify(asD(lookup(u, "q")), nil, asD(lookup(u, "u")), lookup(u, "upsert") == true)
		if err != nil && strings.HasPrefix(err.Error(), "E11000") {
			return counted(n, "writeErrors", bson.A{bson.D{{Key: "index", Value: int32(i)}, {Key: "code", Value: int32(11000)}, {Key: "errmsg", Value: err.Error()}}})
		}
		if err != nil {
			return failure(9, err.Error())
		}
		if after == nil {
			continue
		}
		if n++; !matched {
			upserted = append(upserted, bson.D{{Key: "index", Value: int32(i)}, {Key: "_id", Value: lookup(after, "_id")}})
		}
	}
	return counted(n, "upserted", upserted)
}

func remove(c *collection, body bson.D) bson.D {
	n := int32(0)
	for _, one := range asA(lookup(body, "deletes")) {
		found := c.find(asD(lookup(asD(one), "q")), nil, number(lookup(asD(one), "limit")))
		for _, d := range found {
			_ = c.replace(d, nil) // nothing is refused
			n++
		}
	}
	return ok(bson.E{Key: "n", Value: n})
}

func findAndModify(c *collection, body bson.D) bson.D {
	query, sort := asD(lookup(body, "query")), asD(lookup(body, "sort"))
	if lookup(body, "remove") == true {
		for _, d := range c.find(query, sort, 1) {
			_ = c.replace(d, nil) // nothing is refused
			return ok(bson.E{Key: "value", Value: d})
		}
		return ok(bson.E{Key: "value", Value: nil})
	}
	before, _, matched, err := c.modify(query, sort, asD(lookup(body, "update")), lookup(body, "upsert") == true)
	switch {
	case err != nil:
		return failure(9, err.Error())
	case !matched:
		return ok(bson.E{Key: "value", Value: nil})
	}
	return ok(bson.E{Key: "value", Value: before})
}
