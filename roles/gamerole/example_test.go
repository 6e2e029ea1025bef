package gamerole_test

import (
	"natstron/bridge/wire"
	"natstron/cmd/astrond/app"
	"natstron/roles/gamerole"
)

func main() {
	app.Main(app.Extensions{Roles: gamerole.Types{"greeter": gamerole.TypeOf(newGreeter)}})
}

type options struct {
	ID    wire.DoID `key:"id,required" doc:"The doId of the greeter."`
	Words string    `key:"words" default:"hello" doc:"What it says."`
}

func (o *options) Channel() wire.Channel { return o.ID.Channel() }

type greeter struct{ *gamerole.Role }

func newGreeter(r *gamerole.Role, o *options) (gamerole.Game, error) {
	object, err := r.Object("Greeter", o.ID)
	if err != nil {
		return nil, err
	}
	return greeter{r}, object.Handle("greet", func(client wire.Channel, name string) {
		_ = object.SendTo(client, "greeted", o.Words+", "+name) // an error is logged
	})
}

func (greeter) Start(ready func(error)) { ready(nil) }
func (greeter) Stop()                   {}

// An astrond with a role that answers greetings: of Greeter.greet(string name) with
// Greeter.greeted(string text).
func Example() {
	_ = main // the program's
}
