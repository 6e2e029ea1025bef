package wire_test

import (
	"fmt"
	"log"

	"natstron/bridge/wire"
)

// An AI moves object 10 to zone 2000 of parent 4618, and the object reads that.
func Example() {
	var w wire.Writer
	d, err := w.Header(402000001, wire.StateServerObjectSetLocation, wire.DoID(10).Channel()).
		Location(wire.Location{Parent: 4618, Zone: 2000}).
		Datagram()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%x\n", []byte(d))

	m, err := d.Message()
	if err != nil {
		log.Fatal(err)
	}
	location := m.Payload.Location()
	if err := m.Payload.Done(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Sender, m.Type, location)
	// Output:
	// 010a000000000000008108f61700000000f8070a120000d0070000
	// 402000001 STATESERVER_OBJECT_SET_LOCATION 4618:2000
}

// A tool that shows traffic walks along the layout.
func ExampleLayout_Decode() {
	payload := []byte{0x0a, 0, 0, 0, 0x0a, 0x12, 0, 0, 0xd0, 0x07, 0, 0, 0x03, 0, 0xff}
	layout, _ := wire.LayoutOf(wire.StateServerCreateObjectWithRequired)
	fmt.Println(layout)
	r := wire.NewReader(payload)
	err := layout.Decode(&r, nil, func(a wire.Arg) { fmt.Println(a) })
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// STATESERVER_CREATE_OBJECT_WITH_REQUIRED(doId do_id, location location, dclass dclass_id, REQUIRED required)
	// do_id=10
	// location=4618:2000
	// dclass_id=3
	// rest=ff
}

// Subscribing, as a participant writes it and its message director reads it.
func ExampleParseControl() {
	var w wire.Writer
	d, err := w.AppendControl(wire.Control{Type: wire.ControlAddRange, Channel: 1000, High: 1999}).Datagram()
	if err != nil {
		log.Fatal(err)
	}
	c, err := wire.ParseControl(d)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Type, c.Channel, c.High)
	// Output: CONTROL_ADD_RANGE 1000 1999
}
