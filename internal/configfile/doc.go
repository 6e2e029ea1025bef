// Package configfile reads a configuration in YAML into structs, checks it, and
// describes it. It knows no section: the packages that do the work own their options,
// and tags on the fields say what the file has for them:
//
//	type Options struct {
//		Bind    string        `key:"bind" is:"listen" port:"7199" doc:"Where clients connect."`
//		Timeout time.Duration `key:"limits.timeout,ours" default:"10s" max:"1h" doc:"How long a client may take."`
//	}
//
//	file, err := configfile.Load("astrond.yml", &options)
//
// # Tags
//
//	key:"name"       the key; a name with dots lies in a section that has no struct of its
//	                 own. Flags follow after commas: required; ours, what Astron does not
//	                 have; optional, a struct that is zero where the file leaves it out;
//	                 inline, a struct whose keys belong to the section around it
//	doc:"Effect."    what the key does, for docs/configuration.md; on _ struct{}, of a section
//	default:"10s"    what holds when the file leaves the key out, as it would write it
//	is:"kind"        how a text is read, where the type does not say: filled, word, path,
//	                 pattern, file, file or folder, secret file, secret, url, listen,
//	                 connect; of a number size, of a bool not, of a duration milliseconds
//	min:, max:       limits of numbers, sizes and durations; orzero:, the least but 0
//	choices:"a b"    one of these words; in a bool or a number, its place among them
//	port:"7199"      the port of an address that names none; over:"udp"; or:"none"
//	schemes:"nats"   of a url
//	each:"listener"  what an element of a list is, in messages; halves:"min max"
//	short:"field"    an element that is a single value stands for a section with this key
//	alone:"…"        the value must not stand twice; what to do about it
//	refuse:"…"       why a switch cannot be on
//	but:"…"          another constraint, which the section checks itself: see [Checker]
//	called:, unset:  what the value is called, how its zero value is shown
//	was:"old" now:"" names that it had in older releases of Astron, and what to write now
//	type:"name"      a field of a union: the key type of the section chooses it; one of type
//	                 *Other, without a tag, is for kinds that the program adds ([Kind])
//
// A pointer to a struct is a section that may be left out, a slice is a list, and a
// field named _ is a key that is read for the sake of old files.
//
// # Faults
//
// Reading is strict. An unknown key, a value of the wrong kind or two listeners on one
// address is a [Fault], which names its file, line and column, the dotted path of the
// key, what is wrong and what would be right. One reading finds them all, in the order of
// the file. What is found out later is told in the same form: [File.Fault] makes a fault
// at the place of a key.
//
// # Hostile input
//
// Any bytes may be given to Parse. Size, nesting, line length, the number of tokens and
// what aliases expand to are limited before the YAML parser could suffer from them, so it
// answers in bounded time and memory, and it never panics. Passwords are masked in faults
// and in [File.Settings], and so are the user and password of URLs.
package configfile
