package dc_test

import (
	"errors"
	"fmt"

	"natstron/dc"
)

const toyFile = `
keyword p2p;
struct Item { uint16 id; string label = "thing"; };
dclass Toy {
  setName(string(1-16) name = "Toy") required broadcast db;
  setX(int16 / 10 x) required broadcast ram;
  setY(int16 / 10 y) required broadcast ram;
  setXY : setX, setY;
};
dclass Doll : Toy {
  setItems(Item items[0-3]) ram p2p;
  uint8(0-100) health = 50 required ram;
};
`

// toy parses a file that the examples share.
func toy() *dc.File {
	f, err := dc.Parse([]dc.Source{{Name: "toy.dc", Text: toyFile}})
	if err != nil {
		panic(err)
	}
	return f
}

func field(class, name string) *dc.Field {
	c, _ := toy().ClassByName(class)
	f, ok := c.FieldByName(name)
	if !ok {
		panic("no field " + name)
	}
	return f
}

func ExampleParse() {
	f, err := dc.Parse([]dc.Source{{Name: "toy.dc", Text: toyFile}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("hash 0x%08x\n", f.Hash())
	for _, c := range f.Classes() {
		id, _ := c.ID()
		fmt.Println(id, c.Name())
		for _, field := range c.Fields() {
			fmt.Println(" ", field.ID(), field)
		}
	}
	// Output:
	// hash 0x00208328
	// 1 Toy
	//   2 setName(string(1-16) name) required broadcast db
	//   3 setX(int16 / 10 x) required broadcast ram
	//   4 setY(int16 / 10 y) required broadcast ram
	//   5 setXY : setX, setY
	// 2 Doll
	//   2 setName(string(1-16) name) required broadcast db
	//   3 setX(int16 / 10 x) required broadcast ram
	//   4 setY(int16 / 10 y) required broadcast ram
	//   5 setXY : setX, setY
	//   6 setItems(Item items[0-3]) ram p2p
	//   7 uint8(0-100) health required ram
}

func ExampleParse_errors() {
	_, err := dc.Parse([]dc.Source{{Name: "bad.dc", Text: "dclass A {\n  f(uint8(0-300) a) ram;\n  g(string s) loud;\n};\n"}})
	fmt.Println(err)
	var all dc.Errors
	if errors.As(err, &all) {
		fmt.Println(len(all), "errors, the last in line", all[len(all)-1].Line)
	}
	// Output:
	// bad.dc:2:10: this range does not suit the type uint8
	// 	  f(uint8(0-300) a) ram;
	// 	         ^
	// bad.dc:3:15: expected ';' after the field, found 'loud'; if it is meant as a keyword, declare it first: keyword loud;
	// 	  g(string s) loud;
	// 	              ^
	// 2 errors, the last in line 3
}

func ExampleFile_Warnings() {
	f, err := dc.Parse([]dc.Source{{Name: "part.dc", Text: "dclass Door : DistributedObject { open(Speed s) ram; };"}})
	if err != nil {
		panic(err)
	}
	for _, w := range f.Warnings() {
		fmt.Println(w)
	}
	// Output:
	// part.dc:1:15: no dclass DistributedObject is declared: it is treated as one without fields
	// part.dc:1:40: no type Speed is declared before this: nothing can be packed or read for it
}

// A message with an object's required fields carries their values one after the
// other, in the order of the fields' ids.
func ExampleClass_RequiredFields() {
	c, _ := toy().ClassByName("Doll")
	message := []byte("\x03\x00Ann\x0f\x00\xf6\xff\x32")
	for _, f := range c.RequiredFields() {
		n, err := f.Check(message)
		if err != nil {
			fmt.Println(err)
			return
		}
		text, _ := f.Text(message[:n], dc.TextStyle{})
		fmt.Println(f.Name(), text)
		message = message[n:]
	}
	// Output:
	// setName ("Ann")
	// setX (1.5)
	// setY (-1)
	// health 50
}

func ExampleField_Has() {
	f := field("Toy", "setName")
	fmt.Println(f.Has(dc.Required|dc.DB), f.Has(dc.RAM), f.HasAny(dc.RAM|dc.DB))
	fmt.Println(field("Doll", "setItems").HasNamed("p2p"))
	// Output:
	// true false true
	// true
}

func ExampleField_Check() {
	_, err := field("Doll", "health").Check([]byte{130})
	fmt.Println(err, errors.Is(err, dc.ErrRange))

	_, err = field("Doll", "setItems").Check([]byte("\x05\x00\x01\x00\x02\x00a"))
	fmt.Println(err, errors.Is(err, dc.ErrTruncated))
	// Output:
	// health: 130 is outside 0-100 true
	// setItems.items[0].label: truncated: its length says 2, 1 byte left true
}

func ExampleField_Split() {
	err := field("Toy", "setXY").Split([]byte{15, 0, 25, 0}, func(atomic *dc.Field, value []byte) error {
		fmt.Printf("%s %x\n", atomic.Name(), value)
		return nil
	})
	fmt.Println(err)
	// Output:
	// setX 0f00
	// setY 1900
	// <nil>
}

func ExampleField_Pack() {
	f := field("Doll", "setItems")
	packed, err := f.Pack(dc.Record{{Name: "items", Value: []any{
		dc.Record{{Name: "id", Value: 7}, {Name: "label", Value: "hat"}},
		[]any{8, "bag"}, // in order, without names
	}}})
	fmt.Printf("%x %v\n", packed, err)
	v, err := f.Unpack(packed)
	fmt.Println(v, err)
	// Output:
	// 0e000700030068617408000300626167 <nil>
	// [{items [[{id 7} {label hat}] [{id 8} {label bag}]]}] <nil>
}

func ExampleField_JSON() {
	f := field("Toy", "setXY")
	packed, err := f.PackJSON([]byte(`{"setX": {"x": 1.5}, "setY": {"y": -2}}`), dc.Scaled)
	fmt.Printf("%x %v\n", packed, err)
	scaled, _ := f.JSON(packed, dc.Scaled)
	raw, _ := f.JSON(packed, dc.Raw)
	fmt.Printf("%s\n%s\n", scaled, raw)
	// Output:
	// 0f00ecff <nil>
	// {"setX":{"x":1.5},"setY":{"y":-2}}
	// {"setX":{"x":15},"setY":{"y":-20}}
}

func ExampleField_Text() {
	f := field("Doll", "setItems")
	packed, err := f.ParseText(`([{1, "hat"}, {id = 2, label = "bag"}])`, dc.Scaled)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := f.Text(packed, dc.TextStyle{Names: true})
	fmt.Println(text)
	// Output:
	// (items = [{id = 1, label = "hat"}, {id = 2, label = "bag"}])
}

func ExampleField_DefaultPacked() {
	for _, name := range []string{"setName", "setX", "health"} {
		f := field("Doll", name)
		fmt.Printf("%s %x %v\n", name, f.DefaultPacked(), f.HasExplicitDefault())
	}
	// Output:
	// setName 0300546f79 true
	// setX 0000 false
	// health 32 true
}

func ExampleFormat() {
	files, err := dc.Format([]dc.Source{{Name: "toy.dc", Text: "// Toys.\ndclass Toy{setX(int16/10 x)ram db;// where\n}"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(files[0].Text)
	// Output:
	// // Toys.
	// dclass Toy {
	//   setX(int16 / 10 x) ram db;  // where
	// };
}
