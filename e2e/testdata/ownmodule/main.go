// A game's own server, in a module of its own: every role in one process, with public
// packages alone. It runs until it has created an object and heard of it.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"natstron/bridge"
	"natstron/bridge/arrival"
	"natstron/bridge/md"
	"natstron/bridge/wire"
	"natstron/cmd/astrond/app"
	"natstron/dc"
	"natstron/roles"
	"natstron/roles/clientagent"
	"natstron/roles/database"
	"natstron/roles/dbss"
	"natstron/roles/eventlogger"
	"natstron/roles/stateserver"
	"natstron/storage"
	"natstron/storage/anystore"
)

const definitions = `
dclass Avatar {
  setName(string) required broadcast db;
};
`

// greeter is a client class.
type greeter struct{ log func(...any) }

func (g greeter) Connected(s *clientagent.Session)                       { g.log("hello", s.RemoteAddr()) }
func (greeter) FromClient(_ *clientagent.Session, message []byte) []byte { return message }
func (greeter) ToClient(_ *clientagent.Session, message []byte) []byte   { return message }
func (greeter) Disconnected(*clientagent.Session)                        {}

func main() {
	if len(os.Args) > 1 { // an astrond with a client class of the game's own
		app.Main(app.Extensions{Classes: clientagent.Classes{"greeter": func(a clientagent.Agent) (clientagent.Class, error) {
			return greeter{func(v ...any) { a.Log.Info(fmt.Sprint(v...)) }}, nil
		}}})
	}
	if err := run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("done")
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "park")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	definition := filepath.Join(dir, "park.dc")
	if err := os.WriteFile(definition, []byte(definitions), 0o600); err != nil {
		return err
	}
	file, err := dc.ParseFiles(definition)
	if err != nil {
		return err
	}
	node, err := bridge.Start(ctx, bridge.Options{Name: "park", Embedded: bridge.Embedded{Listen: "none"}})
	if err != nil {
		return err
	}
	defer node.Stop(ctx)
	loop, err := arrival.Start(node)
	if err != nil {
		return err
	}
	defer loop.Close()
	director, err := md.New(node, md.Options{Arrivals: loop})
	if err != nil {
		return err
	}
	defer director.Close()
	if err := director.Listen(ctx, "127.0.0.1:0", md.Astron); err != nil {
		return err
	}
	go director.Serve()

	all, err := makeRoles(node, loop, file, dir)
	if err != nil {
		return err
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	running, end := context.WithCancel(ctx)
	group := roles.Group{Roles: all, Ready: func() { close(ready) }}
	go func() { ended <- group.Run(running) }()
	select {
	case <-ready:
	case err := <-ended:
		return err
	}
	if err := create(ctx, node, file); err != nil {
		return err
	}
	end()
	return <-ended
}

func makeRoles(node *bridge.Node, loop *arrival.Loop, file *dc.File, dir string) ([]roles.Role, error) {
	events, err := eventlogger.New(eventlogger.Options{Bind: "127.0.0.1:0", Output: filepath.Join(dir, "events.log"), Node: node, Backbone: true})
	if err != nil {
		return nil, err
	}
	db, err := database.New(node, database.Options{
		Control: 4003, File: file, Generate: storage.Range{Min: 100000, Max: 199999},
		Backend: anystore.Backend{Embedded: &anystore.Embedded{File: filepath.Join(dir, "park.db")}},
	})
	if err != nil {
		return nil, err
	}
	objects, err := stateserver.New(node, stateserver.Options{Control: 402000, File: file, Ranges: []wire.DoIDRange{{Min: 2000, Max: 2999}}})
	if err != nil {
		return nil, err
	}
	stored, err := dbss.New(node, dbss.Options{Database: 4003, File: file, Ranges: []wire.DoIDRange{{Min: 100000, Max: 199999}}})
	if err != nil {
		return nil, err
	}
	agent, err := clientagent.New(node, clientagent.Options{
		Bind: "127.0.0.1:0", File: file, Arrivals: loop, Class: greeter{func(...any) {}},
		Channels: wire.ChannelRange{Min: 1000000, Max: 1009999},
		Uberdogs: []clientagent.Uberdog{{ID: 4665, Class: "Avatar"}},
	})
	return []roles.Role{events, db, objects, stored, agent}, err
}

// create has the state server make an object, and asks for it.
func create(ctx context.Context, node *bridge.Node, file *dc.File) error {
	const me, object = wire.Channel(5000), wire.DoID(2000)
	inbox := bridge.NewInbox(1 << 20)
	p, err := node.Join("park", inbox, func(error) {})
	if err != nil {
		return err
	}
	defer p.Leave()
	if err := p.Subscribe(me); err != nil {
		return err
	}
	class, _ := file.ClassByName("Avatar")
	number, _ := class.ID()
	made := new(wire.Writer).Header(me, wire.StateServerCreateObjectWithRequired, 402000).
		DoID(object).Location(wire.Location{}).Uint16(number).Text("Flo")
	asked := new(wire.Writer).Header(me, wire.StateServerObjectGetAll, object.Channel()).Uint32(1).DoID(object)
	for _, w := range []*wire.Writer{made, asked} {
		d, err := w.Datagram()
		if err == nil {
			err = p.Send(d)
		}
		if err != nil {
			return err
		}
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-inbox.Ready:
		}
		for _, d := range inbox.Take() {
			if m, err := d.Datagram.Message(); err == nil && m.Type == wire.StateServerObjectGetAllResp {
				return nil
			}
		}
	}
}
