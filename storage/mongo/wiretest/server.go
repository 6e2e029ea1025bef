package wiretest

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Fault says what to do with a command instead of just doing it.
type Fault struct {
	DropBefore bool            // break the connection, without doing it
	DropAfter  bool            // do it, and break the connection
	Late       bool            // break the connection, and do it once Wait is closed
	Done       chan<- struct{} // closed when that is done
	Wait       <-chan struct{} // do it when this is closed
	Silent     bool            // do it, and never answer
	Code       int32           // answer with this error instead of doing it
	Name       string          // the error's name
	Concern    int32           // do it, but answer with this write concern error
}

// Command is what a client asks for.
type Command struct {
	Name       string // such as "insert"
	Collection string // without the database
}

// Server is a MongoDB server on a port of this machine.
type Server struct {
	listener net.Listener
	set      bool // it says that it is the one member of a replica set
	done     sync.WaitGroup
	stop     chan struct{}

	mu       sync.Mutex
	conns    map[net.Conn]bool
	data     map[string]*collection // by database and name
	fault    func(Command) Fault
	standby  bool
	down     bool
	answered map[string]bson.D // of retryable writes
	election bson.ObjectID
	cursors  [][]bson.D // what is left of each; their ids count from 1
}

// Start starts a server; t ends it. With set it is a replica set's primary, and the
// driver itself repeats writes; otherwise it stands alone, and the driver does not.
func Start(t testing.TB, set bool) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{listener: l, set: set, stop: make(chan struct{}), conns: map[net.Conn]bool{}, data: map[string]*collection{},
		answered: map[string]bson.D{}, election: bson.NewObjectID(), fault: func(Command) Fault { return Fault{} }}
	s.done.Go(s.accept)
	t.Cleanup(s.close)
	return s
}

// URI is where the server is, with a database.
func (s *Server) URI(database string) string {
	uri := "mongodb://" + s.listener.Addr().String() + "/" + database + "?heartbeatFrequencyMS=500"
	if s.set {
		return uri + "&replicaSet=test"
	}
	return uri + "&directConnection=true"
}

// OnCommand has f asked for each command that is about a collection.
func (s *Server) OnCommand(f func(Command) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// StepDown makes the server refuse writes, or take them again.
func (s *Server) StepDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.standby = down
	s.election = bson.NewObjectID()
}

// Down breaks all connections, as the death of the server does, and takes no others
// until it is called again.
func (s *Server) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
	if down {
		for c := range s.conns {
			_ = c.Close() // the client hears of it
		}
	}
}

// Documents are what is in a collection, in order of _id.
func (s *Server) Documents(database, name string) []bson.D {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.collection(database + "." + name).all()
}

// Insert keeps documents as others wrote them.
func (s *Server) Insert(database, name string, documents ...bson.D) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range documents {
		raw, err := bson.Marshal(d)
		if err != nil {
			panic(err)
		}
		var copied bson.D
		if err := bson.Unmarshal(raw, &copied); err != nil {
			panic(err)
		}
		if err := s.collection(database + "." + name).insert(copied); err != nil {
			panic(err)
		}
	}
}

func (s *Server) close() {
	close(s.stop)
	_ = s.listener.Close() // nobody is there to hear of it
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close() // likewise
	}
	s.mu.Unlock()
	s.done.Wait()
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		s.mu.Lock()
		down := s.down
		s.conns[c] = !down
		if down {
			delete(s.conns, c)
		}
		s.mu.Unlock()
		if down {
			_ = c.Close() // nobody serves it
			continue
		}
		s.done.Go(func() {
			s.serve(c)
			_ = c.Close() // one of the two sides has done so
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

var errDrop = errors.New("drop the connection")

// serve answers the commands of a connection.
func (s *Server) serve(c net.Conn) {
	for {
		m, err := readMessage(c)
		if err != nil {
			return
		}
		answer, err := s.answer(m.body)
		if err != nil {
			return
		}
		if answer == nil {
			continue
		}
		if err := m.reply(c, answer); err != nil {
			return
		}
	}
}

// answer does a command, or what the fault says.
func (s *Server) answer(body bson.D) (bson.D, error) {
	cmd := Command{Name: body[0].Key}
	cmd.Collection, _ = body[0].Value.(string)
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	if cmd.Collection == "" {
		return s.run(body), nil
	}
	f := fault(cmd)
	if f.Late {
		s.done.Go(func() {
			s.wait(f.Wait)
			s.run(body)
			if f.Done != nil {
				close(f.Done)
			}
		})
		return nil, errDrop
	}
	if f.Wait != nil {
		s.wait(f.Wait)
	}
	switch {
	case f.DropBefore:
		return nil, errDrop
	case f.Code != 0:
		return failure(f.Code, f.Name), nil
	}
	answer := s.run(body)
	switch {
	case f.DropAfter:
		return nil, errDrop
	case f.Silent:
		return nil, nil
	case f.Concern != 0:
		answer = append(answer, bson.E{Key: "writeConcernError", Value: bson.D{{Key: "code", Value: f.Concern}, {Key: "codeName", Value: f.Name}, {Key: "errmsg", Value: f.Name}}})
	}
	return answer, nil
}

func (s *Server) wait(until <-chan struct{}) {
	select {
	case <-until:
	case <-s.stop:
	case <-time.After(time.Minute): // a test that forgot
	}
}

func failure(code int32, name string) bson.D {
	return bson.D{{Key: "ok", Value: 0.0}, {Key: "code", Value: code}, {Key: "codeName", Value: name}, {Key: "errmsg", Value: name}}
}
