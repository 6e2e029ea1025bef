package main

import (
	"math"
	"math/rand/v2"
	"time"

	"natstron/bridge/wire"
	"natstron/roles/ask"
	"natstron/roles/gamerole"
)

// firefliesOptions are the keys of the role in astrond.yml.
type firefliesOptions struct {
	Control     wire.Channel `key:"control,required" doc:"The role's own channel."`
	StateServer wire.Channel `key:"stateserver,required" doc:"The control channel of the state server that has the fireflies."`
	Meadow      wire.DoID    `key:"meadow,required" doc:"The parent of all fireflies."`
	Count       int          `key:"count" default:"20" min:"1" max:"500" doc:"How many there are."`
}

// Channel is the role's own channel.
func (o *firefliesOptions) Channel() wire.Channel { return o.Control }

const (
	step  = 200 * time.Millisecond // between two movements
	speed = 14.0                   // in one of them
	reach = 34.0                   // at which an avatar catches a firefly
)

// fireflies is the role: the AI of all fireflies. It knows nothing of package-mates: it sees the
// avatars because it listens to the zone, as an AI in another process, or in Python, would.
type fireflies struct {
	*gamerole.Role
	*firefliesOptions
	all     []*firefly
	avatars map[wire.DoID]place
}

type firefly struct {
	object    *gamerole.Object
	at        place
	direction float64 // in radians
}

// newFireflies is called for each role of the type fireflies.
func newFireflies(r *gamerole.Role, o *firefliesOptions) (gamerole.Game, error) {
	return &fireflies{Role: r, firefliesOptions: o, avatars: map[wire.DoID]place{}}, nil
}

// Start creates the fireflies, and is ready when all of them are there.
func (f *fireflies) Start(ready func(error)) {
	at := wire.Location{Parent: f.Meadow, Zone: zone}
	if err := f.Subscribe(at.Channel()); err != nil {
		ready(err)
		return
	}
	for range f.Count {
		one := &firefly{at: anywhere(), direction: rand.Float64() * 2 * math.Pi}
		f.Create(f.StateServer, "Firefly", at, ask.Values{"setXY": one.at.arguments()}, func(o *gamerole.Object, err error) {
			if err != nil {
				ready(err)
				return
			}
			one.object = o
			if f.all = append(f.all, one); len(f.all) == f.Count {
				f.flyLater()
				ready(nil)
			}
		})
	}
}

// Stop is called at the end. The fireflies end with the role.
func (f *fireflies) Stop() {}

func anywhere() place { return place{rand.Float64() * width, rand.Float64() * height} }

func (f *fireflies) flyLater() {
	f.Ask(ask.After(step, func(error) {
		for _, one := range f.all {
			f.fly(one)
		}
		f.flyLater()
	}))
}

// fly moves a firefly. One that is caught appears elsewhere.
func (f *fireflies) fly(one *firefly) {
	one.direction += (rand.Float64() - 0.5) * 1.2
	one.at.x += math.Cos(one.direction) * speed
	one.at.y += math.Sin(one.direction) * speed
	if one.at.x < 0 || one.at.x > width || one.at.y < 0 || one.at.y > height {
		one.at.x, one.at.y = min(max(one.at.x, 0), width), min(max(one.at.y, 0), height)
		one.direction += math.Pi / 2
	}
	for avatar, at := range f.avatars {
		if math.Hypot(at.x-one.at.x, at.y-one.at.y) < reach {
			one.at = anywhere()
			_ = f.Tell(ask.Update("Avatar", avatar, "caught", []any{})) // an error is logged
			break
		}
	}
	_ = one.object.Set("setXY", one.at.arguments()...) // an error is logged
}

// Receive gets what else is told in the zone: avatars enter.
func (f *fireflies) Receive(m wire.Message) {
	if m.Type != wire.StateServerObjectEnterLocationWithRequired && m.Type != wire.StateServerObjectEnterLocationWithRequiredOther {
		return
	}
	do, _, class := m.Payload.DoID(), m.Payload.Location(), m.Payload.Uint16()
	if c, ok := f.File().ClassByID(class); m.Payload.Err() != nil || !ok || c.Name() != "Avatar" {
		return
	}
	avatar, err := f.Object("Avatar", do)
	if err == nil {
		// It catches nothing until it has moved.
		err = avatar.Handle("setXY", func(_ wire.Channel, x, y uint16) { f.avatars[do] = place{float64(x), float64(y)} })
	}
	if err != nil {
		f.Log().Error("an avatar is not seen", "avatar", uint32(do), "error", err)
		return
	}
	avatar.Ended(func() { delete(f.avatars, do) })
}
